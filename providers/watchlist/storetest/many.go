package storetest

import (
	"encoding/binary"
	"fmt"
	"testing"
	"time"

	"github.com/serverless-relay/relay/providers/watchlist/entry"
)

// Address returns the nth of a fixed sequence of addresses that are far apart.
func Address(n int) string {
	var b [4]byte
	binary.BigEndian.PutUint32(b[:], uint32(n)*2654435761)
	return fmt.Sprintf("%d.%d.%d.%d", b[0], b[1], b[2], b[3])
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
