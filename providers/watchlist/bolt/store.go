package bolt

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/serverless-relay/relay/providers/watchlist/entry"
)

// Store is a watchlist in a file. Put, Remove and Change store everything or nothing.
type Store struct {
	entry.Editor
	path     string
	readOnly bool

	mu     sync.Mutex
	file   *file // nil if it must be opened
	closed bool
}

var (
	_ entry.Store    = (*Store)(nil)
	_ entry.Verifier = (*Store)(nil)
)

// current returns the open file. If the file was replaced, it opens the new one.
func (s *Store) current() (*file, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return nil, s.explain(os.ErrClosed)
	}
	if s.file != nil {
		if s.file.current(s.path) {
			return s.file, nil
		}
		go func(old *file) { _ = old.close() }(s.file) // it waits for readers
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

// use calls do with the open file, and again with the new one if it was replaced.
func (s *Store) use(ctx context.Context, do func(*file) error) error {
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		f, err := s.current()
		if err != nil {
			return err
		}
		if err := do(f); !errors.Is(err, errReplaced) {
			return s.explain(err)
		}
	}
}

// view calls do with the file as the last transaction left it.
func (s *Store) view(ctx context.Context, do func(*tree) error) error {
	return s.use(ctx, func(f *file) error { return f.view(do) })
}

// explain adds the path to an error, and advice if the file is damaged.
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

// Close implements entry.Store. It waits for calls to end.
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
	found := make([][]entry.Entry, len(keys))
	err := s.view(ctx, func(t *tree) error {
		t.known = map[uint64]page{} // most keys are on the same pages
		buffer := make([]byte, 0, 64)
		for i, key := range keys {
			buffer = append(append(append(buffer[:0], key.Kind...), 0), key.Value...)
			content, err := t.get(entriesBucket, buffer)
			if err == nil && content != nil {
				found[i], err = decode(string(buffer), content)
			}
			if err != nil {
				return err
			}
		}
		return nil
	})
	return found, err
}

// Edit implements entry.KeyEditor.
func (s *Store) Edit(ctx context.Context, keys []entry.Key, edit func(int, []entry.Entry) (entry.Edit, error)) ([]bool, error) {
	err := s.write(ctx, func(w *writer) error {
		for i, key := range keys {
			if err := ctx.Err(); err != nil {
				return err
			}
			text := key.Text()
			before, err := w.get(text)
			if err != nil {
				return err
			}
			e, err := edit(i, before)
			if err == nil && e.Changed {
				err = w.replace(text, before, e.After)
			}
			if err == nil && e.Line != nil {
				err = w.record(*e.Line)
			}
			if err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return slices.Repeat([]bool{true}, len(keys)), nil
}

// Record implements entry.Store. It adds all lines or none.
func (s *Store) Record(ctx context.Context, lines ...entry.Change) error {
	return s.write(ctx, func(w *writer) error {
		for _, line := range lines {
			if err := w.record(line); err != nil {
				return err
			}
		}
		return nil
	})
}

// Counts implements entry.Store.
func (s *Store) Counts(ctx context.Context, event entry.Event, from time.Time) (counts entry.Counts, err error) {
	err = s.view(ctx, func(t *tree) error {
		counts, err = readCounts(ctx, t, entry.Counter{Event: event, Hour: from})
		return err
	})
	return counts, err
}

// readCounts returns the counts of an event, from an hour on unless it is zero.
func readCounts(ctx context.Context, t *tree, from entry.Counter) (entry.Counts, error) {
	prefix := string(from.Event) + "#"
	first := prefix
	if !from.Hour.IsZero() {
		first = from.String()
	}
	counts := entry.Counts{}
	for r, err := range t.scan(ctx, countsBucket, first, false) {
		if err != nil {
			return nil, err
		}
		if !strings.HasPrefix(r.key, prefix) {
			break
		}
		counter, err := entry.ParseCounter(r.key)
		if err != nil {
			return nil, damaged("%w", err)
		}
		counts[counter] = int(parseNumber(r.content))
	}
	return counts, nil
}

// History implements entry.Store: the lines when the iteration begins. It does not
// delay writers.
func (s *Store) History(ctx context.Context) iter.Seq2[entry.Change, error] {
	return func(yield func(entry.Change, error) bool) {
		err := s.view(ctx, func(t *tree) error {
			for r, err := range t.scan(ctx, historyBucket, "", true) {
				if err != nil {
					return err
				}
				var line entry.Change
				if err := json.Unmarshal(r.content, &line); err != nil {
					return damaged("change %s of the history can't be read: %w", r.key, err)
				}
				if !yield(line, nil) {
					break
				}
			}
			return nil
		})
		if err != nil {
			yield(entry.Change{}, err)
		}
	}
}

// All implements entry.Store: the entries when the iteration begins, by kind and
// value. It does not delay writers. After the last entry it compares their number with
// the counters. If one is missing, it returns an error.
func (s *Store) All(ctx context.Context) iter.Seq2[entry.Entry, error] {
	return func(yield func(entry.Entry, error) bool) {
		err := s.view(ctx, func(t *tree) error {
			n := 0
			for r, err := range t.scan(ctx, entriesBucket, "", false) {
				if err != nil {
					return err
				}
				entries, err := decode(r.key, r.content)
				if err != nil {
					return err
				}
				for _, e := range entries {
					if n++; !yield(e, nil) {
						return nil
					}
				}
			}
			counts, err := readCounts(ctx, t, entry.Counter{Event: entry.Ending})
			if err == nil && counts.Sum() != n {
				err = damaged("it has %d entries, but its counters count %d", n, counts.Sum())
			}
			return err
		})
		if err != nil {
			yield(entry.Entry{}, err)
		}
	}
}

// Verify implements entry.Verifier. It reads all pages of the file. Each must be
// part of a bucket, or in the list of free pages.
func (s *Store) Verify(ctx context.Context) error {
	return s.view(ctx, func(t *tree) error {
		t.seen = map[uint64]bool{0: true, 1: true}
		for _, name := range buckets {
			for _, err := range t.scan(ctx, name, "", false) {
				if err != nil {
					return err
				}
			}
		}
		free, err := t.free()
		if err != nil {
			return err
		}
		for _, id := range free {
			if t.seen[id] {
				return damaged("page %d is in use and free", id)
			}
			t.seen[id] = true
		}
		if unknown := t.pages - uint64(len(t.seen)); unknown != 0 {
			return damaged("%d of its %d pages are neither in use nor free", unknown, t.pages)
		}
		return nil
	})
}

// decode returns the entries that are stored under a key.
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
