package storetest

import (
	"testing"

	"github.com/serverless-relay/relay/providers/watchlist/entry"
)

// Recount fails the test unless the store's counters match its entries, and
// returns the number of entries.
func Recount(t testing.TB, s entry.Store) int {
	t.Helper()
	found, err := entry.Verify(t.Context(), s)
	if err != nil {
		t.Error(err)
	}
	return found.Entries
}
