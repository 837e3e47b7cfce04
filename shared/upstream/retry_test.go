package upstream_test

import (
	"cmp"
	"context"
	"errors"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/serverless-relay/relay/shared/logging"
	"github.com/serverless-relay/relay/shared/relay"
	"github.com/serverless-relay/relay/shared/upstream"
	"github.com/serverless-relay/relay/shared/upstream/upstreamtest"
)

// flaky calls fail for the first requests.
func flaky(times int, fail http.HandlerFunc, tried *atomic.Int32) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if int(tried.Add(1)) <= times {
			fail(w, r)
			return
		}
		_, _ = w.Write([]byte(`{"score":1}`))
	}
}

func fails(status int, header ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		if len(header) == 2 {
			w.Header().Set(header[0], header[1])
		}
		w.WriteHeader(status)
	}
}

func TestRetries(t *testing.T) {
	get, search, change := upstream.Request{Path: "/"}, upstream.Request{Method: "POST", Path: "/", Body: 1, Repeatable: true}, upstream.Request{Method: "POST", Path: "/", Body: 1}
	hangUp := func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }
	for name, tt := range map[string]struct {
		fail     http.HandlerFunc
		times    int
		request  upstream.Request
		deadline time.Duration // 0 is a minute
		retries  int           // 0 is the default: two
		// What must result. No code means a response.
		tries    int32
		code     relay.Code
		from, to time.Duration
	}{
		"one failure":                           {fails(503), 1, get, 0, 0, 2, "", 125 * time.Millisecond, 250 * time.Millisecond},
		"two failures":                          {fails(500), 2, get, 0, 0, 3, "", 375 * time.Millisecond, 750 * time.Millisecond},
		"three failures":                        {fails(502), 3, get, 0, 0, 3, relay.CodeServiceUnavailable, 375 * time.Millisecond, 750 * time.Millisecond},
		"a search":                              {fails(504), 1, search, 0, 0, 2, "", 125 * time.Millisecond, 250 * time.Millisecond},
		"a change is not repeated":              {fails(503), 1, change, 0, 0, 1, relay.CodeServiceUnavailable, 0, 0},
		"a change is not repeated, 429":         {fails(429, "Retry-After", "1"), 1, change, 0, 0, 1, relay.CodeTooManyRequests, 0, 0},
		"a change, connection closed":           {hangUp, 1, change, 0, 0, 1, relay.CodeConnection, 0, 0},
		"connection closed":                     {hangUp, 1, get, 0, 0, 2, "", 125 * time.Millisecond, 250 * time.Millisecond},
		"no retries":                            {fails(503), 1, get, 0, -1, 1, relay.CodeServiceUnavailable, 0, 0},
		"four retries":                          {fails(503), 4, get, 0, 4, 5, "", 1875 * time.Millisecond, 3750 * time.Millisecond},
		"an invalid request":                    {fails(422), 1, get, 0, 0, 1, relay.CodeInvalidArgument, 0, 0},
		"a wrong credential":                    {fails(401), 1, get, 0, 0, 1, relay.CodeAuthorization, 0, 0},
		"not implemented":                       {fails(501), 1, get, 0, 0, 1, relay.CodeServiceUnavailable, 0, 0},
		"too many requests":                     {fails(429), 1, get, 0, 0, 2, "", 125 * time.Millisecond, 250 * time.Millisecond},
		"Retry-After":                           {fails(429, "Retry-After", "7"), 1, get, 0, 0, 2, "", 7 * time.Second, 7250 * time.Millisecond},
		"the header of urlscan.io":              {fails(429, "X-Rate-Limit-Reset-After", "7"), 1, get, 0, 0, 2, "", 7 * time.Second, 7250 * time.Millisecond},
		"Retry-After of a 503":                  {fails(503, "Retry-After", "7"), 1, get, 0, 0, 2, "", 7 * time.Second, 7250 * time.Millisecond},
		"Retry-After with a date":               {fails(429, "Retry-After", "Sat, 01 Jan 2000 00:00:09 GMT"), 1, get, 0, 0, 2, "", 9 * time.Second, 9250 * time.Millisecond},
		"Retry-After with a date in the past":   {fails(429, "Retry-After", "Fri, 31 Dec 1999 00:00:00 GMT"), 1, get, 0, 0, 2, "", 125 * time.Millisecond, 250 * time.Millisecond},
		"negative Retry-After":                  {fails(429, "Retry-After", "-5"), 1, get, 0, 0, 2, "", 125 * time.Millisecond, 250 * time.Millisecond},
		"Retry-After beyond the deadline":       {fails(429, "Retry-After", "7"), 1, get, 7 * time.Second, 0, 1, relay.CodeTooManyRequests, 0, 0},
		"no time for the second retry":          {fails(503), 3, get, 300 * time.Millisecond, 0, 2, relay.CodeServiceUnavailable, 125 * time.Millisecond, 250 * time.Millisecond},
		"too slow: no retry":                    {func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }, 1, get, 0, 0, 1, relay.CodeTimeout, 10 * time.Second, 10 * time.Second},
		"too slow for the deadline":             {func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }, 1, get, 3 * time.Second, 0, 1, relay.CodeTimeout, 3 * time.Second, 3 * time.Second},
		"a redirect to another host":            {fails(302, "Location", "https://elsewhere.example.com"), 1, get, 0, 0, 1, relay.CodeConnection, 0, 0},
		"a redirect in a circle":                {fails(302, "Location", "https://api.example.com/"), 100, get, 0, 0, 6, relay.CodeConnection, 0, 0},
		"a redirect of a search to a page":      {fails(302, "Location", "https://api.example.com/login"), 1, search, 0, 0, 1, relay.CodeConnection, 0, 0},
		"a redirect of a search":                {fails(308, "Location", "https://api.example.com/"), 1, search, 0, 0, 2, "", 0, 0},
		"a redirect to the same host, upper":    {fails(301, "Location", "https://API.example.com:443/"), 1, get, 0, 0, 2, "", 0, 0},
		"a redirect to another port":            {fails(301, "Location", "https://api.example.com:8443/"), 1, get, 0, 0, 1, relay.CodeConnection, 0, 0},
		"a redirect to no TLS":                  {fails(301, "Location", "http://api.example.com/"), 1, get, 0, 0, 1, relay.CodeConnection, 0, 0},
		"a redirect to no TLS on the same port": {fails(301, "Location", "http://api.example.com:443/"), 1, get, 0, 0, 1, relay.CodeConnection, 0, 0},
		"a redirect to a subdomain":             {fails(307, "Location", "https://www.api.example.com/"), 1, get, 0, 0, 1, relay.CodeConnection, 0, 0},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var tried atomic.Int32
				c := callerOf(t, flaky(tt.times, tt.fail, &tried), upstream.Options{Retries: cmp.Or(tt.retries, upstream.DefaultRetries)})
				var counter logging.Calls
				ctx, cancel := context.WithTimeout(logging.WithCalls(t.Context(), &counter), cmp.Or(tt.deadline, time.Minute))
				defer cancel()
				start := time.Now()
				var answer scored
				err := c.Do(ctx, tt.request, &answer)
				took := time.Since(start)
				if took < tt.from || took > tt.to {
					t.Errorf("took %v, want %v to %v", took, tt.from, tt.to)
				}
				if tried.Load() != tt.tries {
					t.Errorf("tried %d times, want %d", tried.Load(), tt.tries)
				}
				if tt.code == "" {
					if err != nil || answer.Score != 1 {
						t.Errorf("got %+v, %v", answer, err)
					}
				} else if got := coded(t, err); got.Code != tt.code {
					t.Errorf("got %v, want %s", err, tt.code)
				}
				if n, _ := counter.Total(); !strings.Contains(name, "redirect") && n != int(tt.tries) {
					t.Errorf("counted %d calls", n)
				}
				cancel()
				synctest.Wait() // no goroutine is left
			})
		})
	}
}

