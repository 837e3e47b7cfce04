package dynamo

import (
	"cmp"
	"encoding/json"
	"fmt"
	"strconv"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/serverless-relay/relay/providers/watchlist"
)

// item is what the table has at a place.
type item = map[string]types.AttributeValue

// place is an item's key.
type place struct{ partition, sort string }

// The attributes of items. Counters have one more for each type and
// disposition.
const (
	partitionKey = "pk"
	sortKey      = "sk"
	entriesName  = "entries" // JSON
	versionName  = "version" // the ID of the batch that wrote the item
	pendingName  = "pending" // a batch in JSON
	expiresName  = "expires" // in epoch seconds, for TTL
	stateName    = "state"
	sequenceName = "seq"
	lineName     = "line" // a watchlist.Change in JSON
)

// key is the place as an item's key attributes.
func (p place) key() item {
	return item{partitionKey: text(p.partition), sortKey: text(p.sort)}
}

// placeOf is where an item lies.
func placeOf(i item) place { return place{textOf(i, partitionKey), textOf(i, sortKey)} }

func text(s string) types.AttributeValue { return &types.AttributeValueMemberS{Value: s} }

func number(n int64) types.AttributeValue {
	return &types.AttributeValueMemberN{Value: strconv.FormatInt(n, 10)}
}

// textOf is an attribute's text; empty where there is none.
func textOf(i item, name string) string {
	if s, ok := i[name].(*types.AttributeValueMemberS); ok {
		return s.Value
	}
	return ""
}

// numberOf is an attribute's number; zero where there is none.
func numberOf(i item, name string) (int64, error) {
	n, ok := i[name].(*types.AttributeValueMemberN)
	if !ok {
		return 0, nil
	}
	value, err := strconv.ParseInt(n.Value, 10, 64)
	if err != nil {
		return 0, damaged(i, name, err)
	}
	return value, nil
}

// jsonOf reads an attribute that holds JSON, if it is there.
func jsonOf(i item, name string, into any) error {
	raw := textOf(i, name)
	if raw == "" {
		return nil
	}
	if err := json.Unmarshal([]byte(raw), into); err != nil {
		return damaged(i, name, err)
	}
	return nil
}

func damaged(i item, name string, err error) error {
	at := placeOf(i)
	return fmt.Errorf("%w: the attribute %s of the item %q, %q can't be read: %w", watchlist.ErrDamaged, name, at.partition, at.sort, err)
}

func comparePlaces(a, b place) int {
	return cmp.Or(cmp.Compare(a.partition, b.partition), cmp.Compare(a.sort, b.sort))
}
