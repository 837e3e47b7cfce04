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

// The attributes of items, other than counters. No name is one of DynamoDB's reserved
// words, so expressions contain them as they are.
const (
	partitionKey = "pk"
	sortKey      = "sk"
	entriesName  = "entries" // JSON
	versionName  = "version" // a random text, which differs after each change
	expiresName  = "expires" // for TTL, in seconds since 1970
	lineName     = "line"    // an entry.Change in JSON
)

// key returns the place as an item's key attributes.
func (p place) key() item {
	return item{partitionKey: text(p.partition), sortKey: text(p.sort)}
}

func (p place) compare(other place) int {
	return cmp.Or(cmp.Compare(p.partition, other.partition), cmp.Compare(p.sort, other.sort))
}

// placeOf returns an item's key. DynamoDB stores only texts in it.
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

// textOf returns an attribute, which must be a text.
func textOf(i item, name string) (string, error) {
	s, ok := i[name].(*types.AttributeValueMemberS)
	if !ok {
		return "", damaged(i, name, errors.New("it is missing or not a text"))
	}
	return s.Value, nil
}

// numberOf returns an attribute, which must be an integer.
func numberOf(i item, name string) (int64, error) {
	n, ok := i[name].(*types.AttributeValueMemberN)
	if !ok {
		return 0, damaged(i, name, errors.New("it is missing or not a number"))
	}
	value, err := strconv.ParseInt(n.Value, 10, 64)
	if err != nil {
		return 0, damaged(i, name, err)
	}
	return value, nil
}

// jsonOf parses the JSON in an attribute.
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

func damaged(i item, name string, err error) error {
	at := placeOf(i)
	return fmt.Errorf("%w: the attribute %s of the item %q, %q can't be read: %w", entry.ErrDamaged, name, at.partition, at.sort, err)
}