// broken is a network on which every call fails.
type broken struct {
	err   error
	tried atomic.Int32
}

func (b *broken) RoundTrip(*http.Request) (*http.Response, error) {
	b.tried.Add(1)
	return nil, b.err
}

func TestNetworkErrors(t *testing.T) {
	for name, tt := range map[string]struct {
		err   error
		tries int32
		want  string
	}{
		"no such host":       {noSuchHost, 1, "connection error: The host of Example can't be found. Check its address in the settings."},
		"name server fails":  {nameServerFails, 3, "connection error: The host of Example can't be found. Check its address in the settings."},
		"name server hangs":  {nameServerHangs, 3, "timeout: Example can't be reached in time. Check its address in the settings, or try again later."},
		"refused":            {refused, 3, "connection error: Example can't be reached or closed the connection. Check its address in the settings, or try again later."},
		"unknown error":      {errors.New("malformed HTTP response"), 1, "connection error: Example can't be reached or closed the connection. Check its address in the settings, or try again later."},
		"the server is HTTP": {http.ErrSchemeMismatch, 1, "connection error: Example does not use TLS at its address. Check the address in the settings."},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				network := &broken{err: tt.err}
				c := caller(t, newClient(t, upstream.Options{Address: address(t, "https://api.example.com"), Transport: network, Retries: 2}))
				err := c.Do(t.Context(), upstream.Request{Path: "/check?ip=192.0.2.9"}, nil)
				if got := coded(t, err).Error(); got != tt.want {
					t.Errorf("\n got %s\nwant %s", got, tt.want)
				}
				if !errors.Is(err, tt.err) {
					t.Errorf("the cause for the log is missing: %v", err)
				}
				if network.tried.Load() != tt.tries {
					t.Errorf("tried %d times, want %d", network.tried.Load(), tt.tries)
				}
			})
		})
	}
}

