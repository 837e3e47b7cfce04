package storetest

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/serverless-relay/relay/providers/watchlist/entry"
	"github.com/serverless-relay/relay/shared/ctim"
)

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
