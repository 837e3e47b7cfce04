package dynamo

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"time"

	"github.com/serverless-relay/relay/providers/watchlist"
)

// entriesSort is the sort key of the items that hold entries.
const entriesSort = "entries"

// What an item may be large, in bytes, and its partition key. DynamoDB's limits
// are 400 KB and 2,048 bytes; the rest is for names and the like.
const (
	maxItem      = 400_000
	maxPartition = 2048
)

// emptyKept is how long TTL leaves an item without entries. It says who took
// them off, so that this is counted also where that process died.
const emptyKept = 90 * 24 * time.Hour

// record is the item with the entries under a key.
type record struct {
	at      place
	entries []watchlist.Entry
	// version is the ID of the batch that wrote it last; empty where there is
	// no item.
	version string
	// pending is what that batch has to count because of it, nil for nothing.
	pending *batch
}

// recordPlace is where the entries under a key lie. The value of a long key is
// hashed; the entries hold it in full.
func recordPlace(key watchlist.Key) place {
	partition := string(key.Kind) + "#" + key.Value
	if len(partition) > maxPartition {
		sum := sha256.Sum256([]byte(key.Value))
		partition = string(key.Kind) + ":sha256#" + hex.EncodeToString(sum[:])
	}
	return place{partition, entriesSort}
}

// readRecord reads an item, or makes an empty record of none.
func readRecord(at place, i item) (record, error) {
	r := record{at: at, version: textOf(i, versionName)}
	if i[pendingName] != nil {
		r.pending = new(batch)
		if err := jsonOf(i, pendingName, r.pending); err != nil {
			return r, err
		}
	}
	var err error
	r.entries, err = readEntries(i)
	return r, err
}

// readEntries reads the entries of an item; nil where there are none.
func readEntries(i item) ([]watchlist.Entry, error) {
	var entries []watchlist.Entry
	if err := jsonOf(i, entriesName, &entries); err != nil || len(entries) == 0 {
		return nil, err
	}
	return entries, nil
}

// item is the record as it is stored.
func (r record) item() (item, error) {
	if r.entries == nil {
		r.entries = []watchlist.Entry{}
	}
	entries, err := json.Marshal(r.entries)
	if err != nil {
		return nil, err
	}
	i := r.at.key()
	i[versionName] = text(r.version)
	i[entriesName] = text(string(entries))
	size := len(r.at.partition) + len(entries)
	if r.pending != nil {
		pending, err := json.Marshal(r.pending)
		if err != nil {
			return nil, err
		}
		i[pendingName] = text(string(pending))
		size += len(pending)
	}
	if expires := r.expires(); !expires.IsZero() {
		i[expiresName] = number(expires.Unix())
	}
	if size > maxItem {
		return nil, fmt.Errorf("%w: with all that is said about it, it would take %d bytes of the %d that there is room for: remove what some sources say about it", watchlist.ErrFull, size, maxItem)
	}
	return i, nil
}

// expires is when nothing in the record counts any more; zero for never.
func (r record) expires() time.Time {
	if len(r.entries) == 0 {
		return time.Now().Add(emptyKept)
	}
	var last time.Time
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
