package upstream

import (
	"context"
	"errors"
	"github.com/serverless-relay/relay/shared/relay"
	"net/http"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

// A process that runs for months must not remember every credential and
// question that it met.
func TestNothingPilesUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		at, err := ParseAddress("https://api.example.com")
		if err != nil {
			t.Fatal(err)
		}
		c, err := New(Options{Address: at, Retries: -1, Transport: slowFailure{}})
		if err != nil {
			t.Fatal(err)
		}
		var wg sync.WaitGroup
		for _, key := range []string{"a", "b", "c"} {
			caller, err := c.Caller(Headers(http.Header{"Key": {key}}), relay.Claims{})
			if err != nil {
				t.Fatal(err)
			}
			for _, patience := range []time.Duration{time.Hour, time.Millisecond} {
				for _, path := range []string{"/1", "/2"} {
					wg.Go(func() {
						ctx, cancel := context.WithTimeout(t.Context(), patience)
						defer cancel()
						_ = caller.Do(ctx, Request{Path: path}, nil)
					})
				}
			}
		}
		remembered := func() [2]int {
			c.flights.mu.Lock()
			defer c.flights.mu.Unlock()
			c.limits.mu.Lock()
			defer c.limits.mu.Unlock()
			return [2]int{len(c.flights.byKey), len(c.limits.slots)}
		}
		synctest.Wait()
		if got := remembered(); got != [2]int{6, 3} {
			t.Errorf("questions and credentials under way: %v", got)
		}
		wg.Wait()
		synctest.Wait()
		if got := remembered(); got != [2]int{} {
			t.Errorf("questions and credentials left: %v", got)
		}
		if len(c.buffers.taken) != 0 {
			t.Error("buffers are not given back")
		}
	})
}

// slowFailure is a network that fails after a second.
type slowFailure struct{}

func (slowFailure) RoundTrip(r *http.Request) (*http.Response, error) {
	select {
	case <-time.After(time.Second):
		return nil, errors.New("failed")
	case <-r.Context().Done():
		return nil, r.Context().Err()
	}
}

func TestAnswersAreBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newAnswers(100, time.Minute)
		here := func() (out []byte) {
			for i := range 10 {
				if _, ok := a.get(key{byte(i)}); ok {
					out = append(out, byte(i))
				}
			}
			return out
		}
		a.put(key{1}, make([]byte, 40))
		a.put(key{2}, make([]byte, 40))
		a.put(key{9}, make([]byte, smallBody+1)) // would push out all
		if diff := cmp.Diff([]byte{1, 2}, here()); diff != "" {
			t.Error(diff)
		}
		a.put(key{3}, make([]byte, 40)) // pushes out the oldest
		if diff := cmp.Diff([]byte{2, 3}, here()); diff != "" {
			t.Error(diff)
		}
		a.put(key{3}, make([]byte, 60)) // replaces itself
		if diff := cmp.Diff([]byte{2, 3}, here()); diff != "" || a.room != 0 {
			t.Error(diff, a.room)
		}
		time.Sleep(time.Minute)
		if diff := cmp.Diff([]byte(nil), here()); diff != "" {
			t.Error(diff)
		}
		a.put(key{4}, make([]byte, 10)) // what is stale goes
		if diff := cmp.Diff([]byte{4}, here()); diff != "" || a.room != 90 || len(a.bodies) != 1 || len(a.order) != 1 {
			t.Error(diff, a.room, a.order)
		}
		a.put(key{5}, make([]byte, 200)) // larger than all
		if len(a.bodies) != 0 || a.room != 100 {
			t.Error(a.order, a.room)
		}
	})
}

func FuzzRetryAfter(f *testing.F) {
	now := time.Date(2026, 1, 15, 9, 30, 0, 0, time.UTC)
	for _, seed := range []string{"", "0", "120", "-1", "1.5", "99999999999", "Thu, 15 Jan 2026 09:31:00 GMT", "Fri, 01 Jan 9999 00:00:00 GMT"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		got := retryAfter(http.Header{"Retry-After": {text}}, now)
		if got < 0 {
			t.Fatalf("%q: %v", text, got)
		}
		if in(got) == "" {
			t.Fatal("no words")
		}
	})
}
