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

// flaky fails in a way the first few times.
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
		// What must come of it; an empty code is an answer.
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
		"a change that hangs up":                {hangUp, 1, change, 0, 0, 1, relay.CodeConnection, 0, 0},
		"hangs up":                              {hangUp, 1, get, 0, 0, 2, "", 125 * time.Millisecond, 250 * time.Millisecond},
		"none wanted":                           {fails(503), 1, get, 0, -1, 1, relay.CodeServiceUnavailable, 0, 0},
		"four wanted":                           {fails(503), 4, get, 0, 4, 5, "", 1875 * time.Millisecond, 3750 * time.Millisecond},
		"a wrong question":                      {fails(422), 1, get, 0, 0, 1, relay.CodeInvalidArgument, 0, 0},
		"a wrong credential":                    {fails(401), 1, get, 0, 0, 1, relay.CodeAuthorization, 0, 0},
		"something it can't do":                 {fails(501), 1, get, 0, 0, 1, relay.CodeServiceUnavailable, 0, 0},
		"too many requests":                     {fails(429), 1, get, 0, 0, 2, "", 125 * time.Millisecond, 250 * time.Millisecond},
		"told to wait":                          {fails(429, "Retry-After", "7"), 1, get, 0, 0, 2, "", 7 * time.Second, 7250 * time.Millisecond},
		"told to wait for maintenance":          {fails(503, "Retry-After", "7"), 1, get, 0, 0, 2, "", 7 * time.Second, 7250 * time.Millisecond},
		"told to wait until a time":             {fails(429, "Retry-After", "Sat, 01 Jan 2000 00:00:09 GMT"), 1, get, 0, 0, 2, "", 9 * time.Second, 9250 * time.Millisecond},
		"told to wait until a time that was":    {fails(429, "Retry-After", "Fri, 31 Dec 1999 00:00:00 GMT"), 1, get, 0, 0, 2, "", 125 * time.Millisecond, 250 * time.Millisecond},
		"told to wait less than no time":        {fails(429, "Retry-After", "-5"), 1, get, 0, 0, 2, "", 125 * time.Millisecond, 250 * time.Millisecond},
		"told to wait longer than there is":     {fails(429, "Retry-After", "7"), 1, get, 7 * time.Second, 0, 1, relay.CodeTooManyRequests, 0, 0},
		"no time for the second retry":          {fails(503), 3, get, 300 * time.Millisecond, 0, 2, relay.CodeServiceUnavailable, 125 * time.Millisecond, 250 * time.Millisecond},
		"too slow is not asked again":           {func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }, 1, get, 0, 0, 1, relay.CodeTimeout, 10 * time.Second, 10 * time.Second},
		"too slow for the deadline":             {func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }, 1, get, 3 * time.Second, 0, 1, relay.CodeTimeout, 3 * time.Second, 3 * time.Second},
		"sent elsewhere is not asked again":     {fails(302, "Location", "https://elsewhere.example.com"), 1, get, 0, 0, 1, relay.CodeConnection, 0, 0},
		"sent in circles is not asked again":    {fails(302, "Location", "https://api.example.com/"), 100, get, 0, 0, 6, relay.CodeConnection, 0, 0},
		"a search that is sent to a page":       {fails(302, "Location", "https://api.example.com/login"), 1, search, 0, 0, 1, relay.CodeConnection, 0, 0},
		"a search that moved":                   {fails(308, "Location", "https://api.example.com/"), 1, search, 0, 0, 2, "", 0, 0},
		"a redirect to the same host in upper":  {fails(301, "Location", "https://API.example.com:443/"), 1, get, 0, 0, 2, "", 0, 0},
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
				if !strings.Contains(name, "redirect") && !strings.Contains(name, "sent") && !strings.Contains(name, "moved") && counter.Count() != int(tt.tries) {
					t.Errorf("counted %d calls", counter.Count())
				}
				cancel()
				synctest.Wait() // nothing is left behind
			})
		})
	}
}

// broken is a network that fails.
type broken struct {
	err   error
	tried atomic.Int32
}

func (b *broken) RoundTrip(*http.Request) (*http.Response, error) {
	b.tried.Add(1)
	return nil, b.err
}

