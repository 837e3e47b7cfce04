// Package storetest contains the tests that every entry.Store must pass.
package storetest

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/serverless-relay/relay/providers/watchlist/entry"
	"github.com/serverless-relay/relay/shared/ctim"
	"github.com/serverless-relay/relay/shared/threat"
)

// Run runs all tests. open returns a new, empty store for each of them, and Run closes
// it.
func Run(t *testing.T, open func(t *testing.T) entry.Store) {
	for name, test := range map[string]func(*testing.T, entry.Store){
		"put and get":        putAndGet,
		"put replaces":       putReplaces,
		"get many":           getMany,
		"remove":             remove,
		"all":                all,
		"concurrent writers": concurrentWriters,
		"cancelled":          cancelled,
		"change":             change,
		"concurrent changes": concurrentChanges,
		"history":            history,
		"counters":           counters,
		"large entries":      largeEntries,
	} {
		t.Run(name, func(t *testing.T) {
			store := open(t)
			defer func() {
				if err := store.Close(); err != nil {
					t.Error(err)
				}
			}()
			test(t, store)
		})
	}
}

// Entry returns an entry about an address, from a source.
func Entry(address, source string) entry.Entry {
	return entry.Entry{Observable: ctim.Observable{Type: ctim.TypeIP, Value: address}, Disposition: ctim.Malicious, Priority: ctim.PriorityCurated, Source: source}
}

func put(t *testing.T, s entry.Store, want entry.PutResult, entries ...entry.Entry) {
	t.Helper()
	got, err := s.Put(t.Context(), entries)
	if err != nil {
		t.Fatal(err)
	}
	if got != want {
		t.Errorf("put: %+v, want %+v", got, want)
	}
}

func get(t *testing.T, s entry.Store, key entry.Key) []entry.Entry {
	t.Helper()
	found, err := s.Get(t.Context(), []entry.Key{key})
	if err != nil {
		t.Fatal(err)
	}
	return found[0]
}

func count(t *testing.T, s entry.Store, want int) {
	t.Helper()
	if got, err := entry.Listed(t.Context(), s, time.Now()); err != nil || got != want {
		t.Errorf("count %d, %v; want %d", got, err, want)
	}
}

func putAndGet(t *testing.T, s entry.Store) {
	count(t, s, 0)
	e := Entry("192.0.2.1", "a")
	e.With = []ctim.Observable{{Type: ctim.TypeDomain, Value: "evil.example"}}
	e.Subdomains, e.Severity, e.Confidence, e.TLP, e.Title, e.Description = true, ctim.SeverityHigh, ctim.ConfidenceLow, ctim.TLPRed, "t", "d \"quoted\" é"
	e.Tags, e.SourceURL, e.ExternalIDs, e.Pattern = []string{"x", "y"}, "https://example.com", []string{"indicator--1"}, true
	e.FirstSeen, e.ValidFrom, e.ValidUntil = time.Unix(1, 0).UTC(), time.Unix(2, 0).UTC(), time.Unix(1e10, 0).UTC()
	e.Indicates = []threat.Threat{{Kind: threat.Malware, Name: "n", ID: "i", Description: "d", URL: "u"}}
	put(t, s, entry.PutResult{Added: 1}, e)
	count(t, s, 1)

	found := get(t, s, e.Key())
	if len(found) != 1 || found[0].Added.IsZero() || time.Since(found[0].Added) > time.Minute {
		t.Fatalf("found %+v", found)
	}
	e.Added = found[0].Added
	if diff := cmp.Diff(e, found[0]); diff != "" {
		t.Error(diff)
	}
	if other := get(t, s, entry.Key{Kind: entry.KindIP, Value: "192.0.2.2"}); other != nil {
		t.Errorf("found %+v", other)
	}
	if other := get(t, s, entry.Key{Kind: "no such kind", Value: "192.0.2.1"}); other != nil {
		t.Errorf("found %+v", other)
	}
}

func putReplaces(t *testing.T, s entry.Store) {
	first := Entry("192.0.2.1", "a")
	first.Added = time.Unix(1000, 0).UTC()
	put(t, s, entry.PutResult{Added: 1}, first)
	put(t, s, entry.PutResult{Unchanged: 1}, Entry("192.0.2.1", "a"))
	changed := Entry("192.0.2.1", "a")
	changed.Severity = ctim.SeverityHigh
	put(t, s, entry.PutResult{Updated: 1}, changed)
	put(t, s, entry.PutResult{Added: 1}, Entry("192.0.2.1", "b"))
	// Within one call, the last entry of an identity counts too.
	later := Entry("192.0.2.1", "c")
	later.Severity = ctim.SeverityLow
	put(t, s, entry.PutResult{Added: 1, Updated: 1}, Entry("192.0.2.1", "c"), later)

	found := get(t, s, first.Key())
	if len(found) != 3 || found[0].Severity != ctim.SeverityHigh || !found[0].Added.Equal(first.Added) || found[2].Severity != ctim.SeverityLow {
		t.Errorf("found %+v", found)
	}
	count(t, s, 3)
}

