package bolt_test

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/serverless-relay/relay/providers/watchlist/bolt"
	"github.com/serverless-relay/relay/providers/watchlist/entry"
	"github.com/serverless-relay/relay/providers/watchlist/storetest"
	"github.com/serverless-relay/relay/shared/ctim"
)

// TestSeal compares a checksum with that of the standard library, which files have.
func TestSeal(t *testing.T) {
	t.Parallel()
	content := []byte{0, 1, 127, 128, 255}
	sum := crc32.Checksum(slices.Concat([]byte("entries"), []byte("domain\x00example.com"), content), crc32.MakeTable(crc32.Castagnoli))
	want := append(binary.BigEndian.AppendUint32(nil, sum), content...)
	if diff := cmp.Diff(want, bolt.Seal("entries", "domain\x00example.com", content)); diff != "" {
		t.Error(diff)
	}
}

// answers are the results of reading a store in all ways.
type answers struct {
	Entries       []entry.Entry
	History       []entry.Change
	Added, Ending entry.Counts
	Found         [][]entry.Entry
}

// ask reads a store in all ways. A result with an error is replaced by that of want, so
// that only wrong results differ.
func ask(t *testing.T, s *bolt.Store, keys []entry.Key, want answers) (got answers, errs []error) {
	t.Helper()
	var err error
	note := func() bool {
		if err == nil {
			return false
		}
		errs = append(errs, err)
		return true
	}
	for e, allErr := range s.All(t.Context()) {
		if err = allErr; note() {
			got.Entries = want.Entries
			break
		}
		got.Entries = append(got.Entries, e)
	}
	for line, historyErr := range s.History(t.Context()) {
		if err = historyErr; note() {
			got.History = want.History
			break
		}
		got.History = append(got.History, line)
	}
	if got.Added, err = s.Counts(t.Context(), entry.Added, time.Time{}); note() {
		got.Added = want.Added
	}
	if got.Ending, err = s.Counts(t.Context(), entry.Ending, time.Time{}); note() {
		got.Ending = want.Ending
	}
	for i, key := range keys {
		var found [][]entry.Entry
		if found, err = s.Get(t.Context(), []entry.Key{key}); note() {
			got.Found = append(got.Found, want.Found[i])
			continue
		}
		got.Found = append(got.Found, found[0])
	}
	return got, errs
}

