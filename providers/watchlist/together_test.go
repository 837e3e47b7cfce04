package watchlist_test

import (
	"context"
	"fmt"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"github.com/serverless-relay/relay/providers/watchlist"
	"github.com/serverless-relay/relay/providers/watchlist/bolt"
	"github.com/serverless-relay/relay/providers/watchlist/entry"
	"github.com/serverless-relay/relay/shared/ctim"
	"github.com/serverless-relay/relay/shared/relay"
)

// counted is a store that counts its reads. A read of the damaged key fails.
type counted struct {
	entry.Store
	reads   atomic.Int32
	damaged entry.Key
}

func (c *counted) Get(ctx context.Context, keys []entry.Key) ([][]entry.Entry, error) {
	c.reads.Add(1)
	for _, key := range keys {
		if key == c.damaged {
			return nil, fmt.Errorf("key: %w", entry.ErrDamaged)
		}
	}
	return c.Store.Get(ctx, keys)
}

func TestObservablesOfARequestAreReadTogether(t *testing.T) {
	file, err := bolt.Open(filepath.Join(t.TempDir(), "watchlist.db"), bolt.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = file.Close() }()
	asked := []ctim.Observable{{Type: ctim.TypeIP, Value: "192.0.2.300"}} // invalid
	var entries []entry.Entry
	for i := range 50 {
		o := ctim.Observable{Type: ctim.TypeDomain, Value: fmt.Sprintf("a%d.evil.example", i)}
		asked = append(asked, o)
		entries = append(entries, entry.Entry{Observable: o, Disposition: ctim.Malicious, Source: "test"})
	}
	network := ctim.Observable{Type: ctim.TypeIP, Value: "198.51.100.0/24"}
	asked = append(asked, ctim.Observable{Type: ctim.TypeIP, Value: "198.51.100.7"})
	if _, err := file.Put(t.Context(), append(entries, entry.Entry{Observable: network, Disposition: ctim.Malicious, Source: "test"})); err != nil {
		t.Fatal(err)
	}
	found := func(store entry.Store, asked []ctim.Observable, unlisted ...int) {
		t.Helper()
		connected, err := watchlist.New(settings(t), store).Connect(t.Context(), relay.Request{Observables: asked, Time: time.Now()})
		if err != nil {
			t.Fatal(err)
		}
		for i, o := range asked {
			want := 1
			for _, not := range unlisted {
				if i == not {
					want = 0
				}
			}
			if bundle, err := connected.(relay.Observer).Observe(t.Context(), o); len(bundle.Judgements) != want {
				t.Errorf("%v: %d judgements, want %d (%v)", o, len(bundle.Judgements), want, err)
			}
		}
	}

	store := &counted{Store: file}
	found(store, asked, 0)
	if n := store.reads.Load(); n != 1 {
		t.Errorf("%d reads for a request of %d observables, want 1", n, len(asked))
	}

	// A damaged entry is an error of its observable only.
	store = &counted{Store: file, damaged: entry.KeyOf(asked[5])}
	found(store, asked, 0, 5)
}
