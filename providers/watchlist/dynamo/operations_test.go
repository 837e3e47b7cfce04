package dynamo_test

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/serverless-relay/relay/providers/watchlist/dynamo"
	"github.com/serverless-relay/relay/providers/watchlist/dynamo/dynamotest"
	"github.com/serverless-relay/relay/providers/watchlist/entry"
	"github.com/serverless-relay/relay/providers/watchlist/storetest"
	"github.com/serverless-relay/relay/shared/ctim"
)

// operation uses a store, and returns its effect.
type operation func(ctx context.Context, s *dynamo.Store) (effect, error)

// effect is the number of entries, and of lines in the history, that were added.
type effect struct{ added, lines int }

// listed returns an entry about an address. It is always the same.
func listed(address string, more ...func(*entry.Entry)) entry.Entry {
	e := storetest.Entry(address, "list")
	e.Added = time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	for _, change := range more {
		change(&e)
	}
	return e
}

func suspicious(e *entry.Entry) { e.Disposition = ctim.Suspicious }
func severe(e *entry.Entry)     { e.Severity = ctim.SeverityHigh }
func ending(e *entry.Entry)     { e.ValidUntil = time.Date(2100, 1, 2, 3, 30, 0, 0, time.UTC) }

func key(address string) entry.Key {
	return entry.Key{Kind: entry.KindIP, Value: address}
}

func putting(entries ...entry.Entry) operation {
	return func(ctx context.Context, s *dynamo.Store) (effect, error) {
		result, err := s.Put(ctx, entries)
		return effect{added: result.Added}, err
	}
}

// changing replaces the entries about an address by hand, or removes them if there are
// none to store.
func changing(address string, to ...entry.Entry) operation {
	return func(ctx context.Context, s *dynamo.Store) (effect, error) {
		var made effect
		done, err := s.Change(ctx, key(address), entry.Note{Who: "ann", What: "changed"}, func(before []entry.Entry) ([]entry.Entry, error) {
			made = effect{lines: 1}
			if len(to) == 0 {
				return nil, nil
			}
			after, result := entry.Merge(before, to)
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
		var keys []entry.Key
		for _, address := range addresses {
			keys = append(keys, key(address))
		}
		_, err := s.Remove(ctx, keys, func(entry.Entry) bool { return true })
		return effect{}, err
	}
}

func recording(line entry.Change) operation {
	return func(ctx context.Context, s *dynamo.Store) (effect, error) {
		return effect{lines: 1}, s.Record(ctx, line)
	}
}

// operations returns operations of each kind, for a table of started.
func operations() map[string]operation {
	return map[string]operation{
		"put one":        putting(listed("192.0.2.3")),
		"put some":       putting(listed("192.0.2.1"), listed("192.0.2.2"), listed("192.0.2.3", ending), listed("192.0.2.4")),
		"add":            changing("192.0.2.3", listed("192.0.2.3", ending)),
		"change":         changing("192.0.2.1", listed("192.0.2.1", suspicious)),
		"change little":  changing("192.0.2.1", listed("192.0.2.1", severe)),
		"remove by hand": changing("192.0.2.1"),
		"remove":         removing("192.0.2.1", "192.0.2.2", "192.0.2.9"),
		"record":         recording(entry.NewChange(entry.Note{Who: "bob", What: "imported"})),
	}
}

// startedWith is the number of entries in a table of started.
const startedWith = 2

// started returns a table with some entries.
func started(t *testing.T) string {
	t.Helper()
	table := dynamotest.Table(t)
	if _, err := putting(listed("192.0.2.1"), listed("192.0.2.2", suspicious))(t.Context(), through(t, table, &wire{})); err != nil {
		t.Fatal(err)
	}
	return table
}

// contents are the contents of a table, as a store reads them.
type contents struct {
	Entries       []entry.Entry
	Added, Ending entry.Counts
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
	slices.SortFunc(c.Entries, func(a, b entry.Entry) int {
		return cmp.Or(cmp.Compare(a.Observable.Value, b.Observable.Value), cmp.Compare(a.Source, b.Source))
	})
	var err error
	if c.Added, err = s.Counts(t.Context(), entry.Added, time.Time{}); err != nil {
		t.Fatal(err)
	}
	if c.Ending, err = s.Counts(t.Context(), entry.Ending, time.Time{}); err != nil {
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

// check fails the test unless the counters of ends match the entries.
func (c contents) check(t *testing.T) {
	t.Helper()
	recount := entry.Counts{}
	recount.Replace(nil, c.Entries)
	for counter := range recount {
		if counter.Event == entry.Added {
			delete(recount, counter) // removed entries count as added, too
		}
	}
	if diff := gocmp.Diff(recount, c.Ending); diff != "" {
		t.Errorf("entries (-) and counters (+) differ: %s", diff)
	}
}
