package dynamo

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/serverless-relay/relay/providers/watchlist/entry"
)

// item is an item of the table.
type item = map[string]types.AttributeValue

// place is an item's key.
type place struct{ partition, sort string }

// The attributes of items. Counters are attributes with other names.
const (
	partitionKey = "pk"
	sortKey      = "sk"
	entriesName  = "entries" // JSON
	versionName  = "version" // a random text, another one after each change
	expiresName  = "expires" // in epoch seconds, for TTL
	lineName     = "line"    // a entry.Change in JSON
)

// key returns the place as an item's key attributes.
func (p place) key() item {
	return item{partitionKey: text(p.partition), sortKey: text(p.sort)}
}

// placeOf returns an item's key. DynamoDB lets nothing but texts be in it.
func placeOf(i item) place {
	partition, _ := i[partitionKey].(*types.AttributeValueMemberS)
	sort, _ := i[sortKey].(*types.AttributeValueMemberS)
	if partition == nil || sort == nil {
		return place{}
	}
	return place{partition.Value, sort.Value}
}

func text(s string) types.AttributeValue { return &types.AttributeValueMemberS{Value: s} }

func number(n int64) types.AttributeValue {
	return &types.AttributeValueMemberN{Value: strconv.FormatInt(n, 10)}
}

// textOf returns the text of an attribute that the item must have.
func textOf(i item, name string) (string, error) {
	s, ok := i[name].(*types.AttributeValueMemberS)
	if !ok {
		return "", damaged(i, name, errNoText)
	}
	return s.Value, nil
}

// numberOf returns the number of an attribute that the item must have.
func numberOf(i item, name string) (int64, error) {
	n, ok := i[name].(*types.AttributeValueMemberN)
	if !ok {
		return 0, damaged(i, name, errNoNumber)
	}
	value, err := strconv.ParseInt(n.Value, 10, 64)
	if err != nil {
		return 0, damaged(i, name, err)
	}
	return value, nil
}

// jsonOf parses the JSON of an attribute that the item must have.
func jsonOf(i item, name string, into any) error {
	raw, err := textOf(i, name)
	if err != nil {
		return err
	}
	if err := json.Unmarshal([]byte(raw), into); err != nil {
		return damaged(i, name, err)
	}
	return nil
}

var (
	errNoText   = errors.New("it is missing or not a text")
	errNoNumber = errors.New("it is missing or not a number")
)

func damaged(i item, name string, err error) error {
	at := placeOf(i)
	return fmt.Errorf("%w: the attribute %s of the item %q, %q can't be read: %w", entry.ErrDamaged, name, at.partition, at.sort, err)
}

func comparePlaces(a, b place) int {
	return cmp.Or(cmp.Compare(a.partition, b.partition), cmp.Compare(a.sort, b.sort))
}
