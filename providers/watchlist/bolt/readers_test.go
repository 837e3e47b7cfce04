package bolt_test

import (
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"

	"github.com/serverless-relay/relay/providers/watchlist/bolt"
	"github.com/serverless-relay/relay/providers/watchlist/entry"
	"github.com/serverless-relay/relay/providers/watchlist/storetest"
	"github.com/serverless-relay/relay/shared/ctim"
)

// A reader gets the entries from when its iteration began, while others write. It
// doesn't delay the next change, and its pages are not written over before it is done.
func TestReadersKeepWhatWasThere(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := open(t, filepath.Join(t.TempDir(), "watchlist.db"), bolt.Options{})
		storetest.Fill(t, store, 500, 500)
		collect := func(first func()) (entries []entry.Entry) {
			for e, err := range store.All(t.Context()) {
				if err != nil {
					t.Fatal(err)
				}
				if entries = append(entries, e); len(entries) == 1 {
					first()
				}
			}
			return entries
		}
		want := collect(func() {})
		var written atomic.Int32
		var writer sync.WaitGroup
		got := collect(func() {
			writer.Go(func() {
				for i := range 40 {
					changed := want[i]
					changed.Severity = ctim.SeverityHigh
					if _, err := store.Put(t.Context(), []entry.Entry{changed}); err != nil {
						t.Error(err)
					}
					written.Add(1)
				}
			})
			synctest.Wait() // until the writer ends, or waits for this reader
			if written.Load() == 0 {
				t.Error("the first change waits for a reader")
			}
		})
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
		writer.Wait()
		if _, err := entry.Verify(t.Context(), store); err != nil {
			t.Error(err)
		}
	})
}
