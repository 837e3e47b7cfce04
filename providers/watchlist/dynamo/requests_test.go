package dynamo_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/serverless-relay/relay/providers/watchlist"
	"github.com/serverless-relay/relay/providers/watchlist/dynamo"
	"github.com/serverless-relay/relay/shared/ctim"
)

// meter counts the requests by their kinds.
type meter struct {
	mu    sync.Mutex
	kinds map[string]int
}

// RoundTrip implements http.RoundTripper.
func (m *meter) RoundTrip(r *http.Request) (*http.Response, error) {
	_, kind, _ := strings.Cut(r.Header.Get("X-Amz-Target"), ".")
	m.mu.Lock()
	m.kinds[kind]++
	m.mu.Unlock()
	return http.DefaultTransport.RoundTrip(r)
}

func looking(kind ctim.ObservableType, value string) operation {
	return func(ctx context.Context, s *dynamo.Store) (effect, error) {
		_, err := watchlist.Lookup(ctx, s, ctim.Observable{Type: kind, Value: value})
		return effect{}, err
	}
}

// The requests are what one pays for and waits for; the package's comment lists
// them. The process is one that has just started, in a table that others used.
func TestRequests(t *testing.T) {
	var many []watchlist.Entry
	for i := range 250 {
		many = append(many, entry(fmt.Sprint("10.0.0.", i)))
	}
	type requests = map[string]int
	for name, tt := range map[string]struct {
		before, do operation
		want       requests
	}{
		"look up a domain":         {nil, looking(ctim.TypeDomain, "a.b.c.example"), requests{"BatchGetItem": 1}},
		"look up an address":       {nil, looking(ctim.TypeIP, "192.0.2.1"), requests{"BatchGetItem": 1}},
		"look up an IPv6 address":  {nil, looking(ctim.TypeIPv6, "2001:db8::1"), requests{"BatchGetItem": 2}},
		"change: add":              {nil, operations()["add"], requests{"BatchGetItem": 2, "PutItem": 3, "UpdateItem": 2}},
		"change: disposition":      {nil, operations()["change"], requests{"BatchGetItem": 2, "PutItem": 3, "UpdateItem": 1}},
		"change: end":              {nil, changing("192.0.2.1", entry("192.0.2.1", ending)), requests{"BatchGetItem": 2, "PutItem": 3, "UpdateItem": 2}},
		"change: nothing to count": {nil, operations()["change little"], requests{"BatchGetItem": 2, "PutItem": 2}},
		"change: remove":           {nil, operations()["remove by hand"], requests{"BatchGetItem": 2, "PutItem": 3, "UpdateItem": 1}},
		"change: nothing":          {nil, changing("192.0.2.1", entry("192.0.2.1")), requests{"BatchGetItem": 2}},
		"put one":                  {nil, operations()["put one"], requests{"BatchGetItem": 2, "PutItem": 3, "UpdateItem": 2}},
		"put 250":                  {nil, putting(many...), requests{"BatchGetItem": 3 + 1, "PutItem": 250 + 3, "UpdateItem": 2}},
		"put 250 that are there":   {putting(many...), putting(many...), requests{"BatchGetItem": 3 + 1}},
		"remove 250": {putting(many...), func(ctx context.Context, s *dynamo.Store) (effect, error) {
			var keys []watchlist.Key
			for _, e := range many {
				keys = append(keys, e.Key())
			}
			_, err := s.Remove(ctx, keys, func(watchlist.Entry) bool { return true })
			return effect{}, err
		}, requests{"BatchGetItem": 3 + 1, "PutItem": 250 + 3, "UpdateItem": 1}},
		"record": {nil, operations()["record"], requests{"PutItem": 1}},
		"counts": {nil, func(ctx context.Context, s *dynamo.Store) (effect, error) {
			_, err := s.Counts(ctx, watchlist.Ending, time.Now())
			return effect{}, err
		}, requests{"Query": 1}},
		"history": {nil, func(ctx context.Context, s *dynamo.Store) (_ effect, err error) {
			for _, err = range s.History(ctx) {
			}
			return effect{}, err
		}, requests{"Query": 1}},
		"all": {nil, func(ctx context.Context, s *dynamo.Store) (_ effect, err error) {
			for _, err = range s.All(ctx) {
			}
			return effect{}, err
		}, requests{"Scan": 1}},
	} {
		t.Run(name, func(t *testing.T) {
			table := started(t)
			for _, before := range []operation{filling, tt.before} {
				if before == nil {
					continue
				}
				if _, err := before(t.Context(), impatient(t, table, &wire{})); err != nil {
					t.Fatal(err)
				}
			}
			m := &meter{kinds: requests{}}
			store := open(t, table, m)
			store.SetLane()
			if _, err := tt.do(t.Context(), store); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, m.kinds); diff != "" {
				t.Error(diff)
			}
		})
	}
}
