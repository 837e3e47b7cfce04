//go:build !race

package dynamo_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/serverless-relay/relay/providers/watchlist/dynamo/dynamotest"
	"github.com/serverless-relay/relay/providers/watchlist/entry"
	"github.com/serverless-relay/relay/providers/watchlist/storetest"
)

// 50,000 entries are put twice and read.
func TestLargeList(t *testing.T) {
	const n = 50_000
	entries := make([]entry.Entry, n)
	for i := range entries {
		entries[i] = storetest.Entry(fmt.Sprintf("10.%d.%d.%d", i>>16, i>>8&255, i&255), "list")
	}
	name := dynamotest.Table(t)
	for _, want := range []entry.PutResult{{Added: n}, {Unchanged: n}} {
		store := open(t, name, nil) // a process of its own
		start := time.Now()
		result, err := store.Put(t.Context(), entries)
		if err != nil || result != want {
			t.Fatalf("%+v, %v", result, err)
		}
		t.Logf("%+v: %.0f entries a second", result, n/time.Since(start).Seconds())
	}
	store := open(t, name, nil)
	if listed, err := entry.Listed(t.Context(), store, time.Now()); err != nil || listed != n {
		t.Errorf("%d are counted, %v", listed, err)
	}
	start, seen := time.Now(), map[string]bool{}
	for e, err := range store.All(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		seen[e.Observable.Value] = true
	}
	if len(seen) != n {
		t.Errorf("%d are there", len(seen))
	}
	t.Logf("read: %.0f entries a second", n/time.Since(start).Seconds())
}
