package upstream_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/serverless-relay/relay/shared/relay"
	"github.com/serverless-relay/relay/shared/upstream"
	"github.com/serverless-relay/relay/shared/upstream/upstreamtest"
)

// slowServer counts requests and responds after a second.
func slowServer(requests *atomic.Int32) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		requests.Add(1)
		_, _ = io.Copy(io.Discard, r.Body)
		select {
		case <-time.After(time.Second):
			_, _ = w.Write([]byte(`{"score":3}`))
		case <-r.Context().Done():
		}
	}
}

func TestEqualRequestsAreSentOnce(t *testing.T) {
	get := func(path string) upstream.Request { return upstream.Request{Path: path} }
	post := func(body string, repeatable bool) upstream.Request {
		return upstream.Request{Method: "POST", Path: "/search", Body: body, Repeatable: repeatable}
	}
	for name, tt := range map[string]struct {
		requests   []upstream.Request
		concurrent bool
		want       int32
	}{
		"concurrent":                   {[]upstream.Request{get("/a"), get("/a"), get("/a")}, true, 1},
		"sequential":                   {[]upstream.Request{get("/a"), get("/a"), get("/a")}, false, 1},
		"different":                    {[]upstream.Request{get("/a"), get("/b"), get("/a")}, true, 2},
		"searches":                     {[]upstream.Request{post("a", true), post("a", true)}, true, 1},
		"different searches":           {[]upstream.Request{post("a", true), post("b", true)}, true, 2},
		"changes":                      {[]upstream.Request{post("a", false), post("a", false)}, true, 2},
		"sequential changes":           {[]upstream.Request{post("a", false), post("a", false)}, false, 2},
		"a search and an equal change": {[]upstream.Request{post("a", true), post("a", false)}, false, 2},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var requests atomic.Int32
				c := callerOf(t, slowServer(&requests), upstream.Options{})
				var wg sync.WaitGroup
				for _, request := range tt.requests {
					wg.Go(func() {
						var answer scored
						if err := c.Do(t.Context(), request, &answer); err != nil || answer.Score != 3 {
							t.Errorf("got %+v, %v", answer, err)
						}
					})
					if !tt.concurrent {
						wg.Wait()
					}
				}
				wg.Wait()
				if requests.Load() != tt.want {
					t.Errorf("%d requests, want %d", requests.Load(), tt.want)
				}
			})
		})
	}
}

// Each request of the platform has its own Caller.
func TestCallersShareResponses(t *testing.T) {
	get := func(t *testing.T, c *upstream.Client, key string) {
		caller, err := c.Caller(upstream.Headers(http.Header{"Key": {key}}), relay.Claims{})
		if err != nil {
			t.Fatal(err)
		}
		var answer scored
		if err := caller.Do(t.Context(), upstream.Request{Path: "/a"}, &answer); err != nil || answer.Score != 3 {
			t.Errorf("got %+v, %v", answer, err)
		}
	}
	for name, tt := range map[string]struct {
		cache      time.Duration
		keys       []string
		concurrent bool
		pause      time.Duration
		want       int32
	}{
		"one credential, concurrent":     {0, []string{"k", "k"}, true, 0, 1},
		"one credential, sequential":     {0, []string{"k", "k"}, false, 0, 2},
		"two credentials, concurrent":    {0, []string{"k", "l"}, true, 0, 2},
		"one credential, cached":         {time.Minute, []string{"k", "k"}, false, 58 * time.Second, 1},
		"one credential, expired":        {time.Minute, []string{"k", "k"}, false, time.Minute, 2},
		"two credentials, cached":        {time.Minute, []string{"k", "l"}, false, 0, 2},
		"cached, then expired":           {time.Minute, []string{"k", "k", "k"}, false, 40 * time.Second, 2},
		"a prefix of another credential": {time.Minute, []string{"k", "k2"}, false, 0, 2},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var requests atomic.Int32
				client := newClient(t, upstream.Options{
					Address:   address(t, "https://api.example.com"),
					Transport: upstreamtest.Transport(slowServer(&requests)),
					Settings:  upstream.Settings{Cache: tt.cache},
				})
				var wg sync.WaitGroup
				for _, key := range tt.keys {
					wg.Go(func() { get(t, client, key) })
					if !tt.concurrent {
						wg.Wait()
						time.Sleep(tt.pause)
					}
				}
				wg.Wait()
				if requests.Load() != tt.want {
					t.Errorf("%d requests, want %d", requests.Load(), tt.want)
				}
			})
		})
	}
}

