package upstream_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/serverless-relay/relay/shared/relay"
	"github.com/serverless-relay/relay/shared/upstream"
	"github.com/serverless-relay/relay/shared/upstream/upstreamtest"
)

// secret is the credential in tests. It must not appear in errors.
const secret = "s3cr3t-credential"

var credential = http.Header{"Key": {secret}}

// scored is a response as a provider declares it.
type scored struct{ Score int }

// newClient returns a client without retries.
func newClient(t *testing.T, o upstream.Options) *upstream.Client {
	t.Helper()
	if o.Title == "" {
		o.Title = "Example"
	}
	if o.Retries == 0 {
		o.Retries = -1
	}
	c, err := upstream.New(o)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// callerOf returns a caller of a handler in this process.
func callerOf(t *testing.T, h http.HandlerFunc, o upstream.Options) *upstream.Caller {
	t.Helper()
	o.Transport = upstreamtest.Transport(h)
	o.Address = address(t, "https://api.example.com")
	return caller(t, newClient(t, o))
}

func caller(t *testing.T, c *upstream.Client) *upstream.Caller {
	t.Helper()
	out, err := c.Caller(upstream.Headers(credential), relay.Claims{})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func address(t *testing.T, text string) upstream.Address {
	t.Helper()
	a, err := upstream.ParseAddress(text)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// serve starts a server on the network.
func serve(t *testing.T, h http.HandlerFunc) *httptest.Server {
	t.Helper()
	server := httptest.NewServer(h)
	t.Cleanup(server.Close)
	return server
}

// coded returns the error for the platform. It must name the third party and
// nothing secret.
func coded(t *testing.T, err error) *relay.Error {
	t.Helper()
	var out *relay.Error
	if !errors.As(err, &out) {
		t.Fatalf("got %v, want an error for the platform", err)
	}
	if !strings.Contains(out.Message, "Example") {
		t.Errorf("the message doesn't name the third party: %s", out.Message)
	}
	if strings.Contains(err.Error(), secret) {
		t.Errorf("the error has the credential: %v", err)
	}
	if strings.Contains(err.Error(), "192.0.2.9") {
		t.Errorf("the error has the observable: %v", err)
	}
	return out
}

func TestDo(t *testing.T) {
	var got *http.Request
	var body string
	server := serve(t, func(w http.ResponseWriter, r *http.Request) {
		raw := make([]byte, 100)
		n, _ := r.Body.Read(raw)
		got, body = r, string(raw[:n])
		_, _ = w.Write([]byte("\xef\xbb\xbf {\"score\":7,\"new\":[]}\n"))
	})
	c := caller(t, newClient(t, upstream.Options{Address: address(t, server.URL+"/base/")}))
	for _, tt := range []struct {
		request    upstream.Request
		want, body string
	}{
		{upstream.Request{Path: "/check", Query: url.Values{"ip": {"2001:db8::1"}, "q": {"a&b=c"}}}, "GET /base/check?ip=2001%3Adb8%3A%3A1&q=a%26b%3Dc", ""},
		{upstream.Request{Path: "/of/" + url.PathEscape("a/b?c")}, "GET /base/of/a%2Fb%3Fc", ""},
		{upstream.Request{Method: http.MethodPost, Path: "search", Body: map[string]string{"value": "x"}}, "POST /base/search", `{"value":"x"}`},
	} {
		var answer scored
		if err := c.Do(t.Context(), tt.request, &answer); err != nil {
			t.Fatal(err)
		}
		if answer.Score != 7 {
			t.Errorf("%s: got %+v", tt.want, answer)
		}
		if diff := cmp.Diff([]string{tt.want, tt.body}, []string{got.Method + " " + got.RequestURI, body}); diff != "" {
			t.Error(diff)
		}
		if got.Header.Get("Key") != secret || got.Header.Get("Accept") != "application/json" || !strings.HasPrefix(got.Header.Get("User-Agent"), "serverless-relay/") {
			t.Errorf("headers %v", got.Header)
		}
		if (got.Header.Get("Content-Type") == "application/json") != (tt.body != "") {
			t.Errorf("content type %q", got.Header.Get("Content-Type"))
		}
	}
	if page := c.URL("/page/1"); page != server.URL+"/base/page/1" {
		t.Errorf("page %s", page)
	}
	if err := c.Do(t.Context(), upstream.Request{Method: http.MethodPost, Path: "/", Body: func() {}}, nil); coded(t, err).Code != relay.CodeInternal {
		t.Error(err)
	}
}

func TestFaults(t *testing.T) {
	for _, fault := range upstreamtest.Faults() {
		for _, method := range []string{http.MethodGet, http.MethodPost} {
			t.Run(fault.Name+", "+method, func(t *testing.T) {
				t.Parallel()
				server := serve(t, fault.Serve)
				c := caller(t, newClient(t, upstream.Options{Address: address(t, server.URL), Timeout: fault.Timeout()}))
				r := upstream.Request{Method: method, Path: "/check", Query: url.Values{"ip": {"192.0.2.9"}}}
				if method == http.MethodPost {
					r.Body = scored{}
				}
				var answer scored
				err := c.Do(t.Context(), r, &answer)
				if got := coded(t, err); got.Code != fault.Code {
					t.Errorf("got %v, want %s", err, fault.Code)
				}
			})
		}
	}
}

func TestStatusMessages(t *testing.T) {
	for _, tt := range []struct {
		status     int
		retryAfter string
		message    string
		want       string
	}{
		{401, "", "", "authorization error: Example refuses the credential (401). Check it in the module's settings."},
		{403, "", "No\nrights\x00 for " + secret, "authorization error: Example refuses the credential (403). Check it in the module's settings. It says: No rights for [redacted]"},
		{404, "", "", "not found: Example responds with not found (404). Check its address in the settings."},
		{408, "", "", "timeout: Example responds with a timeout (408). Try again later."},
		{400, "", "", "invalid argument: Example refuses the request (400)."},
		{422, "", "bad address", "invalid argument: Example refuses the request (422). It says: bad address"},
		{422, "", strings.Repeat("ä", 300), "invalid argument: Example refuses the request (422). It says: " + strings.Repeat("ä", 200) + "…"},
		{429, "", "", "too many requests: Example received too many requests. Try again later."},
		{429, "90", "", "too many requests: Example received too many requests. Try again in 90 seconds."},
		{429, "130", "", "too many requests: Example received too many requests. Try again in 3 minutes."},
		{429, "29241", "", "too many requests: Example received too many requests. Try again in 9 hours."},
		{429, "99999999999999999999", "", "too many requests: Example received too many requests. Try again later."},
		{500, "", "", "service unavailable: Example has an internal problem (500). Try again later."},
		{501, "", "", "service unavailable: Example has an internal problem (501). Try again later."},
		{503, "61", "", "service unavailable: Example has an internal problem (503). Try again in 61 seconds."},
		{304, "", "", "connection error: Example responds with an unexpected status (304). Check its address in the settings."},
	} {
		body, err := json.Marshal(map[string]string{"message": tt.message})
		if err != nil {
			t.Fatal(err)
		}
		c := callerOf(t, func(w http.ResponseWriter, _ *http.Request) {
			if tt.retryAfter != "" {
				w.Header().Set("Retry-After", tt.retryAfter)
			}
			w.WriteHeader(tt.status)
			_, _ = w.Write(body)
		}, upstream.Options{})
		err = c.Do(t.Context(), upstream.Request{Path: "/check"}, nil)
		if got := coded(t, err).Error(); got != tt.want {
			t.Errorf("%d:\n got %s\nwant %s", tt.status, got, tt.want)
		}
		var status *upstream.StatusError
		if !errors.As(err, &status) || status.Status != tt.status || tt.status != http.StatusNotModified && string(status.Body) != string(body) {
			t.Errorf("%d: got %+v", tt.status, status)
		}
	}
}

func TestIgnoredBody(t *testing.T) {
	c := callerOf(t, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) }, upstream.Options{})
	if err := c.Do(t.Context(), upstream.Request{Method: http.MethodPost, Path: "/"}, nil); err != nil {
		t.Error(err)
	}
}

func TestInvalidCredentialsAreRefusedBeforeTheCall(t *testing.T) {
	client := newClient(t, upstream.Options{Address: address(t, "https://api.example.com"), Transport: upstreamtest.Transport(nil)})
	for _, value := range []string{"", " ", "\t", secret + "\n", secret + "\x00", secret + "\x7f", secret + "é", "\u200b" + secret, secret + "\r\nHost: x"} {
		for name, connect := range map[string]func(http.Header) (*upstream.Caller, error){
			"the operator's address": func(h http.Header) (*upstream.Caller, error) {
				return client.Caller(upstream.Headers(h), relay.Claims{})
			},
			"the caller's address": func(h http.Header) (*upstream.Caller, error) {
				return client.Caller(upstream.AddressFrom("host", upstream.Headers(h)), relay.NewClaims(map[string]any{"host": "https://api.example.com"}))
			},
		} {
			_, err := connect(http.Header{"Accept-Version": {"1"}, "Authorization": {value}})
			if err == nil || coded(t, err).Code != relay.CodeAuthorization {
				t.Errorf("%s %q: got %v", name, value, err)
			}
		}
	}
	noAddress, err := newClient(t, upstream.Options{}).Caller(upstream.Headers(credential), relay.Claims{})
	if err != nil {
		t.Fatal(err)
	}
	if err := noAddress.Get(t.Context(), "/", nil, nil); err == nil || coded(t, err).Code != relay.CodeInvalidArgument {
		t.Errorf("without an address: %v", err)
	}
}

func TestTheContextEndsTheWait(t *testing.T) {
	c := callerOf(t, func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }, upstream.Options{})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	err := c.Do(ctx, upstream.Request{Path: "/"}, nil)
	if coded(t, err).Code != relay.CodeTimeout || !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}