// varied creates a file with entries of several kinds and sizes, a history, and free
// pages. It returns some keys with entries, and some without.
func varied(t testing.TB) (path string, keys []entry.Key) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "watchlist.db")
	store := open(t, path, bolt.Options{})
	var entries []entry.Entry
	for i := range 400 {
		e := storetest.Entry(storetest.Address(i), "list")
		e.Added = time.Date(2026, 1, 2, i%24, 0, 0, 0, time.UTC)
		switch i % 5 {
		case 1:
			e.Observable = ctim.Observable{Type: ctim.TypeDomain, Value: fmt.Sprintf("host%d.example", i)}
		case 2:
			e.Observable.Value = fmt.Sprintf("10.%d.0.0/16", i%256)
			e.Source = fmt.Sprint("list ", i)
		case 3:
			e.ValidUntil = time.Date(2100, 1, 2, i%24, 0, 0, 0, time.UTC)
		}
		if i%100 == 0 {
			e.Description = strings.Repeat("long ", 3000)
		}
		entries = append(entries, e)
		if i%20 < 3 {
			keys = append(keys, e.Key(), entry.Key{Kind: e.Key().Kind, Value: e.Key().Value + "0"})
		}
	}
	if _, err := store.Put(t.Context(), entries); err != nil {
		t.Fatal(err)
	}
	for _, key := range keys[:30] {
		_, err := store.Change(t.Context(), key, entry.Note{Who: "ann", What: "removed"}, func(before []entry.Entry) ([]entry.Entry, error) {
			return nil, nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := store.Close(); err != nil {
		t.Fatal(err)
	}
	return path, keys
}

// damage writes content that was damaged to a new file, and returns its path.
func damage(t *testing.T, content []byte, with func([]byte)) string {
	t.Helper()
	damaged := slices.Clone(content)
	with(damaged)
	path := filepath.Join(t.TempDir(), "watchlist.db")
	if err := os.WriteFile(path, damaged, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// Whichever bytes of a file are wrong, reading ends, and each result is right or an
// error. After a write to the file, all results are right or one of them is an error.
func TestDamageIsNeverAnAnswer(t *testing.T) {
	path, keys := varied(t)
	want, errs := ask(t, open(t, path, bolt.Options{ReadOnly: true}), keys, answers{})
	if len(errs) > 0 || len(want.Entries) == 0 || len(want.History) == 0 {
		t.Fatal(errs)
	}
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	const times = 10
	all := mutations(len(content))
	noticed := 0
	for _, name := range slices.Sorted(maps.Keys(all)) {
		for seed := range uint64(times) {
			path := damage(t, content, func(b []byte) { all[name](rand.New(rand.NewPCG(seed, 0)), b) })
			check := func(what string, err error) {
				if !errors.Is(err, entry.ErrDamaged) && !errors.Is(err, entry.ErrForeign) || strings.Contains(err.Error(), "\n") {
					t.Errorf("%s, seed %d, %s: %v", name, seed, what, err)
				}
			}
			read := func() (got answers, errs []error, ok bool) {
				store, err := bolt.Open(path, bolt.Options{ReadOnly: true})
				if err != nil {
					check("open", err)
					noticed++
					return answers{}, nil, false
				}
				defer func() { _ = store.Close() }()
				got, errs = ask(t, store, keys, want)
				for _, err := range errs {
					check("read", err)
				}
				noticed += min(1, len(errs))
				if _, err := entry.Verify(t.Context(), store); err == nil && len(errs) > 0 {
					t.Errorf("%s, seed %d: verified, but %v", name, seed, errs[0])
				}
				return got, errs, true
			}
			if got, _, ok := read(); ok && !cmp.Equal(want, got) {
				t.Errorf("%s, seed %d: a wrong answer and no error: %.2000s", name, seed, cmp.Diff(want, got))
			}
			store, err := bolt.Open(path, bolt.Options{})
			if err != nil {
				check("open to write", err)
				continue
			}
			if err := rewrite(t, store, want.Entries[seed%uint64(len(want.Entries))]); err != nil {
				check("write", err)
			}
			_ = store.Close()
			got, errs, ok := read()
			got.Added = want.Added // it includes the written entries
			if ok && len(errs) == 0 && !cmp.Equal(want, got) {
				t.Errorf("%s, seed %d: a wrong answer and no error after writing: %.2000s", name, seed, cmp.Diff(want, got))
			}
		}
	}
	if noticed < times {
		t.Errorf("only %d were noticed", noticed)
	}
	t.Logf("%d mutations, %d noticed when opening or reading", times*len(all), noticed)
}

// rewrite puts an entry that exists, and another that it removes again.
func rewrite(t *testing.T, s *bolt.Store, there entry.Entry) error {
	t.Helper()
	passing := storetest.Entry("192.0.2.1", "new")
	if _, err := s.Put(t.Context(), []entry.Entry{there, passing}); err != nil {
		return err
	}
	_, err := s.Remove(t.Context(), []entry.Key{passing.Key()}, func(entry.Entry) bool { return true })
	return err
}

// mutations returns ways to damage a file of that size.
func mutations(size int) map[string]func(r *rand.Rand, b []byte) {
	page := os.Getpagesize()
	at := func(r *rand.Rand) int { return r.IntN(size) }
	start := func(r *rand.Rand) int { return at(r) / page * page }
	return map[string]func(r *rand.Rand, b []byte){
		"a bit":               func(r *rand.Rand, b []byte) { b[at(r)] ^= 1 << r.IntN(8) },
		"a byte":              func(r *rand.Rand, b []byte) { b[at(r)] = byte(r.Uint32()) },
		"the start of a page": func(r *rand.Rand, b []byte) { b[start(r)+r.IntN(16)] ^= 1 << r.IntN(8) },
		"an element":          func(r *rand.Rand, b []byte) { b[start(r)+16+r.IntN(64)] = byte(r.Uint32N(4)) },
		"a page":              func(r *rand.Rand, b []byte) { clear(b[start(r):][:page]) },
		"a page for another":  func(r *rand.Rand, b []byte) { copy(b[start(r):][:page], b[start(r):][:page]) },
		"many bytes": func(r *rand.Rand, b []byte) {
			for range 30 {
				b[2*page+r.IntN(size-2*page)] = byte(r.Uint32())
			}
		},
	}
}

// A branch that leads to a leaf on another level is found before bbolt follows it: the
// leaf's keys are right, but entries are missing.
func TestLeavesOnDifferentLevels(t *testing.T) {
	path := filepath.Join(t.TempDir(), "watchlist.db")
	store, err := bolt.Open(path, bolt.Options{})
	if err != nil {
		t.Fatal(err)
	}
	storetest.Fill(t, store, 20_000, 20_000)
	if err := store.Close(); err != nil {
		t.Fatal(err)
	}
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	size, changed := os.Getpagesize(), 0
	page := func(id uint64) []byte { return raw[int(id)*size:][:size] }
	isBranch := func(p []byte) bool { return binary.NativeEndian.Uint16(p[8:]) == 1 }
	for id := range uint64(len(raw) / size) {
		if p := page(id); isBranch(p) {
			const second = 16 + 16 + 8 // the ID of the second page below
			if below := page(binary.NativeEndian.Uint64(p[second:])); isBranch(below) {
				copy(p[second:], below[16+8:16+16])
				changed++
			}
		}
	}
	if changed == 0 {
		t.Fatal("the tree has only one level of branches")
	}
	if err := os.WriteFile(path, raw, 0o600); err != nil {
		t.Fatal(err)
	}
	store, err = bolt.Open(path, bolt.Options{})
	if err == nil {
		_, err = store.Put(t.Context(), []entry.Entry{storetest.Entry("198.51.100.1", "list")})
		_ = store.Close()
	}
	if !errors.Is(err, entry.ErrDamaged) {
		t.Errorf("got %v", err)
	}
}
