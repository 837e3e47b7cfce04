package dynamo_test

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/serverless-relay/relay/providers/watchlist"
	"github.com/serverless-relay/relay/providers/watchlist/dynamo"
	"github.com/serverless-relay/relay/providers/watchlist/dynamo/dynamotest"
	"github.com/serverless-relay/relay/providers/watchlist/storetest"
	"github.com/serverless-relay/relay/shared/ctim"
)

// operation does something with a store, and tells what it did.
type operation func(ctx context.Context, s *dynamo.Store) (effect, error)

// effect is how many entries were added, and lines to the history.
type effect struct{ added, lines int }

// entry is one about an address that the same list always says.
func entry(address string, more ...func(*watchlist.Entry)) watchlist.Entry {
	e := storetest.Entry(address, "list")
	e.Added = time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	for _, change := range more {
		change(&e)
	}
	return e
}

func suspicious(e *watchlist.Entry) { e.Disposition = ctim.Suspicious }
func severe(e *watchlist.Entry)     { e.Severity = ctim.SeverityHigh }
func ending(e *watchlist.Entry)     { e.ValidUntil = time.Date(2100, 1, 2, 3, 30, 0, 0, time.UTC) }

func key(address string) watchlist.Key {
	return watchlist.Key{Kind: watchlist.KindIP, Value: address}
}

func putting(entries ...watchlist.Entry) operation {
	return func(ctx context.Context, s *dynamo.Store) (effect, error) {
		result, err := s.Put(ctx, entries)
		return effect{added: result.Added}, err
	}
}

// changing makes by hand of what is said about an address something else:
// nothing, where there are no entries.
func changing(address string, to ...watchlist.Entry) operation {
	return func(ctx context.Context, s *dynamo.Store) (effect, error) {
		var made effect
		done, err := s.Change(ctx, key(address), watchlist.Note{Who: "ann", What: "changed"}, func(before []watchlist.Entry) ([]watchlist.Entry, error) {
			made = effect{lines: 1}
			if len(to) == 0 {
				return nil, nil
			}
			after, result := watchlist.Place(before, to)
			made.added = result.Added
			return after, nil
		})
		if !done {
			made = effect{}
		}
		return made, err
	}
}

func removing(addresses ...string) operation {
	return func(ctx context.Context, s *dynamo.Store) (effect, error) {
		var keys []watchlist.Key
		for _, address := range addresses {
			keys = append(keys, key(address))
		}
		_, err := s.Remove(ctx, keys, func(watchlist.Entry) bool { return true })
		return effect{}, err
	}
}

func recording(line watchlist.Change) operation {
	return func(ctx context.Context, s *dynamo.Store) (effect, error) {
		return effect{lines: 1}, s.Record(ctx, line)
	}
}

// operations are one of each kind, for a table that started makes.
func operations() map[string]operation {
	return map[string]operation{
		"put one":        putting(entry("192.0.2.3")),
		"put some":       putting(entry("192.0.2.1"), entry("192.0.2.2"), entry("192.0.2.3", ending), entry("192.0.2.4")),
		"add":            changing("192.0.2.3", entry("192.0.2.3", ending)),
		"change":         changing("192.0.2.1", entry("192.0.2.1", suspicious)),
		"change little":  changing("192.0.2.1", entry("192.0.2.1", severe)),
		"remove by hand": changing("192.0.2.1"),
		"remove":         removing("192.0.2.1", "192.0.2.2", "192.0.2.9"),
		"record":         recording(watchlist.NewChange(watchlist.Note{Who: "bob", What: "imported"})),
	}
}

// startedWith is how many entries started puts into a table.
const startedWith = 2

// started is a table with some entries.
func started(t *testing.T) string {
	t.Helper()
	table := dynamotest.Table(t)
	if _, err := putting(entry("192.0.2.1"), entry("192.0.2.2", suspicious))(t.Context(), impatient(t, table, &wire{})); err != nil {
		t.Fatal(err)
	}
	return table
}

// filling changes something else.
func filling(ctx context.Context, s *dynamo.Store) (effect, error) {
	return putting(entry("198.51.100.1"))(ctx, s)
}

// contents are what a table has, as a store tells it.
type contents struct {
	Entries       []watchlist.Entry
	Added, Ending watchlist.Counts
	History       []string
}

func read(t *testing.T, table string) (c contents) {
	t.Helper()
	s := open(t, table, nil)
	for e, err := range s.All(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		c.Entries = append(c.Entries, e)
	}
	slices.SortFunc(c.Entries, func(a, b watchlist.Entry) int {
		return cmp.Or(cmp.Compare(a.Observable.Value, b.Observable.Value), cmp.Compare(a.Source, b.Source))
	})
	var err error
	if c.Added, err = s.Counts(t.Context(), watchlist.Added, time.Time{}); err != nil {
		t.Fatal(err)
	}
	if c.Ending, err = s.Counts(t.Context(), watchlist.Ending, time.Time{}); err != nil {
		t.Fatal(err)
	}
	for l, err := range s.History(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		c.History = append(c.History, fmt.Sprint(l.Note, l.Observable, l.Before, l.After))
	}
	return c
}

// check checks what must hold of every table: what ends is counted as it is
// among the entries.
func (c contents) check(t *testing.T) {
	t.Helper()
	recount := watchlist.Counts{}
	recount.Replace(nil, c.Entries)
	for counter := range recount {
		if counter.Event == watchlist.Added {
			delete(recount, counter) // what was removed counts as added, too
		}
	}
	if diff := gocmp.Diff(recount, c.Ending); diff != "" {
		t.Errorf("entries (-) and counters (+) differ: %s", diff)
	}
}
