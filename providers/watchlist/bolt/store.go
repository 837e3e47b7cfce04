package bolt

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"slices"
	"time"

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

// errUnchanged ends a transaction that has nothing to write: a commit would
// change the file all the same.
var errUnchanged = errors.New("nothing to write")

// Put implements watchlist.Store.
func (s *Store) Put(ctx context.Context, entries []watchlist.Entry) (watchlist.PutResult, error) {
	now := time.Now().UTC().Truncate(time.Millisecond)
	order := make([]position, len(entries))
	for i := range entries {
		order[i] = position{entries[i].Key(), i}
	}
	slices.SortFunc(order, position.compare) // pages are written once, in order

	var total watchlist.PutResult
	err := s.update(func(tx *bbolt.Tx) error {
		for rest := order; len(rest) > 0; {
			if err := ctx.Err(); err != nil {
				return err
			}
			var same []watchlist.Entry
			key := rest[0].key
			for len(rest) > 0 && rest[0].key == key {
				e := entries[rest[0].at]
				if e.Added.IsZero() {
					e.Added = now
				}
				same, rest = append(same, e), rest[1:]
			}
			result, err := put(tx, key, same)
			if err != nil {
				return err
			}
			total = total.Plus(result)
		}
		if total.Added+total.Updated == 0 {
			return errUnchanged
		}
		return addToCount(tx, total.Added)
	})
	if err != nil && !errors.Is(err, errUnchanged) {
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

// put places entries that share a key among those already there.
func put(tx *bbolt.Tx, key watchlist.Key, more []watchlist.Entry) (watchlist.PutResult, error) {
	var total watchlist.PutResult
	bucket, err := tx.Bucket(entriesBucket).CreateBucketIfNotExists([]byte(key.Kind))
	if err != nil {
		return total, err
	}
	all, err := decode(bucket.Get([]byte(key.Value)))
	if err != nil {
		return total, err
	}
	all, total = watchlist.Place(all, more)
	if total.Added+total.Updated == 0 {
		return total, nil
	}
	return total, write(bucket, key, all)
}

// Remove implements watchlist.Store.
func (s *Store) Remove(ctx context.Context, keys []watchlist.Key, remove func(watchlist.Entry) bool) ([]watchlist.Entry, error) {
	var removed []watchlist.Entry
	err := s.update(func(tx *bbolt.Tx) error {
		for _, key := range keys {
			if err := ctx.Err(); err != nil {
				return err
			}
			bucket := tx.Bucket(entriesBucket).Bucket([]byte(key.Kind))
			if bucket == nil {
				continue
			}
			all, err := decode(bucket.Get([]byte(key.Value)))
			if err != nil {
				return err
			}
			kept := slices.DeleteFunc(slices.Clone(all), remove)
			if len(kept) == len(all) {
				continue
			}
			for _, e := range all {
				if remove(e) {
					removed = append(removed, e)
				}
			}
			if err := write(bucket, key, kept); err != nil {
				return err
			}
		}
		return addToCount(tx, -len(removed))
	})
	if err != nil {
		return nil, err
	}
	return removed, nil
}

// All implements watchlist.Store. The entries are those of the moment at which
// the iteration began; writers don't wait for it.
func (s *Store) All(ctx context.Context) iter.Seq2[watchlist.Entry, error] {
	return func(yield func(watchlist.Entry, error) bool) {
		stopped := errors.New("the caller has enough")
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
							return stopped
						}
					}
					return nil
				})
			})
		})
		if err != nil && !errors.Is(err, stopped) {
			yield(watchlist.Entry{}, err)
		}
	}
}

// Count implements watchlist.Store.
func (s *Store) Count(ctx context.Context) (int, error) {
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	var n uint64
	err := s.view(func(tx *bbolt.Tx) error {
		n = readNumber(tx.Bucket(metaBucket), countKey)
		return nil
	})
	return int(n), err
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

func addToCount(tx *bbolt.Tx, n int) error {
	if n == 0 {
		return nil
	}
	meta := tx.Bucket(metaBucket)
	return writeNumber(meta, countKey, uint64(max(0, int(readNumber(meta, countKey))+n)))
}

// view and update run a transaction and name the file in what goes wrong.
func (s *Store) view(do func(*bbolt.Tx) error) error { return run(s.path, s.db.View, do) }

func (s *Store) update(do func(*bbolt.Tx) error) error {
	err := run(s.path, s.db.Update, do)
	if errors.Is(err, bolterrors.ErrDatabaseReadOnly) {
		return fmt.Errorf("%s: %w", s.path, watchlist.ErrReadOnly)
	}
	return err
}

func run(path string, transaction func(func(*bbolt.Tx) error) error, do func(*bbolt.Tx) error) error {
	return carefully(path, func() error {
		if err := transaction(do); err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
		return nil
	})
}
