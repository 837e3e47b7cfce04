// Package storetest contains the tests that every entry.Store must pass.
package storetest

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"iter"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/serverless-relay/relay/providers/watchlist/entry"
	"github.com/serverless-relay/relay/shared/ctim"
	"github.com/serverless-relay/relay/shared/threat"
)

// Run runs all tests. open returns a new, empty store for each of them. Run closes the
// store after a test that ends.
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
			test(t, store)
			if err := store.Close(); err != nil {
				t.Error(err)
			}
		})
	}
}

// Entry returns an entry about an address, from a source.
func Entry(address, source string) entry.Entry {
	return entry.Entry{Observable: ctim.Observable{Type: ctim.TypeIP, Value: address}, Disposition: ctim.Malicious, Priority: ctim.PriorityCurated, Source: source}
}

func domainEntry() entry.Entry {
	e := Entry("", "a")
	e.Observable = ctim.Observable{Type: ctim.TypeDomain, Value: "evil.example"}
	return e
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

// collect returns the first n elements, or all if n is negative.
func collect[T any](t *testing.T, all iter.Seq2[T, error], n int) (elements []T) {
	t.Helper()
	for element, err := range all {
		if err != nil {
			t.Fatal(err)
		}
		if elements = append(elements, element); len(elements) == n {
			break
		}
	}
	return elements
}

// concurrently calls do for 0 to 7, and waits until all have returned.
func concurrently(do func(i int)) {
	var group sync.WaitGroup
	for i := range 8 {
		group.Go(func() { do(i) })
	}
	group.Wait()
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
	for _, other := range []entry.Key{{Kind: entry.KindIP, Value: "192.0.2.2"}, {Kind: "no such kind", Value: "192.0.2.1"}} {
		if found := get(t, s, other); found != nil {
			t.Errorf("found %+v", found)
		}
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
	// Within one call, the last entry of an identity is stored.
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
	keys = append(keys, keys[0]) // a key may repeat
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
		removed, err := s.Remove(t.Context(), []entry.Key{key, {Kind: "no such kind", Value: "x"}, key}, ofA)
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
	put(t, s, entry.PutResult{Added: 4}, Entry("192.0.2.2", "a"), domainEntry(), Entry("192.0.2.1", "b"), Entry("192.0.2.1", "a"))
	var values []string
	for _, e := range collect(t, s.All(t.Context()), -1) {
		values = append(values, e.Observable.Value)
	}
	slices.Sort(values)
	if diff := cmp.Diff([]string{"192.0.2.1", "192.0.2.1", "192.0.2.2", "evil.example"}, values); diff != "" {
		t.Error(diff)
	}
	if got := collect(t, s.All(t.Context()), 2); len(got) != 2 {
		t.Errorf("stopped after two: %v", got)
	}
}

func concurrentWriters(t *testing.T, s entry.Store) {
	const writers, each = 8, 25
	concurrently(func(w int) {
		for i := range each {
			// Half of them write about the same address, each as another source.
			address := fmt.Sprintf("192.0.2.%d", i)
			if i%2 == 0 {
				address = "198.51.100.1"
			}
			if _, err := s.Put(t.Context(), []entry.Entry{Entry(address, fmt.Sprintf("writer %d/%d", w, i))}); err != nil {
				t.Error(err)
			}
		}
	})
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
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	e := Entry("192.0.2.2", "a")
	keys := []entry.Key{e.Key()}
	for name, call := range map[string]func() error{
		"get":     func() error { _, err := s.Get(ctx, keys); return err },
		"put":     func() error { _, err := s.Put(ctx, []entry.Entry{e}); return err },
		"remove":  func() error { _, err := s.Remove(ctx, keys, func(entry.Entry) bool { return true }); return err },
		"change":  func() error { _, err := s.Change(ctx, e.Key(), entry.Note{}, adding(e)); return err },
		"counts":  func() error { _, err := s.Counts(ctx, entry.Ending, time.Time{}); return err },
		"record":  func() error { return s.Record(ctx, entry.NewChange(entry.Note{What: "y"})) },
		"all":     func() error { return lastError(s.All(ctx)) },
		"history": func() error { return lastError(s.History(ctx)) },
	} {
		if err := call(); !errors.Is(err, context.Canceled) {
			t.Errorf("%s: error %v", name, err)
		}
	}
	count(t, s, 1)
	put(t, s, entry.PutResult{Unchanged: 1}, Entry("192.0.2.1", "a"))
}

func lastError[T any](all iter.Seq2[T, error]) (last error) {
	for _, last = range all {
	}
	return last
}

// changes returns the history, the newest change first.
func changes(t *testing.T, s entry.Store) []entry.Change {
	t.Helper()
	return collect(t, s.History(t.Context()), -1)
}

// adding returns an edit that adds an entry, or replaces the one with its identity.
func adding(e entry.Entry) func([]entry.Entry) ([]entry.Entry, error) {
	return func(before []entry.Entry) ([]entry.Entry, error) {
		after, _ := entry.Merge(before, []entry.Entry{e})
		return after, nil
	}
}

func nothing([]entry.Entry) ([]entry.Entry, error) { return nil, nil }

func change(t *testing.T, s entry.Store) {
	e := Entry("192.0.2.1", "a")
	worse := e
	worse.Severity = ctim.SeverityHigh
	ann := entry.Note{Who: "ann", What: "did it"}
	for i, tt := range []struct {
		edit func([]entry.Entry) ([]entry.Entry, error)
		done bool
		left int
	}{
		{nothing, false, 0},
		{adding(e), true, 1},
		{adding(e), false, 1},
		{adding(Entry("192.0.2.1", "b")), true, 2},
		{adding(worse), true, 2},
		{nothing, true, 0},
		{nothing, false, 0},
	} {
		done, err := s.Change(t.Context(), e.Key(), ann, tt.edit)
		if err != nil || done != tt.done {
			t.Fatalf("step %d: done %v, %v", i, done, err)
		}
		count(t, s, tt.left)
		if found := get(t, s, e.Key()); len(found) != tt.left {
			t.Fatalf("step %d left %+v", i, found)
		}
	}
	refused := errors.New("no longer possible")
	if done, err := s.Change(t.Context(), e.Key(), ann, func([]entry.Entry) ([]entry.Entry, error) { return nil, refused }); done || !errors.Is(err, refused) {
		t.Errorf("an edit that fails: %v, %v", done, err)
	}

	history := changes(t, s)
	slices.Reverse(history)
	sources := func(entries []entry.Entry) (all string) {
		for _, e := range entries {
			all += e.Source + string(e.Severity) + " "
		}
		return all
	}
	var got []string
	for _, line := range history {
		got = append(got, sources(line.Before)+"-> "+sources(line.After))
		if line.Note != ann || line.Observable != e.Observable || time.Since(line.Time).Abs() > time.Minute || line.Time.Location() != time.UTC {
			t.Errorf("line %+v", line)
		}
	}
	if diff := cmp.Diff([]string{"-> a ", "-> b ", "a -> aHigh ", "aHigh b -> "}, got); diff != "" {
		t.Error(diff)
	}
	if added := history[0].After[0].Added; history[0].Time.Sub(added).Abs() > time.Second {
		t.Errorf("added at %v, but changed at %v", added, history[0].Time)
	}
}

// No concurrent change is lost, and a repeated one is recorded once.
func concurrentChanges(t *testing.T, s entry.Store) {
	const analysts, each = 8, 5
	concurrently(func(a int) {
		for i := range each {
			for range 2 {
				e := Entry("192.0.2.1", fmt.Sprintf("analyst %d/%d", a/2, i)) // two have the same
				if _, err := s.Change(t.Context(), e.Key(), entry.Note{What: "added"}, adding(e)); err != nil {
					t.Error(err)
				}
			}
		}
	})
	count(t, s, analysts/2*each)
	if n := len(changes(t, s)); n != analysts/2*each {
		t.Errorf("%d lines, want %d", n, analysts/2*each)
	}
	if n := len(get(t, s, entry.Key{Kind: entry.KindIP, Value: "192.0.2.1"})); n != analysts/2*each {
		t.Errorf("%d entries, want %d", n, analysts/2*each)
	}
}

func history(t *testing.T, s entry.Store) {
	if got := changes(t, s); got != nil {
		t.Errorf("of an empty store: %+v", got)
	}
	var want []entry.Change
	for i := range 30 {
		line := entry.NewChange(entry.Note{Who: "ann", What: fmt.Sprint("step ", i)})
		line.Before = []entry.Entry{Entry("192.0.2.1", "a")}
		want = append(want, line)
	}
	slices.Reverse(want)
	for range 2 { // recording them again has no effect
		if err := s.Record(t.Context(), want...); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, changes(t, s)); diff != "" {
			t.Fatal(diff)
		}
	}
	if newest := collect(t, s.History(t.Context()), 1); newest[0].What != "step 29" {
		t.Errorf("the newest is %+v", newest)
	}
}

func counters(t *testing.T, s entry.Store) {
	hour := time.Now().UTC().Truncate(time.Hour)
	until := func(address, source string, end time.Time) entry.Entry {
		e := Entry(address, source)
		e.Added, e.ValidUntil = hour.Add(-49*time.Hour), end
		return e
	}
	endless := until("192.0.2.1", "a", time.Time{})
	soon := until("192.0.2.1", "b", hour.Add(time.Hour))
	later := until("192.0.2.2", "a", hour.Add(90*time.Minute))
	later.Disposition = ctim.Suspicious
	over := until("192.0.2.3", "a", hour)
	domain := domainEntry()
	want := func(event entry.Event, from time.Time, want entry.Counts) {
		t.Helper()
		got, err := s.Counts(t.Context(), event, from)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(event, diff)
		}
	}
	var never time.Time
	counter := func(event entry.Event, hour time.Time, kind ctim.ObservableType, d ctim.Disposition) entry.Counter {
		return entry.Counter{Event: event, Hour: hour, Type: kind, Disposition: d}
	}
	want(entry.Ending, never, entry.Counts{})
	want(entry.Added, never, entry.Counts{})

	put(t, s, entry.PutResult{Added: 5}, endless, soon, later, over, domain)
	put(t, s, entry.PutResult{Unchanged: 5}, endless, soon, later, over, domain)
	ends := entry.Counts{
		counter(entry.Ending, never, ctim.TypeIP, ctim.Malicious):                1,
		counter(entry.Ending, never, ctim.TypeDomain, ctim.Malicious):            1,
		counter(entry.Ending, hour.Add(time.Hour), ctim.TypeIP, ctim.Suspicious): 1,
		counter(entry.Ending, hour, ctim.TypeIP, ctim.Malicious):                 1,
		counter(entry.Ending, hour.Add(-time.Hour), ctim.TypeIP, ctim.Malicious): 1,
	}
	want(entry.Ending, never, ends)
	delete(ends, counter(entry.Ending, hour.Add(-time.Hour), ctim.TypeIP, ctim.Malicious))
	want(entry.Ending, time.Now(), ends)
	delete(ends, counter(entry.Ending, hour, ctim.TypeIP, ctim.Malicious))
	want(entry.Ending, hour.Add(90*time.Minute), ends)
	now := get(t, s, domain.Key())[0].Added.Truncate(time.Hour)
	all := entry.Counts{
		counter(entry.Added, hour.Add(-49*time.Hour), ctim.TypeIP, ctim.Malicious):  3,
		counter(entry.Added, hour.Add(-49*time.Hour), ctim.TypeIP, ctim.Suspicious): 1,
		counter(entry.Added, now, ctim.TypeDomain, ctim.Malicious):                  1,
	}
	want(entry.Added, never, all)
	want(entry.Added, hour.Add(-48*time.Hour), entry.Counts{counter(entry.Added, now, ctim.TypeDomain, ctim.Malicious): 1})

	// An update, a change and a removal.
	soon.Disposition, soon.ValidUntil = ctim.Clean, never
	put(t, s, entry.PutResult{Updated: 1}, soon)
	if _, err := s.Change(t.Context(), later.Key(), entry.Note{What: "removed"}, nothing); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Remove(t.Context(), []entry.Key{domain.Key()}, func(entry.Entry) bool { return true }); err != nil {
		t.Fatal(err)
	}
	want(entry.Ending, time.Now(), entry.Counts{counter(entry.Ending, never, ctim.TypeIP, ctim.Malicious): 1, counter(entry.Ending, never, ctim.TypeIP, ctim.Clean): 1})
	want(entry.Added, never, all)
}