func TestTheNetworkFails(t *testing.T) {
	for name, tt := range map[string]struct {
		err   error
		tries int32
		want  string
	}{
		"no such host":       {noSuchHost, 1, "connection error: The host of Example can't be found. Check its address in the settings."},
		"name server fails":  {nameServerFails, 3, "connection error: The host of Example can't be found. Check its address in the settings."},
		"name server hangs":  {nameServerHangs, 3, "timeout: Example can't be reached in time. Check its address in the settings, or ask again later."},
		"refused":            {refused, 3, "connection error: Example can't be reached, or hangs up. Check its address in the settings, or ask again later."},
		"something unheard":  {errors.New("malformed HTTP response"), 1, "connection error: Example can't be reached, or hangs up. Check its address in the settings, or ask again later."},
		"the server is HTTP": {http.ErrSchemeMismatch, 1, "connection error: Example doesn't speak TLS at its address. Check the address in the settings."},
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
					t.Errorf("the log isn't told the cause: %v", err)
				}
				if network.tried.Load() != tt.tries {
					t.Errorf("tried %d times, want %d", network.tried.Load(), tt.tries)
				}
			})
		})
	}
}

// After an answer that goes for all questions of a request, none is asked.
func TestARefusalEndsTheAsking(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, tt := range []struct {
			fail  http.HandlerFunc
			code  relay.Code
			again time.Duration // when asking is of use again
		}{
			{fails(401), relay.CodeAuthorization, 0},
			{fails(429, "Retry-After", "120"), relay.CodeTooManyRequests, 2 * time.Minute},
		} {
			var tried atomic.Int32
			c := callerOf(t, flaky(1, tt.fail, &tried), upstream.Options{})
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			for _, path := range []string{"/a", "/b", "/c"} {
				if err := c.Do(ctx, upstream.Request{Path: path}, nil); coded(t, err).Code != tt.code {
					t.Errorf("got %v", err)
				}
			}
			cancel()
			if tried.Load() != 1 {
				t.Errorf("%s: tried %d times", tt.code, tried.Load())
			}
			if tt.again == 0 {
				continue
			}
			time.Sleep(tt.again) // of the bubble's time
			if err := c.Do(t.Context(), upstream.Request{Path: "/d"}, nil); err != nil {
				t.Error(err)
			}
		}
	})
}

// A service of a third party has its own name, and its refusal is remembered.
func TestServicesAreAskedByName(t *testing.T) {
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
		t.Errorf("the other service's refusal counts: %v", err)
	}
}

// A third party may report in its answer what others report by the status.
func TestFail(t *testing.T) {
	var tried atomic.Int32
	c := callerOf(t, flaky(0, nil, &tried), upstream.Options{})
	if e := coded(t, c.Fail(http.StatusBadGateway)); e.Code != relay.CodeServiceUnavailable {
		t.Errorf("got %v", e)
	}
	if err := c.Do(t.Context(), upstream.Request{Path: "/a"}, nil); err != nil {
		t.Error(err)
	}
	refused := c.Fail(http.StatusUnauthorized)
	if e := coded(t, refused); e.Code != relay.CodeAuthorization {
		t.Errorf("got %v", e)
	}
	if err := c.Do(t.Context(), upstream.Request{Path: "/b"}, nil); !errors.Is(err, refused) || tried.Load() != 1 {
		t.Errorf("tried %d times, got %v", tried.Load(), err)
	}
}

// What one question got says nothing about others.
func TestOtherFailuresDoNotEndTheAsking(t *testing.T) {
	for _, fail := range []http.HandlerFunc{fails(403), fails(404), fails(429), fails(500), fails(503, "Retry-After", "9")} {
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

// What a network fails with.
var (
	noSuchHost      = &net.OpError{Op: "dial", Err: &net.DNSError{Err: "no such host", IsNotFound: true}}
	nameServerFails = &net.OpError{Op: "dial", Err: &net.DNSError{Err: "server misbehaving", IsTemporary: true}}
	nameServerHangs = &net.OpError{Op: "dial", Err: &net.DNSError{Err: "i/o timeout", IsTimeout: true}}
	refused         = &net.OpError{Op: "dial", Err: syscall.ECONNREFUSED}
)

func TestTransportHangsUpAsANetworkDoes(t *testing.T) {
	request, _ := http.NewRequestWithContext(t.Context(), http.MethodGet, "https://api.example.com", nil)
	_, err := upstreamtest.Transport(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic("x") })).RoundTrip(request)
	if err == nil {
		t.Error("no error")
	}
}
