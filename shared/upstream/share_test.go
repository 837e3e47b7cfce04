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

// counting answers after a second and counts the questions.
func counting(asked *atomic.Int32) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		asked.Add(1)
		_, _ = io.Copy(io.Discard, r.Body)
		select {
		case <-time.After(time.Second): // of the bubble's time
			_, _ = w.Write([]byte(`{"score":3}`))
		case <-r.Context().Done():
		}
	}
}

func TestTheSameQuestionGoesOutOnce(t *testing.T) {
	get := func(path string) upstream.Request { return upstream.Request{Path: path} }
	post := func(body string, repeatable bool) upstream.Request {
		return upstream.Request{Method: "POST", Path: "/search", Body: body, Repeatable: repeatable}
	}
	for name, tt := range map[string]struct {
		questions []upstream.Request
		atOnce    bool
		want      int32
	}{
		"at once":                     {[]upstream.Request{get("/a"), get("/a"), get("/a")}, true, 1},
		"one after another":           {[]upstream.Request{get("/a"), get("/a"), get("/a")}, false, 1},
		"different ones":              {[]upstream.Request{get("/a"), get("/b"), get("/a")}, true, 2},
		"searches":                    {[]upstream.Request{post("a", true), post("a", true)}, true, 1},
		"searches for different":      {[]upstream.Request{post("a", true), post("b", true)}, true, 2},
		"changes":                     {[]upstream.Request{post("a", false), post("a", false)}, true, 2},
		"changes, one after another":  {[]upstream.Request{post("a", false), post("a", false)}, false, 2},
		"a search and a change of it": {[]upstream.Request{post("a", true), post("a", false)}, false, 2},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var asked atomic.Int32
				c := callerOf(t, counting(&asked), upstream.Options{})
				var wg sync.WaitGroup
				for _, q := range tt.questions {
					wg.Go(func() {
						var answer scored
						if err := c.Do(t.Context(), q, &answer); err != nil || answer.Score != 3 {
							t.Errorf("got %+v, %v", answer, err)
						}
					})
					if !tt.atOnce {
						wg.Wait()
					}
				}
				wg.Wait()
				if asked.Load() != tt.want {
					t.Errorf("asked %d times, want %d", asked.Load(), tt.want)
				}
			})
		})
	}
}

// Each request of the platform has a Caller of its own.
func TestRequestsShareOnlyWhatTheyMay(t *testing.T) {
	ask := func(t *testing.T, c *upstream.Client, key string) {
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
		cache  time.Duration
		keys   []string
		atOnce bool
		pause  time.Duration
		want   int32
	}{
		"one credential at once":              {0, []string{"k", "k"}, true, 0, 1},
		"one credential later":                {0, []string{"k", "k"}, false, 0, 2},
		"two credentials at once":             {0, []string{"k", "l"}, true, 0, 2},
		"one credential later, cached":        {time.Minute, []string{"k", "k"}, false, 58 * time.Second, 1},
		"one credential too late, cached":     {time.Minute, []string{"k", "k"}, false, time.Minute, 2},
		"two credentials later, cached":       {time.Minute, []string{"k", "l"}, false, 0, 2},
		"three times in three terms, cached":  {time.Minute, []string{"k", "k", "k"}, false, 40 * time.Second, 2},
		"a credential that begins as another": {time.Minute, []string{"k", "k2"}, false, 0, 2},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var asked atomic.Int32
				client := newClient(t, upstream.Options{
					Address:   address(t, "https://api.example.com"),
					Transport: upstreamtest.Transport(counting(&asked)),
					Settings:  upstream.Settings{Cache: tt.cache},
				})
				var wg sync.WaitGroup
				for _, key := range tt.keys {
					wg.Go(func() { ask(t, client, key) })
					if !tt.atOnce {
						wg.Wait()
						time.Sleep(tt.pause) // of the bubble's time
					}
				}
				wg.Wait()
				if asked.Load() != tt.want {
					t.Errorf("asked %d times, want %d", asked.Load(), tt.want)
				}
			})
		})
	}
}

