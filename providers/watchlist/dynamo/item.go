package dynamo

import (
	"cmp"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
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

// entriesSort is the sort key of records.
const entriesSort = "entries"

// The largest size of an item and of a partition key in bytes. DynamoDB's limits are
// 409,600 and 2,048 bytes: an item needs some of them for names.
const (
	maxItem      = 400_000
	maxPartition = 2048
)

// recordPlace returns the place of the entries under a key. The value of a long key is
// hashed: the entries contain it in full.
func recordPlace(key entry.Key) place {
	partition := string(key.Kind) + "#" + key.Value
	if len(partition) > maxPartition {
		sum := sha256.Sum256([]byte(key.Value))
		partition = string(key.Kind) + ":sha256#" + hex.EncodeToString(sum[:])
	}
	return place{partition, entriesSort}
}

// readEntries returns the entries of a record.
func readEntries(i item) (entries []entry.Entry, err error) {
	return entries, jsonOf(i, entriesName, &entries)
}

// recordItem returns entries as an item, and its size in bytes.
func recordItem(at place, entries []entry.Entry) (i item, size int, err error) {
	raw, err := json.Marshal(entries)
	if err != nil {
		return nil, 0, err
	}
	size = len(at.partition) + len(raw)
	if size > maxItem {
		return nil, 0, fmt.Errorf("%w: with all entries of its sources it would take %d bytes, and there is room for %d: remove those of some sources", entry.ErrFull, size, maxItem)
	}
	i = at.key()
	i[versionName], i[entriesName] = text(rand.Text()), text(string(raw))
	if !slices.ContainsFunc(entries, func(e entry.Entry) bool { return e.ValidUntil.IsZero() }) {
		last := slices.MaxFunc(entries, func(a, b entry.Entry) int { return a.ValidUntil.Compare(b.ValidUntil) })
		i[expiresName] = number(last.ValidUntil.Unix())
	}
	return i, size, nil
}

// historyPartition contains the lines of the history by their IDs, which sort by time.
const historyPartition = "history"

// lineItem returns a line as an item, and its size in bytes.
func lineItem(line entry.Change) (i item, size int, err error) {
	raw, err := json.Marshal(line)
	if err != nil {
		return nil, 0, err
	}
	if len(raw) > maxItem {
		return nil, 0, fmt.Errorf("%w: the line %s of the history would take %d bytes, and there is room for %d", entry.ErrFull, line.ID, len(raw), maxItem)
	}
	i = place{historyPartition, line.ID}.key()
	i[lineName] = text(string(raw))
	return i, len(raw), nil
}