func getMany(t *testing.T, s entry.Store) {
	var keys []entry.Key
	for i := range 150 { // more than fit in one request to DynamoDB
		e := Entry(fmt.Sprintf("192.0.2.%d", i), "a")
		if i%2 == 0 {
			put(t, s, entry.PutResult{Added: 1}, e)
		}
		keys = append(keys, e.Key())
	}
	found, err := s.Get(t.Context(), keys)
	if err != nil || len(found) != len(keys) {
		t.Fatalf("%d of %d, %v", len(found), len(keys), err)
	}
	for i, entries := range found {
		if len(entries) != (i+1)%2 || len(entries) == 1 && entries[0].Key() != keys[i] {
			t.Errorf("%v: %+v", keys[i], entries)
		}
	}
}

func remove(t *testing.T, s entry.Store) {
	put(t, s, entry.PutResult{Added: 3}, Entry("192.0.2.1", "a"), Entry("192.0.2.1", "b"), Entry("192.0.2.2", "a"))
	key := entry.Key{Kind: entry.KindIP, Value: "192.0.2.1"}
	ofA := func(e entry.Entry) bool { return e.Source == "a" }
	for _, want := range []int{1, 0} { // the second time there is nothing left to do
		removed, err := s.Remove(t.Context(), []entry.Key{key, {Kind: "no such kind", Value: "x"}}, ofA)
		if err != nil || len(removed) != want {
			t.Errorf("removed %+v, %v; want %d", removed, err, want)
		}
		count(t, s, 2)
	}
	if found := get(t, s, key); len(found) != 1 || found[0].Source != "b" {
		t.Errorf("left %+v", found)
	}
}

func all(t *testing.T, s entry.Store) {
	domain := Entry("", "a")
	domain.Observable = ctim.Observable{Type: ctim.TypeDomain, Value: "evil.example"}
	put(t, s, entry.PutResult{Added: 4}, Entry("192.0.2.2", "a"), domain, Entry("192.0.2.1", "b"), Entry("192.0.2.1", "a"))
	collect := func(limit int) []string {
		var values []string
		for e, err := range s.All(t.Context()) {
			if err != nil {
				t.Fatal(err)
			}
			if values = append(values, e.Observable.Value); len(values) == limit {
				break
			}
		}
		return values
	}
	got := collect(-1)
	slices.Sort(got)
	if diff := cmp.Diff([]string{"192.0.2.1", "192.0.2.1", "192.0.2.2", "evil.example"}, got); diff != "" {
		t.Error(diff)
	}
	if got := collect(2); len(got) != 2 {
		t.Errorf("stopped after two: %v", got)
	}
}

func concurrentWriters(t *testing.T, s entry.Store) {
	const writers, each = 8, 25
	var wg sync.WaitGroup
	for w := range writers {
		wg.Go(func() {
			for i := range each {
				// Half of them meet at the same address, each as its own source.
				address := fmt.Sprintf("192.0.2.%d", i)
				if i%2 == 0 {
					address = "198.51.100.1"
				}
				if _, err := s.Put(t.Context(), []entry.Entry{Entry(address, fmt.Sprintf("writer %d/%d", w, i))}); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	count(t, s, writers*each)
	if found := get(t, s, entry.Key{Kind: entry.KindIP, Value: "198.51.100.1"}); len(found) != writers*(each+1)/2 {
		t.Errorf("%d entries, want %d: a write was lost", len(found), writers*(each+1)/2)
	}
}

func cancelled(t *testing.T, s entry.Store) {
	put(t, s, entry.PutResult{Added: 1}, Entry("192.0.2.1", "a"))
	if err := s.Record(t.Context(), entry.NewChange(entry.Note{What: "x"})); err != nil {
		t.Error(err)
	}
	key := entry.Key{Kind: entry.KindIP, Value: "192.0.2.1"}
	for name, call := range map[string]func(context.Context) error{
		"get": func(ctx context.Context) error { _, err := s.Get(ctx, []entry.Key{key}); return err },
		"put": func(ctx context.Context) error {
			_, err := s.Put(ctx, []entry.Entry{Entry("192.0.2.2", "a")})
			return err
		},
		"remove": func(ctx context.Context) error {
			_, err := s.Remove(ctx, []entry.Key{key}, func(entry.Entry) bool { return true })
			return err
		},
		"change":  func(ctx context.Context) error { _, err := s.Change(ctx, key, entry.Note{}, nothing); return err },
		"counts":  func(ctx context.Context) error { _, err := s.Counts(ctx, entry.Ending, time.Time{}); return err },
		"record":  func(ctx context.Context) error { return s.Record(ctx, entry.NewChange(entry.Note{What: "y"})) },
		"all":     func(ctx context.Context) error { return lastError(s.All(ctx)) },
		"history": func(ctx context.Context) error { return lastError(s.History(ctx)) },
	} {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if err := call(ctx); !errors.Is(err, context.Canceled) {
			t.Errorf("%s: error %v", name, err)
		}
	}
	count(t, s, 1)
	put(t, s, entry.PutResult{Unchanged: 1}, Entry("192.0.2.1", "a"))
}

func lastError[T any](all iter.Seq2[T, error]) (last error) {
	for _, err := range all {
		last = err
	}
	return last
}
