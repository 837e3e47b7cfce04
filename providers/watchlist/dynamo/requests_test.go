package dynamo_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/serverless-relay/relay/providers/watchlist/dynamo"
	"github.com/serverless-relay/relay/providers/watchlist/entry"
	"github.com/serverless-relay/relay/shared/ctim"
	"github.com/serverless-relay/relay/shared/logging"
)

// meter counts requests by kind, and the write units that they cost.
type meter struct {
	mu    sync.Mutex
	kinds map[string]int
	units int
}

// RoundTrip implements http.RoundTripper.
func (m *meter) RoundTrip(r *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	_, kind, _ := strings.Cut(r.Header.Get("X-Amz-Target"), ".")
	var written struct {
		Item          json.RawMessage
		TransactItems []map[string]struct{ Item json.RawMessage }
	}
	if err := json.Unmarshal(body, &written); err != nil {
		return nil, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.kinds[kind]++
	const unit = 1024 // JSON is a bit longer than the item
	if written.Item != nil {
		m.units += 1 + len(written.Item)/unit
	}
	for _, actions := range written.TransactItems {
		for _, action := range actions { // counters, which are updated, are small
			m.units += 2 * (1 + len(action.Item)/unit)
		}
	}
	return http.DefaultTransport.RoundTrip(r)
}

func looking(kind ctim.ObservableType, value string) operation {
	return func(ctx context.Context, s *dynamo.Store) (effect, error) {
		_, err := entry.Lookup(ctx, s, ctim.Observable{Type: kind, Value: value})
		return effect{}, err
	}
}

// Requests take time. Requests and write units cost money. The package's comment lists
// them.
func TestRequests(t *testing.T) {
	var many []entry.Entry
	for i := range 250 {
		many = append(many, listed(fmt.Sprint("10.0.0.", i)))
	}
	type requests = map[string]int
	edit := requests{"BatchGetItem": 1, "TransactWriteItems": 1}
	edits := requests{"BatchGetItem": 3, "TransactWriteItems": 3}
	for name, tt := range map[string]struct {
		before, do operation
		want       requests
		units      int
	}{
		"look up a domain": {nil, looking(ctim.TypeDomain, "a.b.c.example"), requests{"BatchGetItem": 1}, 0},
		"50 domains in one request": {do: func(ctx context.Context, s *dynamo.Store) (effect, error) {
			var domains []ctim.Observable
			for i := range 50 {
				domains = append(domains, ctim.Observable{Type: ctim.TypeDomain, Value: fmt.Sprintf("host%d.evil.example", i)})
			}
			_, err := entry.LookupAll(ctx, s, domains)
			return effect{}, err
		}, want: requests{"BatchGetItem": 1}},
		"look up an address":       {nil, looking(ctim.TypeIP, "192.0.2.1"), requests{"BatchGetItem": 1}, 0},
		"look up an IPv6 address":  {nil, looking(ctim.TypeIPv6, "2001:db8::1"), requests{"BatchGetItem": 2}, 0},
		"change: add":              {nil, operations()["add"], edit, 2 * (1 + 1 + 2)},
		"change: disposition":      {nil, operations()["change"], edit, 2 * (1 + 1 + 1)},
		"change: end":              {nil, changing("192.0.2.1", listed("192.0.2.1", ending)), edit, 2 * (1 + 1 + 2)},
		"change: nothing to count": {nil, operations()["change little"], edit, 2 * (1 + 1)},
		"change: remove":           {nil, operations()["remove by hand"], edit, 2 * (1 + 1 + 1)},
		"change: nothing":          {nil, changing("192.0.2.1", listed("192.0.2.1")), requests{"BatchGetItem": 1}, 0},
		"put one":                  {nil, operations()["put one"], edit, 2 * (1 + 2)},
		"put 250":                  {nil, putting(many...), edits, 2 * (250 + 3*2)},
		"put 250 that are there":   {putting(many...), putting(many...), requests{"BatchGetItem": 3}, 0},
		"remove 250": {putting(many...), func(ctx context.Context, s *dynamo.Store) (effect, error) {
			var keys []entry.Key
			for _, e := range many {
				keys = append(keys, e.Key())
			}
			_, err := s.Remove(ctx, keys, func(entry.Entry) bool { return true })
			return effect{}, err
		}, edits, 2 * (250 + 3)},
		"record": {nil, operations()["record"], requests{"PutItem": 1}, 1},
		"counts": {nil, func(ctx context.Context, s *dynamo.Store) (effect, error) {
			_, err := s.Counts(ctx, entry.Ending, time.Now())
			return effect{}, err
		}, requests{"Query": 1}, 0},
		"history": {nil, func(ctx context.Context, s *dynamo.Store) (_ effect, err error) {
			for _, err = range s.History(ctx) {
			}
			return effect{}, err
		}, requests{"Query": 1}, 0},
		"all": {nil, func(ctx context.Context, s *dynamo.Store) (_ effect, err error) {
			for _, err = range s.All(ctx) {
			}
			return effect{}, err
		}, requests{"Scan": 1}, 0},
	} {
		t.Run(name, func(t *testing.T) {
			table := started(t)
			if tt.before != nil {
				if _, err := tt.before(t.Context(), open(t, table, nil)); err != nil {
					t.Fatal(err)
				}
			}
			m := &meter{kinds: requests{}}
			var calls logging.Calls
			if _, err := tt.do(logging.WithCalls(t.Context(), &calls), open(t, table, m)); err != nil {
				t.Fatal(err)
			}
			sent := 0
			for _, n := range m.kinds {
				sent += n
			}
			if n, took := calls.Total(); n != sent || took <= 0 {
				t.Errorf("the log counts %d calls in %v, want %d", n, took, sent)
			}
			if diff := cmp.Diff(tt.want, m.kinds); diff != "" {
				t.Error(diff)
			}
			if m.units != tt.units {
				t.Errorf("%d write units, want %d", m.units, tt.units)
			}
		})
	}
}
