package bolt_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.etcd.io/bbolt"

	"github.com/serverless-relay/relay/providers/watchlist/bolt"
	"github.com/serverless-relay/relay/providers/watchlist/entry"
	"github.com/serverless-relay/relay/providers/watchlist/storetest"
	"github.com/serverless-relay/relay/shared/ctim"
)

func open(t testing.TB, path string, o bolt.Options) *bolt.Store {
	t.Helper()
	store, err := bolt.Open(path, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = store.Close() })
	return store
}

func TestStore(t *testing.T) {
	storetest.Run(t, func(t *testing.T) entry.Store {
		return open(t, filepath.Join(t.TempDir(), "new folder", "watchlist.db"), bolt.Options{})
	})
}

// filled returns the path of a new file with n entries.
func filled(t testing.TB, n int) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "watchlist.db")
	store := open(t, path, bolt.Options{})
	storetest.Fill(t, store, n, 50_000)
	if err := store.Close(); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestWhatWasPutSurvives(t *testing.T) {
	path := filled(t, 1000)
	for _, readOnly := range []bool{false, true} {
		store := open(t, path, bolt.Options{ReadOnly: readOnly})
		if n, err := entry.Listed(t.Context(), store, time.Now()); err != nil || n != 1000 {
			t.Errorf("count %d, %v", n, err)
		}
		_ = store.Close()
	}
}

// An import that changes nothing must not change a byte of the file, since the file is
// part of the functions' packages.
func TestNothingNewWritesNothing(t *testing.T) {
	path := filled(t, 100)
	before, _ := os.ReadFile(path)
	store := open(t, path, bolt.Options{})
	if result, err := store.Put(t.Context(), []entry.Entry{storetest.Entry(storetest.Address(1), "list")}); err != nil || result.Unchanged != 1 {
		t.Errorf("%+v, %v", result, err)
	}
	if err := store.Close(); err != nil {
		t.Fatal(err)
	}
	if after, _ := os.ReadFile(path); string(after) != string(before) {
		t.Error("the file was changed")
	}
}

func TestReadersShareAFileThatMayOnlyBeRead(t *testing.T) {
	path := filled(t, 10)
	if err := os.Chmod(path, 0o400); err != nil {
		t.Fatal(err)
	}
	open(t, path, bolt.Options{ReadOnly: true})
	second := open(t, path, bolt.Options{ReadOnly: true})
	if _, err := second.Put(t.Context(), []entry.Entry{storetest.Entry("192.0.2.1", "a")}); !errors.Is(err, entry.ErrReadOnly) {
		t.Errorf("put: %v", err)
	}
	if _, err := second.Remove(t.Context(), []entry.Key{{Kind: entry.KindIP, Value: storetest.Address(1)}}, func(entry.Entry) bool { return true }); !errors.Is(err, entry.ErrReadOnly) {
		t.Errorf("remove: %v", err)
	}
}

func TestFilesThatAreNoWatchlist(t *testing.T) {
	write := func(content []byte) func(t *testing.T, path string) {
		return func(t *testing.T, path string) {
			if err := os.WriteFile(path, content, 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	cut := func(part float64) func(t *testing.T, path string) {
		return func(t *testing.T, path string) {
			whole, err := os.ReadFile(filled(t, 10_000))
			if err != nil {
				t.Fatal(err)
			}
			write(whole[:int(part*float64(len(whole)))])(t, path)
		}
	}
	for _, tt := range []struct {
		name string
		make func(t *testing.T, path string)
		want error
		says string
	}{
		{"text", write([]byte(strings.Repeat("192.0.2.1\n", 10_000))), entry.ErrForeign, "another format"},
		{"a few bytes", write([]byte("hello")), entry.ErrForeign, "another format"},
		{"a folder", func(t *testing.T, path string) { _ = os.Mkdir(path, 0o700) }, entry.ErrForeign, "folder"},
		{"cut in half", cut(0.5), entry.ErrDamaged, "cut off"},
		{"cut to a tenth", cut(0.1), entry.ErrDamaged, "cut off"},
		{"another program's database", func(t *testing.T, path string) { database(t, path, "accounts", nil) }, entry.ErrForeign, "another program's"},
		{"a former layout", func(t *testing.T, path string) {
			database(t, path, "meta", bolt.Seal("meta", "version", []byte{0, 0, 0, 0, 0, 0, 0, 1}))
		}, entry.ErrForeign, "layout 1 and this relay reads layout 2: import your lists"},
		{"a former layout without checksums", func(t *testing.T, path string) {
			database(t, path, "meta", []byte{0, 0, 0, 0, 0, 0, 0, 1})
		}, entry.ErrForeign, "an earlier relay wrote it: import your lists"},
		{"a later layout", func(t *testing.T, path string) {
			database(t, path, "meta", bolt.Seal("meta", "version", []byte{0, 0, 0, 0, 0, 0, 0, 3}))
		}, entry.ErrForeign, "layout 3"},
	} {
		for _, readOnly := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, read-only %v", tt.name, readOnly), func(t *testing.T) {
				path := filepath.Join(t.TempDir(), "watchlist.db")
				tt.make(t, path)
				before, _ := os.ReadFile(path)
				store, err := bolt.Open(path, bolt.Options{ReadOnly: readOnly})
				if err == nil {
					_ = store.Close()
				}
				if !errors.Is(err, tt.want) || !strings.Contains(err.Error(), tt.says) || !strings.Contains(err.Error(), path) || strings.Contains(err.Error(), "\n") {
					t.Errorf("error %v", err)
				}
				if after, _ := os.ReadFile(path); string(after) != string(before) {
					t.Error("the file was changed")
				}
			})
		}
	}
}

