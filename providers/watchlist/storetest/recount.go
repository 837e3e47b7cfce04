package storetest

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/serverless-relay/relay/providers/watchlist"
)

// Recount fails the test unless the store's counters say of the entries that
// it has what counting them says, and returns how many there are.
func Recount(t testing.TB, s watchlist.Store) int {
	t.Helper()
	counted := watchlist.Tally{}
	n := 0
	for e, err := range s.All(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		n++
		of := watchlist.Tally{}
		of.Replace(nil, []watchlist.Entry{e})
		for counter, one := range of {
			if counter.Event == watchlist.Ending {
				counted.Plus(watchlist.Tally{counter: one})
			}
		}
	}
	kept := watchlist.Tally{}
	counts, err := s.Counts(t.Context(), watchlist.Ending, time.Time{})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range counts {
		kept.Plus(watchlist.Tally{{Event: watchlist.Ending, Hour: c.Hour, Type: c.Type, Disposition: c.Disposition}: c.N})
	}
	if diff := cmp.Diff(counted, kept); diff != "" {
		t.Errorf("the counters are not what the entries are: %s", diff)
	}
	return n
}
