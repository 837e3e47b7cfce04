package bolt

import (
	"context"
	"encoding/json"
	"errors"

	"go.etcd.io/bbolt"

	"github.com/serverless-relay/relay/providers/watchlist/entry"
)

// writer changes entries in one transaction, and counts what it changes.
type writer struct {
	tx      *bbolt.Tx
	entries *bbolt.Bucket
	counts  entry.Counts
	changed bool
	buffer  []byte
	// There are no entries between the keys last and next. If isEnd is true, there are
	// none after last.
	last, next string
	isEnd      bool
}

// errUnchanged ends a transaction that has nothing to write. A commit would change the
// file anyway.
var errUnchanged = errors.New("nothing to write")

// write calls do in a transaction, which stores everything or nothing.
func (s *Store) write(ctx context.Context, do func(*writer) error) error {
	err := s.use(ctx, func(f *file) error {
		return f.update(func(tx *bbolt.Tx) error {
			w := &writer{tx: tx, entries: tx.Bucket([]byte(entriesBucket)), counts: entry.Counts{}}
			w.entries.FillPercent = 0.95 // an import stores keys in order, and rarely adds to a page again
			if err := do(w); err != nil {
				return err
			}
			if !w.changed {
				return errUnchanged
			}
			return w.count()
		})
	})
	if errors.Is(err, errUnchanged) {
		return nil
	}
	return err
}

// get returns the entries under a key. It doesn't search for a key if the last search
// has shown that it isn't there.
func (w *writer) get(key string) ([]entry.Entry, error) {
	isGap := w.last < key && (w.isEnd || key < w.next)
	w.last = key
	if isGap {
		return nil, nil
	}
	next, value := w.entries.Cursor().Seek([]byte(key))
	w.next, w.isEnd = string(next), next == nil
	if w.next != key {
		return nil, nil
	}
	content, err := unseal(entriesBucket, next, value)
	if err != nil {
		return nil, err
	}
	return decode(key, content)
}

// replace stores the entries under a key instead of those before.
func (w *writer) replace(key string, before, after []entry.Entry) error {
	w.changed = true
	w.counts.Replace(before, after)
	if len(after) == 0 {
		return w.entries.Delete([]byte(key))
	}
	w.buffer = entry.AppendBinary(w.buffer[:0], key, after...)
	return put(w.tx, entriesBucket, key, w.buffer)
}

// record adds a change to the history, unless its ID is there already.
func (w *writer) record(line entry.Change) error {
	there, err := get(w.tx, historyBucket, line.ID)
	if err != nil || there != nil {
		return err
	}
	content, err := json.Marshal(line)
	if err != nil {
		return err
	}
	w.changed = true
	return put(w.tx, historyBucket, line.ID, content)
}

// count updates the counters.
func (w *writer) count() error {
	for counter, n := range w.counts {
		key := counter.String()
		content, err := get(w.tx, countsBucket, key)
		if err != nil {
			return err
		}
		if n += int(parseNumber(content)); n > 0 {
			err = put(w.tx, countsBucket, key, number(uint64(n)))
		} else {
			err = w.tx.Bucket([]byte(countsBucket)).Delete([]byte(key))
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// get returns the content under a key, or nil.
func get(tx *bbolt.Tx, bucket, key string) ([]byte, error) {
	value := tx.Bucket([]byte(bucket)).Get([]byte(key))
	if value == nil {
		return nil, nil
	}
	return unseal(bucket, []byte(key), value)
}

// put stores content under a key.
func put(tx *bbolt.Tx, bucket, key string, content []byte) error {
	return tx.Bucket([]byte(bucket)).Put([]byte(key), seal(bucket, []byte(key), content))
}