// A Caller that joined the request of another one has its response too, even if the other
// gave up.
func TestJoinedResponsesAreKept(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var requests atomic.Int32
		client := newClient(t, upstream.Options{Address: address(t, "https://api.example.com"), Transport: upstreamtest.Transport(slowServer(&requests))})
		impatient, cancel := context.WithTimeout(t.Context(), time.Second/2)
		defer cancel()
		first, second := caller(t, client), caller(t, client)
		go func() { _ = first.Get(impatient, "/a", nil, nil) }()
		synctest.Wait()
		for range 2 {
			if err := second.Get(t.Context(), "/a", nil, nil); err != nil {
				t.Error(err)
			}
		}
		if n := requests.Load(); n != 1 {
			t.Errorf("%d requests", n)
		}
	})
}

// A fresh request doesn't get a cached response, but is retried.
func TestFresh(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var tried atomic.Int32
		c := callerOf(t, flaky(1, fails(503), &tried), upstream.Options{Retries: 1, Settings: upstream.Settings{Cache: time.Hour}})
		for range 3 {
			if err := c.Get(upstream.Fresh(t.Context()), "/", nil, nil); err != nil {
				t.Error(err)
			}
		}
		if tried.Load() != 4 {
			t.Errorf("%d requests, want 4", tried.Load())
		}
	})
}

func TestErrorsAreNotCached(t *testing.T) {
	var tried atomic.Int32
	c := callerOf(t, flaky(1, fails(503), &tried), upstream.Options{Settings: upstream.Settings{Cache: time.Hour}})
	if err := c.Do(t.Context(), upstream.Request{Path: "/"}, nil); err == nil {
		t.Error("no error")
	}
	var answer scored
	if err := c.Do(t.Context(), upstream.Request{Path: "/"}, &answer); err != nil || answer.Score != 1 {
		t.Errorf("got %+v, %v", answer, err)
	}
}

// A caller that gives up doesn't affect the others.
func TestGivingUp(t *testing.T) {
	for _, first := range []bool{true, false} { // the first caller gives up, or the second
		synctest.Test(t, func(t *testing.T) {
			var requests atomic.Int32
			c := callerOf(t, slowServer(&requests), upstream.Options{})
			impatient, cancel := context.WithTimeout(t.Context(), 500*time.Millisecond)
			defer cancel()
			contexts := []context.Context{impatient, t.Context()}
			if !first {
				contexts = []context.Context{t.Context(), impatient}
			}
			var wg sync.WaitGroup
			for _, ctx := range contexts {
				wg.Go(func() {
					err := c.Do(ctx, upstream.Request{Path: "/"}, nil)
					if gaveUp := errors.Is(err, context.DeadlineExceeded); gaveUp != (ctx == impatient) {
						t.Errorf("got %v", err)
					}
				})
				synctest.Wait() // so that they call in this order
			}
			wg.Wait()
			if requests.Load() != 1 {
				t.Errorf("%d requests", requests.Load())
			}
		})
	}
}

func TestTheLastOneToGiveUpCancelsTheCall(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var canceled atomic.Bool
		c := callerOf(t, func(_ http.ResponseWriter, r *http.Request) {
			<-r.Context().Done()
			canceled.Store(true)
		}, upstream.Options{})
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		var wg sync.WaitGroup
		for range 3 {
			wg.Go(func() { _ = c.Do(ctx, upstream.Request{Path: "/"}, nil) })
		}
		wg.Wait()
		synctest.Wait()
		if !canceled.Load() {
			t.Error("the call continues although nobody waits")
		}
	})
}

// A call is retried until the latest deadline of its callers.
func TestTheLatestDeadlineCounts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var tried atomic.Int32
		c := callerOf(t, flaky(1, func(w http.ResponseWriter, r *http.Request) {
			time.Sleep(time.Second)
			fails(503, "Retry-After", "10")(w, r)
		}, &tried), upstream.Options{Retries: 1})
		short, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		defer cancel()
		long, cancelLong := context.WithTimeout(t.Context(), 20*time.Second)
		defer cancelLong()
		var wg sync.WaitGroup
		wg.Go(func() {
			if err := c.Do(short, upstream.Request{Path: "/"}, nil); !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("got %v", err)
			}
		})
		synctest.Wait()
		wg.Go(func() {
			if err := c.Do(long, upstream.Request{Path: "/"}, nil); err != nil {
				t.Error(err)
			}
		})
		wg.Wait()
	})
}