// database creates a bbolt file with a bucket of that name.
func database(t *testing.T, path, bucket string, version []byte) {
	t.Helper()
	db, err := bbolt.Open(path, 0o600, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	err = db.Update(func(tx *bbolt.Tx) error {
		if _, err := tx.CreateBucket([]byte("entries")); err != nil {
			return err
		}
		b, err := tx.CreateBucket([]byte(bucket))
		if err != nil || version == nil {
			return err
		}
		return b.Put([]byte("version"), version)
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestMissing(t *testing.T) {
	path := filepath.Join(t.TempDir(), "watchlist.db")
	if _, err := bolt.Open(path, bolt.Options{ReadOnly: true}); !errors.Is(err, entry.ErrMissing) {
		t.Errorf("error %v", err)
	}
	if _, err := os.Stat(path); err == nil {
		t.Error("reading made a file")
	}
}

// A file in which nothing was ever stored becomes a watchlist: an empty one, and one
// whose creation was interrupted.
func TestUnusedFileBecomesAWatchlist(t *testing.T) {
	path := filepath.Join(t.TempDir(), "watchlist.db")
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	_ = open(t, path, bolt.Options{}).Close()
	unused := filepath.Join(t.TempDir(), "watchlist.db")
	db, err := bbolt.Open(unused, 0o600, nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	open(t, unused, bolt.Options{})
}

func TestLocked(t *testing.T) {
	path := filled(t, 1)
	open(t, path, bolt.Options{})
	for _, readOnly := range []bool{false, true} {
		if _, err := bolt.Open(path, bolt.Options{ReadOnly: readOnly}); !errors.Is(err, entry.ErrLocked) || !strings.Contains(err.Error(), "relay serve") {
			t.Errorf("error %v", err)
		}
	}
}

func BenchmarkLookup(b *testing.B) {
	for _, n := range []int{1000, 1_000_000} {
		path := filled(b, n)
		for name, o := range map[string]ctim.Observable{
			"ip":     {Type: ctim.TypeIP, Value: ""},
			"ipv6":   {Type: ctim.TypeIPv6, Value: "2001:db8::1"},
			"domain": {Type: ctim.TypeDomain, Value: "a.b.c.evil.example"},
		} {
			b.Run(fmt.Sprintf("%d/%s", n, name), func(b *testing.B) {
				store := open(b, path, bolt.Options{ReadOnly: true})
				for b.Loop() {
					if name == "ip" {
						o.Value = storetest.Address(rand.IntN(n))
					}
					found, err := entry.Lookup(b.Context(), store, o)
					if err != nil || (name == "ip") != (len(found) == 1) {
						b.Fatal(found, err)
					}
				}
			})
		}
	}
}

// BenchmarkPut stores new entries in batches, as an import does.
func BenchmarkPut(b *testing.B) {
	store := open(b, filepath.Join(b.TempDir(), "watchlist.db"), bolt.Options{})
	const batch = 20_000
	entries := make([]entry.Entry, batch)
	n := 0
	for b.Loop() {
		for i := range entries {
			entries[i] = storetest.Entry(storetest.Address(n), "list")
			n++
		}
		if _, err := store.Put(b.Context(), entries); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "entries/s")
}

// BenchmarkOpen opens an empty and a large file. Both must take the same time.
func BenchmarkOpen(b *testing.B) {
	for _, n := range []int{0, 1_000_000} {
		path := filled(b, n)
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			for b.Loop() {
				store, err := bolt.Open(path, bolt.Options{ReadOnly: true})
				if err != nil {
					b.Fatal(err)
				}
				_ = store.Close()
			}
		})
	}
}