// After some errors, further calls fail without being sent.
func TestRefusalsStopFurtherCalls(t *testing.T) {
	for name, tt := range map[string]struct {
		fail    http.HandlerFunc
		retries int
		code    relay.Code
		tries   int32
		pause   time.Duration // after which calls are sent again; 0 is never
	}{
		"401":                  {fails(401), -1, relay.CodeAuthorization, 1, 0},
		"429 with Retry-After": {fails(429, "Retry-After", "120"), 2, relay.CodeTooManyRequests, 1, 2 * time.Minute},
		"429":                  {fails(429), 2, relay.CodeTooManyRequests, 3, 0},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var tried atomic.Int32
				c := callerOf(t, flaky(int(tt.tries), tt.fail, &tried), upstream.Options{Retries: tt.retries})
				ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
				for _, path := range []string{"/a", "/b", "/c"} {
					if err := c.Do(ctx, upstream.Request{Path: path}, nil); coded(t, err).Code != tt.code {
						t.Errorf("got %v", err)
					}
				}
				cancel()
				time.Sleep(cmp.Or(tt.pause, time.Hour))
				err := c.Do(t.Context(), upstream.Request{Path: "/d"}, nil)
				if sent := err == nil; sent != (tt.pause > 0) {
					t.Errorf("later: %v", err)
				} else if sent {
					tt.tries++
				}
				if tried.Load() != tt.tries {
					t.Errorf("tried %d times, want %d", tried.Load(), tt.tries)
				}
			})
		})
	}
}

// A provider stops calls if it knows that a status is about the credential.
func TestStop(t *testing.T) {
	var tried atomic.Int32
	c := callerOf(t, flaky(1, fails(403), &tried), upstream.Options{})
	refused := c.Do(t.Context(), upstream.Request{Path: "/a"}, nil)
	if !upstream.IsStatus(refused, http.StatusForbidden) {
		t.Fatalf("got %v", refused)
	}
	c.Stop(refused)
	if err := c.Do(t.Context(), upstream.Request{Path: "/b"}, nil); !errors.Is(err, refused) || tried.Load() != 1 {
		t.Errorf("tried %d times, got %v", tried.Load(), err)
	}
}

