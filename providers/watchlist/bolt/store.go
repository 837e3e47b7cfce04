package bolt

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"slices"
	"syscall"

	"go.etcd.io/bbolt"
	bolterrors "go.etcd.io/bbolt/errors"

	"github.com/serverless-relay/relay/providers/watchlist"
)

// Get implements watchlist.Store.
func (s *Store) Get(ctx context.Context, keys []watchlist.Key) ([][]watchlist.Entry, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	found := make([][]watchlist.Entry, len(keys))
	err := s.view(func(tx *bbolt.Tx) error {
		var kind watchlist.Kind
		var bucket *bbolt.Bucket
		for i, key := range keys {
			if i == 0 || key.Kind != kind {
				kind, bucket = key.Kind, tx.Bucket(entriesBucket).Bucket([]byte(key.Kind))
			}
			if bucket == nil {
				continue
			}
			entries, err := decode(bucket.Get([]byte(key.Value)))
			if err != nil {
				return err
			}
			found[i] = entries
		}
		return nil
	})
	return found, err
}

// Put implements watchlist.Store: all entries are stored, or none.
func (s *Store) Put(ctx context.Context, entries []watchlist.Entry) (watchlist.PutResult, error) {
	order := make([]position, len(entries))
	for i := range entries {
		order[i] = position{entries[i].Key(), i}
	}
	slices.SortFunc(order, position.compare) // pages are written once, in order

	var total watchlist.PutResult
	err := s.edit(func(w *writer) error {
		for rest := order; len(rest) > 0; {
			if err := ctx.Err(); err != nil {
				return err
			}
			var same []watchlist.Entry
			key := rest[0].key
			for len(rest) > 0 && rest[0].key == key {
				same, rest = append(same, entries[rest[0].at]), rest[1:]
			}
			var result watchlist.PutResult
			err := w.replace(key, func(before []watchlist.Entry) (after []watchlist.Entry, changed bool, err error) {
				after, result = watchlist.Place(before, same)
				return after, result.Added+result.Updated > 0, nil
			})
			if err != nil {
				return err
			}
			total = total.Plus(result)
		}
		return nil
	})
	if err != nil {
		return watchlist.PutResult{}, err
	}
	return total, nil
}

// position is where an entry with that key stands among those to be put.
type position struct {
	key watchlist.Key
	at  int
}

func (p position) compare(other position) int {
	if c := cmp.Compare(p.key.Kind, other.key.Kind); c != 0 {
		return c
	}
	if c := cmp.Compare(p.key.Value, other.key.Value); c != 0 {
		return c
	}
	return p.at - other.at
}

// Remove implements watchlist.Store: all are removed, or none.
func (s *Store) Remove(ctx context.Context, keys []watchlist.Key, remove func(watchlist.Entry) bool) ([]watchlist.Entry, error) {
	var removed []watchlist.Entry
	err := s.edit(func(w *writer) error {
		for _, key := range keys {
			if err := ctx.Err(); err != nil {
				return err
			}
			err := w.replace(key, func(before []watchlist.Entry) (kept []watchlist.Entry, changed bool, err error) {
				for _, e := range before {
					if remove(e) {
						removed = append(removed, e)
					} else {
						kept = append(kept, e)
					}
				}
				return kept, len(kept) < len(before), nil
			})
			if err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return removed, nil
}

// Change implements watchlist.Store.
func (s *Store) Change(ctx context.Context, key watchlist.Key, by watchlist.Note, edit func([]watchlist.Entry) ([]watchlist.Entry, error)) (done bool, err error) {
	if err := ctx.Err(); err != nil {
		return false, err
	}
	err = s.edit(func(w *writer) error {
		var line watchlist.Change
		err := w.replace(key, func(before []watchlist.Entry) (after []watchlist.Entry, changed bool, err error) {
			after, line, done, err = watchlist.Apply(by, before, edit)
			return after, done, err
		})
		if err != nil || !done {
			return err
		}
		return w.record(line)
	})
	return done && err == nil, err
}

// errEnough ends a transaction whose caller wants no more.
var errEnough = errors.New("the caller has enough")

// All implements watchlist.Store: by kind and value. The entries are those of the moment at which
// the iteration began; writers don't wait for it.
func (s *Store) All(ctx context.Context) iter.Seq2[watchlist.Entry, error] {
	return func(yield func(watchlist.Entry, error) bool) {
		err := s.view(func(tx *bbolt.Tx) error {
			kinds := tx.Bucket(entriesBucket)
			return kinds.ForEachBucket(func(kind []byte) error {
				return kinds.Bucket(kind).ForEach(func(_, raw []byte) error {
					if err := ctx.Err(); err != nil {
						return err
					}
					entries, err := decode(raw)
					if err != nil {
						return err
					}
					for _, e := range entries {
						if !yield(e, nil) {
							return errEnough
						}
					}
					return nil
				})
			})
		})
		if err != nil && !errors.Is(err, errEnough) {
			yield(watchlist.Entry{}, err)
		}
	}
}

// Close implements watchlist.Store.
func (s *Store) Close() error { return s.db.Close() }

// decode reads the entries under a key; none where there is no value.
func decode(raw []byte) ([]watchlist.Entry, error) {
	if raw == nil {
		return nil, nil
	}
	var entries []watchlist.Entry
	if err := json.Unmarshal(raw, &entries); err != nil {
		return nil, fmt.Errorf("%w: an entry can't be read: %w", watchlist.ErrDamaged, err)
	}
	return entries, nil
}

// write stores the entries under a key, or nothing where none are left.
func write(bucket *bbolt.Bucket, key watchlist.Key, entries []watchlist.Entry) error {
	if len(entries) == 0 {
		return bucket.Delete([]byte(key.Value))
	}
	raw, err := json.Marshal(entries)
	if err != nil {
		return err
	}
	return bucket.Put([]byte(key.Value), raw)
}

// view and update run a transaction and name the file in what goes wrong.
func (s *Store) view(do func(*bbolt.Tx) error) error { return run(s.path, s.db.View, do) }

func (s *Store) update(do func(*bbolt.Tx) error) error {
	err := run(s.path, s.db.Update, do)
	switch {
	case errors.Is(err, bolterrors.ErrDatabaseReadOnly):
		return fmt.Errorf("%s: %w", s.path, watchlist.ErrReadOnly)
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EFBIG):
		return fmt.Errorf("%w: make room on its disk: %w", watchlist.ErrFull, err)
	default:
		return err
	}
}

func run(path string, transaction func(func(*bbolt.Tx) error) error, do func(*bbolt.Tx) error) error {
	return carefully(path, func() error {
		if err := transaction(do); err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
		return nil
	})
}