// An error isn't kept.
func TestAFailedQuestionIsAskedAgain(t *testing.T) {
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

// Who gives up costs nobody else the answer, and the last one ends the call.
func TestGivingUp(t *testing.T) {
	for _, first := range []bool{true, false} { // who gives up
		synctest.Test(t, func(t *testing.T) {
			var asked atomic.Int32
			c := callerOf(t, counting(&asked), upstream.Options{})
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
				synctest.Wait() // they come in this order
			}
			wg.Wait()
			if asked.Load() != 1 {
				t.Errorf("asked %d times", asked.Load())
			}
		})
	}
	synctest.Test(t, func(t *testing.T) {
		var dropped atomic.Bool
		c := callerOf(t, func(_ http.ResponseWriter, r *http.Request) {
			<-r.Context().Done()
			dropped.Store(true)
		}, upstream.Options{})
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		var wg sync.WaitGroup
		for range 3 {
			wg.Go(func() { _ = c.Do(ctx, upstream.Request{Path: "/"}, nil) })
		}
		wg.Wait()
		synctest.Wait()
		if !dropped.Load() {
			t.Error("the call goes on although nobody waits")
		}
	})
}

// A retry is worth it as long as the one with the most time waits.
func TestTheLatestDeadlineCounts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var tried atomic.Int32
		c := callerOf(t, flaky(1, func(w http.ResponseWriter, r *http.Request) {
			time.Sleep(time.Second) // of the bubble's time
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
			var asked atomic.Int32
			client := newClient(t, upstream.Options{
				Address:   address(t, "https://api.example.com"),
				Transport: upstreamtest.Transport(counting(&asked)),
				Timeout:   time.Second + time.Millisecond, // waiting for a slot doesn't count
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
			if took := time.Since(start); took != want || asked.Load() != 60 {
				t.Errorf("limit %d: %d calls took %v, want %v", limit, asked.Load(), took, want)
			}
		})
	}
}

// slowly is a body of so many bytes, all zero, whose end comes when it may.
type slowly struct {
	left    int
	waiting *atomic.Int32
	end     <-chan struct{}
}

func (s *slowly) Read(p []byte) (int, error) {
	if s.left == 0 {
		s.waiting.Add(1)
		<-s.end
		return 0, io.EOF
	}
	n := min(len(p), s.left)
	s.left -= n
	return n, nil
}

func (s *slowly) Close() error { return nil }

// bodies is a network that answers slowly, with Content-Length or without.
type bodies struct {
	size, length int
	waiting      atomic.Int32
	end          chan struct{}
}

func (b *bodies) RoundTrip(*http.Request) (*http.Response, error) {
	return &http.Response{StatusCode: 200, Body: &slowly{b.size, &b.waiting, b.end}, ContentLength: int64(b.length), Header: http.Header{}}, nil
}

// Large answers share two buffers; small ones don't wait for one.
func TestLargeAnswersTakeTurns(t *testing.T) {
	const mega = 1 << 20
	for name, tt := range map[string]struct {
		size, length int
		atOnce       int32
	}{
		"small":                    {200 << 10, -1, 10},
		"large, of unknown length": {5 * mega, -1, 2},
		"large, of known length":   {5 * mega, 5 * mega, 2},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				network := &bodies{size: tt.size, length: tt.length, end: make(chan struct{})}
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
				if got := network.waiting.Load(); got != tt.atOnce {
					t.Errorf("%d were read at once, want %d", got, tt.atOnce)
				}
				close(network.end)
				wg.Wait()
				if read.Load() != 10 {
					t.Errorf("%d of 10 were read in the end", read.Load())
				}
			})
		})
	}
}

func TestAnAnswerMayBeEightMegabytes(t *testing.T) {
	const most = 8 << 20
	for _, length := range []int{most, most + 1} {
		for _, known := range []bool{true, false} {
			c := callerOf(t, func(w http.ResponseWriter, _ *http.Request) {
				if known {
					w.Header().Set("Content-Length", strconv.Itoa(length))
				}
				_, _ = w.Write(append([]byte(`{"score":1}`), bytes.Repeat([]byte(" "), length-len(`{"score":1}`))...))
			}, upstream.Options{})
			var answer scored
			switch err := c.Do(t.Context(), upstream.Request{Path: "/"}, &answer); {
			case length == most && (err != nil || answer.Score != 1):
				t.Errorf("%d bytes, known %v: %+v, %v", length, known, answer, err)
			case length > most && (!errors.Is(err, upstream.ErrTooLarge) || !strings.Contains(coded(t, err).Message, "larger than the 8 MB")):
				t.Errorf("%d bytes, known %v: %v", length, known, err)
			}
		}
	}
}