// Errors name the service. Its refusal doesn't stop calls to other services.
func TestServices(t *testing.T) {
	var tried atomic.Int32
	c := callerOf(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Host == "lists.example.com" {
			tried.Add(1)
			w.WriteHeader(http.StatusUnauthorized)
		}
	}, upstream.Options{})
	lists := address(t, "https://lists.example.com")
	for range 2 {
		err := c.At("Example Lists", lists).Do(t.Context(), upstream.Request{Path: "/a"}, nil)
		if e := coded(t, err); e.Code != relay.CodeAuthorization || !strings.HasPrefix(e.Message, "Example Lists refuses") {
			t.Errorf("got %v", err)
		}
	}
	if tried.Load() != 1 {
		t.Errorf("tried %d times", tried.Load())
	}
	if err := c.Do(t.Context(), upstream.Request{Path: "/a"}, nil); err != nil {
		t.Errorf("the other service's refusal stops calls: %v", err)
	}
}

// Some third parties report errors with status 200.
func TestFail(t *testing.T) {
	var tried atomic.Int32
	c := callerOf(t, flaky(0, nil, &tried), upstream.Options{})
	if e := coded(t, c.Fail(http.StatusBadGateway, "")); e.Code != relay.CodeServiceUnavailable {
		t.Errorf("got %v", e)
	}
	if err := c.Do(t.Context(), upstream.Request{Path: "/a"}, nil); err != nil {
		t.Error(err)
	}
	refused := c.Fail(http.StatusUnauthorized, "no such key")
	if e := coded(t, refused); e.Code != relay.CodeAuthorization || !strings.HasSuffix(e.Message, "It says: no such key") {
		t.Errorf("got %v", e)
	}
	if err := c.Do(t.Context(), upstream.Request{Path: "/b"}, nil); !errors.Is(err, refused) || tried.Load() != 1 {
		t.Errorf("tried %d times, got %v", tried.Load(), err)
	}
}

// Some third parties refuse a wrong credential with another status than 401.
func TestRefusal(t *testing.T) {
	var tried atomic.Int32
	c := callerOf(t, flaky(1, fails(403), &tried), upstream.Options{Refusal: http.StatusForbidden})
	refused := c.Do(t.Context(), upstream.Request{Path: "/a"}, nil)
	if err := c.Do(t.Context(), upstream.Request{Path: "/b"}, nil); !errors.Is(err, refused) || tried.Load() != 1 {
		t.Errorf("tried %d times, got %v", tried.Load(), err)
	}
}

func TestOtherErrorsDoNotStopFurtherCalls(t *testing.T) {
	for _, fail := range []http.HandlerFunc{fails(403), fails(404), fails(500), fails(503, "Retry-After", "9")} {
		var tried atomic.Int32
		c := callerOf(t, flaky(1, fail, &tried), upstream.Options{})
		if err := c.Do(t.Context(), upstream.Request{Path: "/a"}, nil); err == nil {
			t.Error("no error")
		}
		if err := c.Do(t.Context(), upstream.Request{Path: "/b"}, nil); err != nil {
			t.Error(err)
		}
	}
}

// Errors of a network.
var (
	noSuchHost      = &net.OpError{Op: "dial", Err: &net.DNSError{Err: "no such host", IsNotFound: true}}
	nameServerFails = &net.OpError{Op: "dial", Err: &net.DNSError{Err: "server misbehaving", IsTemporary: true}}
	nameServerHangs = &net.OpError{Op: "dial", Err: &net.DNSError{Err: "i/o timeout", IsTimeout: true}}
	refused         = &net.OpError{Op: "dial", Err: syscall.ECONNREFUSED}
)

func TestTransportFailsWhenTheHandlerPanics(t *testing.T) {
	request, _ := http.NewRequestWithContext(t.Context(), http.MethodGet, "https://api.example.com", nil)
	_, err := upstreamtest.Transport(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic("x") })).RoundTrip(request)
	if err == nil {
		t.Error("no error")
	}
}
