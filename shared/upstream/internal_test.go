package upstream

import (
	"context"
	"errors"
	"net/http"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/serverless-relay/relay/shared/relay"
)

// A process that runs for months must not remember every credential and request.
func TestNothingAccumulates(t *testing.T) {
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
			for _, timeout := range []time.Duration{time.Hour, time.Millisecond} {
				for _, path := range []string{"/1", "/2"} {
					wg.Go(func() {
						ctx, cancel := context.WithTimeout(t.Context(), timeout)
						defer cancel()
						_ = caller.Do(ctx, Request{Path: path}, nil)
					})
				}
			}
		}
		count := func() [2]int {
			c.calls.mu.Lock()
			defer c.calls.mu.Unlock()
			c.limits.mu.Lock()
			defer c.limits.mu.Unlock()
			return [2]int{len(c.calls.byKey), len(c.limits.slots)}
		}
		synctest.Wait()
		if got := count(); got != [2]int{6, 3} {
			t.Errorf("calls and credentials in progress: %v", got)
		}
		wg.Wait()
		synctest.Wait()
		if got := count(); got != [2]int{} {
			t.Errorf("calls and credentials left: %v", got)
		}
		if len(c.buffers.taken) != 0 {
			t.Error("buffers are not released")
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

func TestCacheIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCache(100, time.Minute)
		stored := func() (out []byte) {
			for i := range 10 {
				if _, ok := c.get(key{byte(i)}); ok {
					out = append(out, byte(i))
				}
			}
			return out
		}
		c.put(key{1}, make([]byte, 40))
		c.put(key{2}, make([]byte, 40))
		c.put(key{9}, make([]byte, smallBody+1)) // too large to be cached
		if diff := cmp.Diff([]byte{1, 2}, stored()); diff != "" {
			t.Error(diff)
		}
		c.put(key{3}, make([]byte, 40)) // removes the oldest
		if diff := cmp.Diff([]byte{2, 3}, stored()); diff != "" {
			t.Error(diff)
		}
		c.put(key{3}, make([]byte, 60)) // replaces itself
		if diff := cmp.Diff([]byte{2, 3}, stored()); diff != "" || c.room != 0 {
			t.Error(diff, c.room)
		}
		time.Sleep(time.Minute)
		if diff := cmp.Diff([]byte(nil), stored()); diff != "" {
			t.Error(diff)
		}
		c.put(key{4}, make([]byte, 10)) // removes the expired
		if diff := cmp.Diff([]byte{4}, stored()); diff != "" || c.room != 90 || len(c.bodies) != 1 || len(c.order) != 1 {
			t.Error(diff, c.room, c.order)
		}
		c.put(key{5}, make([]byte, 200)) // larger than the cache
		if len(c.bodies) != 0 || c.room != 100 {
			t.Error(c.order, c.room)
		}
	})
}

func TestRetryAfterWithAUnit(t *testing.T) {
	if got := retryAfter(http.Header{"Retry-After": {"12s"}}, time.Time{}); got != 12*time.Second {
		t.Errorf("got %v", got)
	}
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
		if inWords(got) == "" {
			t.Fatalf("%v has no words", got)
		}
	})
}
