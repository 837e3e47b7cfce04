package bolt

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"os"
	"slices"
	"strings"
	"sync"

	"go.etcd.io/bbolt"

	"github.com/serverless-relay/relay/providers/watchlist/entry"
)

// Store is a watchlist in a file.
type Store struct {
	path     string
	readOnly bool

	mu     sync.Mutex
	file   *file // nil: it must be opened
	closed bool
}

var _ entry.Store = (*Store)(nil)

// current returns the open file. If the file was replaced, it opens the new one.
func (s *Store) current() (*file, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return nil, fmt.Errorf("%s: %w", s.path, os.ErrClosed)
	}
	if s.file != nil {
		if s.file.current(s.path) {
			return s.file, nil
		}
		go func(old *file) { _ = old.close() }(s.file) // it waits for those who are reading
		s.file = nil
	}
	opened, err := openFile(s.path, s.readOnly)
	if errors.Is(err, fs.ErrNotExist) {
		err = fmt.Errorf("%w: the file was removed: put it back, or restart to begin a new one", entry.ErrMissing)
	}
	if err != nil {
		return nil, s.explain(err)
	}
	s.file = opened
	return opened, nil
}

// view calls do with the file as the last transaction has left it.
func (s *Store) view(do func(*tree) error) error {
	return s.use(func(f *file) error { return f.view(do) })
}

// update calls do with a transaction and commits it, unless do returns an error.
func (s *Store) update(do func(*bbolt.Tx) error) error {
	return s.use(func(f *file) error { return f.update(do) })
}

// use calls do with the open file, and again with the new one if it was replaced.
func (s *Store) use(do func(*file) error) error {
	for {
		f, err := s.current()
		if err != nil {
			return err
		}
		if err := do(f); !errors.Is(err, errReplaced) {
			return s.explain(err)
		}
	}
}

// explain adds the path to an error, and what to do about damage.
func (s *Store) explain(err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, entry.ErrDamaged):
		return fmt.Errorf("%s: %w: restore it from a copy, or delete it and import your lists again", s.path, err)
	default:
		return fmt.Errorf("%s: %w", s.path, err)
	}
}

// Close implements entry.Store. It waits for requests to end.
func (s *Store) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closed = true
	if s.file == nil {
		return nil
	}
	f := s.file
	s.file = nil
	return f.close()
}

// Get implements entry.Store.
func (s *Store) Get(ctx context.Context, keys []entry.Key) ([][]entry.Entry, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	wanted := make([]string, len(keys))
	for i, key := range keys {
		wanted[i] = key.Text()
	}
	found := make([][]entry.Entry, len(keys))
	err := s.view(func(t *tree) error {
		return t.get(entriesBucket, wanted, func(i int, content []byte) (err error) {
			found[i], err = decode(wanted[i], content)
			return err
		})
	})
	return found, err
}

// Put implements entry.Store. It stores all entries or none.
func (s *Store) Put(ctx context.Context, entries []entry.Entry) (entry.PutResult, error) {
	order := make([]position, len(entries))
	for i := range entries {
		order[i] = position{entries[i].Key().Text(), i}
	}
	slices.SortFunc(order, position.compare) // pages are written once, in order

	var total entry.PutResult
	err := s.edit(func(w *writer) error {
		total = entry.PutResult{}
		for rest := order; len(rest) > 0; {
			if err := ctx.Err(); err != nil {
				return err
			}
			var same []entry.Entry
			key := rest[0].key
			for len(rest) > 0 && rest[0].key == key {
				same, rest = append(same, entries[rest[0].at]), rest[1:]
			}
			var result entry.PutResult
			err := w.replace(key, func(before []entry.Entry) (after []entry.Entry, changed bool, err error) {
				after, result = entry.Merge(before, same)
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
		return entry.PutResult{}, err
	}
	return total, nil
}

// position is the key of an entry and its place among those to be put.
type position struct {
	key string
	at  int
}

func (p position) compare(other position) int {
	return cmp.Or(strings.Compare(p.key, other.key), p.at-other.at)
}

// Remove implements entry.Store. It removes all or none.
func (s *Store) Remove(ctx context.Context, keys []entry.Key, remove func(entry.Entry) bool) ([]entry.Entry, error) {
	var removed []entry.Entry
	err := s.edit(func(w *writer) error {
		removed = nil
		for _, key := range keys {
			if err := ctx.Err(); err != nil {
				return err
			}
			err := w.replace(key.Text(), func(before []entry.Entry) (kept []entry.Entry, changed bool, err error) {
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

// Change implements entry.Store.
func (s *Store) Change(ctx context.Context, key entry.Key, by entry.Note, edit func([]entry.Entry) ([]entry.Entry, error)) (done bool, err error) {
	if err := ctx.Err(); err != nil {
		return false, err
	}
	err = s.edit(func(w *writer) error {
		var line entry.Change
		err := w.replace(key.Text(), func(before []entry.Entry) (after []entry.Entry, changed bool, err error) {
			after, line, done, err = entry.Apply(by, before, edit)
			return after, done, err
		})
		if err != nil || !done {
			return err
		}
		return w.record(line)
	})
	return done && err == nil, err
}

// All implements entry.Store: by kind and value, as they are when the
// iteration begins. It does not delay writers. After the last entry it compares
// their number with the counters, and reports an error if one is missing.
func (s *Store) All(ctx context.Context) iter.Seq2[entry.Entry, error] {
	return func(yield func(entry.Entry, error) bool) {
		stopped := false
		err := s.view(func(t *tree) error {
			n := 0
			err := t.scan(entriesBucket, "", func(key string, content []byte) error {
				if err := ctx.Err(); err != nil {
					return err
				}
				entries, err := decode(key, content)
				if err != nil {
					return err
				}
				for _, e := range entries {
					if n++; !yield(e, nil) {
						stopped = true
						return errEnough
					}
				}
				return nil
			})
			if err != nil || stopped {
				return err
			}
			counts, err := readCounts(t, entry.Counter{Event: entry.Ending})
			if err == nil && counts.Sum() != n {
				err = damaged("it has %d entries where %d were counted", n, counts.Sum())
			}
			return err
		})
		if err != nil {
			yield(entry.Entry{}, err)
		}
	}
}

// decode returns the entries under a key. No content is no entries.
func decode(key string, content []byte) ([]entry.Entry, error) {
	if len(content) == 0 {
		return nil, nil // as for most keys of a lookup
	}
	entries, err := entry.ParseBinary(key, string(content))
	if err != nil {
		return nil, damaged("an entry can't be read: %w", err)
	}
	return entries, nil
}
