package storetest

import (
	"testing"

	"github.com/serverless-relay/relay/providers/watchlist"
)

// Recount fails the test unless the store's counters match its entries, and
// returns the number of entries.
func Recount(t testing.TB, s watchlist.Store) int {
	t.Helper()
	found, err := watchlist.Verify(t.Context(), s)
	if err != nil {
		t.Error(err)
	}
	return found.Entries
}
