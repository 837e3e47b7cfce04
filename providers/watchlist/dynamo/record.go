package dynamo

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"time"

	"github.com/serverless-relay/relay/providers/watchlist/entry"
)

// entriesSort is the sort key of records.
const entriesSort = "entries"

// The largest size of an item and of a partition key in bytes. DynamoDB's limits
// are 400 KB and 2,048 bytes; the rest is for names and the like.
const (
	maxItem      = 400_000
	maxPartition = 2048
)

// record is the item with the entries under a key.
type record struct {
	at      place
	entries []entry.Entry
	version string // empty: there is no item
}

// recordPlace returns the place of the entries under a key. The value of a long
// key is hashed; the entries have it in full.
func recordPlace(key entry.Key) place {
	partition := string(key.Kind) + "#" + key.Value
	if len(partition) > maxPartition {
		sum := sha256.Sum256([]byte(key.Value))
		partition = string(key.Kind) + ":sha256#" + hex.EncodeToString(sum[:])
	}
	return place{partition, entriesSort}
}

// readRecord reads an item, or returns an empty record if i is nil.
func readRecord(at place, i item) (r record, err error) {
	r.at = at
	if i == nil {
		return r, nil
	}
	if r.version, err = textOf(i, versionName); err != nil {
		return r, err
	}
	r.entries, err = readEntries(i)
	return r, err
}

// readEntries returns the entries of a record.
func readEntries(i item) (entries []entry.Entry, err error) {
	return entries, jsonOf(i, entriesName, &entries)
}

// item returns the record as it is stored, and its size in bytes. There are
// entries in it.
func (r record) item() (i item, size int, err error) {
	entries, err := json.Marshal(r.entries)
	if err != nil {
		return nil, 0, err
	}
	size = len(r.at.partition) + len(entries)
	if size > maxItem {
		return nil, 0, fmt.Errorf("%w: with all entries of its sources it would take %d bytes, and there is room for %d: remove those of some sources", entry.ErrFull, size, maxItem)
	}
	i = r.at.key()
	i[versionName], i[entriesName] = text(rand.Text()), text(string(entries))
	if expires := r.expires(); !expires.IsZero() {
		i[expiresName] = number(expires.Unix())
	}
	return i, size, nil
}

// expires returns when the last entry ends, and zero for never.
func (r record) expires() (last time.Time) {
	for _, e := range r.entries {
		if e.ValidUntil.IsZero() {
			return time.Time{}
		}
		if e.ValidUntil.After(last) {
			last = e.ValidUntil
		}
	}
	return last
}