func TestEachCredentialHasItsOwnLimit(t *testing.T) {
	for limit, want := range map[int]time.Duration{0: 3 * time.Second, 1: 30 * time.Second, 15: 2 * time.Second} {
		synctest.Test(t, func(t *testing.T) {
			var requests atomic.Int32
			client := newClient(t, upstream.Options{
				Address:   address(t, "https://api.example.com"),
				Transport: upstreamtest.Transport(slowServer(&requests)),
				Timeout:   time.Second + time.Millisecond, // without the wait for a slot
				Settings:  upstream.Settings{Concurrency: limit},
			})
			start := time.Now()
			var wg sync.WaitGroup
			for _, key := range []string{"k", "l"} {
				c, err := client.Caller(upstream.Headers(http.Header{"Key": {key}}), relay.Claims{})
				if err != nil {
					t.Fatal(err)
				}
				for i := range 30 {
					wg.Go(func() {
						if err := c.Do(t.Context(), upstream.Request{Path: strconv.Itoa(i)}, nil); err != nil {
							t.Error(err)
						}
					})
				}
			}
			wg.Wait()
			if took := time.Since(start); took != want || requests.Load() != 60 {
				t.Errorf("limit %d: %d calls took %v, want %v", limit, requests.Load(), took, want)
			}
		})
	}
}

// slowBody has n zero bytes, and ends when end is closed.
type slowBody struct {
	n       int
	waiting *atomic.Int32 // counts the bodies that were read up to the end
	end     <-chan struct{}
}

func (b *slowBody) Read(p []byte) (int, error) {
	if b.n == 0 {
		b.waiting.Add(1)
		<-b.end
		return 0, io.EOF
	}
	n := min(len(p), b.n)
	b.n -= n
	return n, nil
}

func (b *slowBody) Close() error { return nil }

// slowBodies is a network that responds with slow bodies. length is the
// Content-Length.
type slowBodies struct {
	size, length int
	waiting      atomic.Int32
	end          chan struct{}
}

func (b *slowBodies) RoundTrip(*http.Request) (*http.Response, error) {
	return &http.Response{StatusCode: 200, Body: &slowBody{b.size, &b.waiting, b.end}, ContentLength: int64(b.length), Header: http.Header{}}, nil
}

// Large responses share two buffers. Small ones don't wait for one.
func TestLargeResponsesWaitForABuffer(t *testing.T) {
	const mega = 1 << 20
	for name, tt := range map[string]struct {
		size, length int
		concurrent   int32
	}{
		"small":                    {200 << 10, -1, 10},
		"large, of unknown length": {5 * mega, -1, 2},
		"large, of known length":   {5 * mega, 5 * mega, 2},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				network := &slowBodies{size: tt.size, length: tt.length, end: make(chan struct{})}
				c := caller(t, newClient(t, upstream.Options{Address: address(t, "https://api.example.com"), Transport: network}))
				var read atomic.Int32
				var wg sync.WaitGroup
				for i := range 10 {
					wg.Go(func() {
						err := c.Do(t.Context(), upstream.Request{Path: strconv.Itoa(i)}, &scored{})
						if strings.Contains(fmt.Sprint(err), "isn't JSON") {
							read.Add(1)
						}
					})
				}
				synctest.Wait()
				if got := network.waiting.Load(); got != tt.concurrent {
					t.Errorf("%d were read concurrently, want %d", got, tt.concurrent)
				}
				close(network.end)
				wg.Wait()
				if read.Load() != 10 {
					t.Errorf("%d of 10 were read", read.Load())
				}
			})
		})
	}
}

func TestTheLargestResponse(t *testing.T) {
	const largest = 8 << 20
	for _, length := range []int{largest, largest + 1} {
		for _, known := range []bool{true, false} {
			c := callerOf(t, func(w http.ResponseWriter, _ *http.Request) {
				if known {
					w.Header().Set("Content-Length", strconv.Itoa(length))
				}
				_, _ = w.Write(append([]byte(`{"score":1}`), bytes.Repeat([]byte(" "), length-len(`{"score":1}`))...))
			}, upstream.Options{})
			var answer scored
			switch err := c.Do(t.Context(), upstream.Request{Path: "/"}, &answer); {
			case length == largest && (err != nil || answer.Score != 1):
				t.Errorf("%d bytes, known %v: %+v, %v", length, known, answer, err)
			case length > largest && (!errors.Is(err, upstream.ErrTooLarge) || !strings.Contains(coded(t, err).Message, "larger than the 8 MB")):
				t.Errorf("%d bytes, known %v: %v", length, known, err)
			}
		}
	}
}