// Entries are stored whole even if they are larger than usual.
func largeEntries(t *testing.T, s entry.Store) {
	e := Entry("192.0.2.1", "a")
	e.Description = strings.Repeat("é", 5000)
	for i := range 200 {
		e.Tags = append(e.Tags, fmt.Sprintf("a rather long tag to say something about it, number %d", i))
	}
	put(t, s, entry.PutResult{Added: 1}, e)
	e.Added = get(t, s, e.Key())[0].Added
	if diff := cmp.Diff([]entry.Entry{e}, get(t, s, e.Key())); diff != "" {
		t.Error(diff)
	}
}

// Address returns the nth of a fixed sequence of addresses that are far apart.
func Address(n int) string {
	return netip.AddrFrom4([4]byte(binary.BigEndian.AppendUint32(nil, uint32(n)*2654435761))).String()
}

// Fill puts n entries into an empty store, in batches.
func Fill(t testing.TB, s entry.Store, n, batch int) {
	t.Helper()
	for first := 0; first < n; first += batch {
		entries := make([]entry.Entry, min(batch, n-first))
		for i := range entries {
			entries[i] = Entry(Address(first+i), "list")
		}
		if result, err := s.Put(t.Context(), entries); err != nil || result.Added != len(entries) {
			t.Fatalf("%+v, %v", result, err)
		}
	}
}

// Many fills an empty store with n entries, and checks that all are counted and that
// some of them are found.
func Many(t *testing.T, s entry.Store, n, batch int) {
	start := time.Now()
	Fill(t, s, n, batch)
	t.Logf("%.0f entries a second", float64(n)/time.Since(start).Seconds())
	if got := Recount(t, s); got != n {
		t.Errorf("%d entries of %d", got, n)
	}
	for i := 0; i < n; i += max(1, n/1000) {
		if found := get(t, s, entry.KeyOf(Entry(Address(i), "list").Observable)); len(found) != 1 {
			t.Errorf("%s: %d entries", Address(i), len(found))
		}
	}
}

// Recount fails the test unless the store's counters match its entries, and returns the
// number of entries.
func Recount(t testing.TB, s entry.Store) int {
	t.Helper()
	found, err := entry.Verify(t.Context(), s)
	if err != nil {
		t.Error(err)
	}
	return found.Entries
}
