package dynamo

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/serverless-relay/relay/providers/watchlist/entry"
)

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
