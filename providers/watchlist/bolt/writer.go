package bolt

import (
	"errors"

	"go.etcd.io/bbolt"

	"github.com/serverless-relay/relay/providers/watchlist"
)

// writer changes entries in one transaction, and counts what it changes.
type writer struct {
	tx      *bbolt.Tx
	tally   watchlist.Tally
	changed bool
}

// errUnchanged ends a transaction that has nothing to write: a commit would
// change the file all the same.
var errUnchanged = errors.New("nothing to write")

// edit runs a transaction that changes entries.
func (s *Store) edit(do func(*writer) error) error {
	err := s.update(func(tx *bbolt.Tx) error {
		w := &writer{tx: tx, tally: watchlist.Tally{}}
		if err := do(w); err != nil {
			return err
		}
		if !w.changed {
			return errUnchanged
		}
		return count(tx, w.tally)
	})
	if errors.Is(err, errUnchanged) {
		return nil
	}
	return err
}

// replace makes of the entries under a key those that edit returns, if it says
// that they are others.
func (w *writer) replace(key watchlist.Key, edit func([]watchlist.Entry) (after []watchlist.Entry, changed bool, err error)) error {
	bucket, err := w.tx.Bucket(entriesBucket).CreateBucketIfNotExists([]byte(key.Kind))
	if err != nil {
		return err
	}
	before, err := decode(bucket.Get([]byte(key.Value)))
	if err != nil {
		return err
	}
	after, changed, err := edit(before)
	if err != nil || !changed {
		return err
	}
	w.changed = true
	w.tally.Replace(before, after)
	return write(bucket, key, after)
}

// record adds a line to the history.
func (w *writer) record(line watchlist.Change) error {
	w.changed = true
	return writeLine(w.tx, line)
}
