package bolt_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/serverless-relay/relay/providers/watchlist/bolt"
	"github.com/serverless-relay/relay/providers/watchlist/entry"
	"github.com/serverless-relay/relay/providers/watchlist/storetest"
)

// listing returns the path of a new file with one entry, of that source.
func listing(t *testing.T, source string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "watchlist.db")
	store := open(t, path, bolt.Options{})
	if _, err := store.Put(t.Context(), []entry.Entry{storetest.Entry("192.0.2.1", source)}); err != nil {
		t.Fatal(err)
	}
	if err := store.Close(); err != nil {
		t.Fatal(err)
	}
	return path
}

// sources returns the sources of the entries about the address.
func sources(t *testing.T, s *bolt.Store) (names string, err error) {
	t.Helper()
	found, err := s.Get(t.Context(), []entry.Key{{Kind: entry.KindIP, Value: "192.0.2.1"}})
	for _, entries := range found {
		for _, e := range entries {
			names += e.Source + " "
		}
	}
	return names, err
}

func add(t *testing.T, s *bolt.Store, source string) error {
	t.Helper()
	_, err := s.Put(t.Context(), []entry.Entry{storetest.Entry("192.0.2.1", source)})
	return err
}

// overwrite writes over a file as cp does: it keeps its inode.
func overwrite(t *testing.T, path string, content []byte) {
	t.Helper()
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
}

// After a file is replaced while it is open, reads and writes use the new one. Nothing
// waits forever, and nothing about the old file is written to the new one.
func TestReplaced(t *testing.T) {
	for name, replace := range map[string]func(t *testing.T, path, by string){
		"by renaming": func(t *testing.T, path, by string) {
			if err := os.Rename(by, path); err != nil {
				t.Fatal(err)
			}
		},
		"by copying": func(t *testing.T, path, by string) {
			content, err := os.ReadFile(by)
			if err != nil {
				t.Fatal(err)
			}
			overwrite(t, path, content)
		},
	} {
		for _, readOnly := range []bool{true, false} {
			t.Run(fmt.Sprintf("%s, read-only %v", name, readOnly), func(t *testing.T) {
				path := listing(t, "old")
				store := open(t, path, bolt.Options{ReadOnly: readOnly})
				if got, err := sources(t, store); got != "old " || err != nil {
					t.Fatal(got, err)
				}
				replace(t, path, listing(t, "new"))
				if !readOnly {
					if err := add(t, store, "more"); err != nil {
						t.Error(err)
					}
				}
				want := map[bool]string{true: "new ", false: "new more "}[readOnly]
				if got, err := sources(t, store); got != want || err != nil {
					t.Errorf("listed by %q, %v", got, err)
				}
				if err := store.Close(); err != nil {
					t.Error(err)
				}
				again := open(t, path, bolt.Options{})
				if found, err := entry.Verify(t.Context(), again); err != nil || found.Entries != len(want)/4 {
					t.Errorf("%+v, %v", found, err)
				}
			})
		}
	}
}

// A file that is cut off, overwritten or removed while it is open causes errors, for
// all concurrent calls, until it is restored.
func TestGoneForAWhile(t *testing.T) {
	for name, spoil := range map[string]func(t *testing.T, path string){
		"cut off":     func(t *testing.T, path string) { overwrite(t, path, nil) },
		"overwritten": func(t *testing.T, path string) { overwrite(t, path, make([]byte, 64<<10)) },
		"removed": func(t *testing.T, path string) {
			if err := os.Remove(path); err != nil {
				t.Fatal(err)
			}
		},
	} {
		for _, readOnly := range []bool{true, false} {
			t.Run(fmt.Sprintf("%s, read-only %v", name, readOnly), func(t *testing.T) {
				path := listing(t, "a")
				content, err := os.ReadFile(path)
				if err != nil {
					t.Fatal(err)
				}
				store := open(t, path, bolt.Options{ReadOnly: readOnly})
				spoil(t, path)
				var group sync.WaitGroup
				for range 4 {
					group.Go(func() {
						if !readOnly {
							if err := add(t, store, "b"); !unusable(err) {
								t.Errorf("put: %v", err)
							}
						}
						if _, err := sources(t, store); !unusable(err) {
							t.Errorf("get: %v", err)
						}
						for _, err := range store.All(t.Context()) {
							if !unusable(err) {
								t.Errorf("all: %v", err)
							}
						}
					})
				}
				group.Wait()
				overwrite(t, path, content)
				if got, err := sources(t, store); got != "a " || err != nil {
					t.Errorf("listed by %q, %v", got, err)
				}
				if !readOnly {
					if err := add(t, store, "b"); err != nil {
						t.Error(err)
					}
				}
				if err := store.Close(); err != nil {
					t.Error(err)
				}
			})
		}
	}
}

func unusable(err error) bool {
	return errors.Is(err, entry.ErrDamaged) || errors.Is(err, entry.ErrForeign) || errors.Is(err, entry.ErrMissing)
}

// Processes that create the same file concurrently share one.
func TestMadeTwiceAtOnce(t *testing.T) {
	for name, start := range map[string]func(path string) error{
		"nothing":       func(string) error { return nil },
		"an empty file": func(path string) error { return os.WriteFile(path, nil, 0o600) },
	} {
		t.Run(name, func(t *testing.T) {
			for range 20 {
				path := filepath.Join(t.TempDir(), "watchlist.db")
				if err := start(path); err != nil {
					t.Fatal(err)
				}
				var group sync.WaitGroup
				for i := range 3 {
					group.Go(func() {
						store, err := bolt.Open(path, bolt.Options{})
						if err != nil {
							t.Error(err)
							return
						}
						err = add(t, store, fmt.Sprint(i))
						if err := errors.Join(err, store.Close()); err != nil {
							t.Error(err)
						}
					})
				}
				group.Wait()
				if got, err := sources(t, open(t, path, bolt.Options{})); len(got) != 6 || err != nil {
					t.Fatalf("listed by %q, %v", got, err)
				}
			}
		})
	}
}
