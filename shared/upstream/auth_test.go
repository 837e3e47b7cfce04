package upstream_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
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

// call makes one call with an auth, and returns the request that was received.
func call(t *testing.T, auth upstream.Auth, claims map[string]any) (got *http.Request, err error) {
	t.Helper()
	client := newClient(t, upstream.Options{Address: address(t, "https://api.example.com/base"), Transport: upstreamtest.Transport(
		http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			got = r
			fmt.Fprint(w, `{}`)
		}))})
	caller, err := client.Caller(auth, relay.NewClaims(claims))
	if err != nil {
		return nil, err
	}
	return got, caller.Get(t.Context(), "/x", nil, nil)
}

func TestAuthKinds(t *testing.T) {
	claims := map[string]any{"key": secret, "user": "ann", "host": "own.example.com/misp"}
	sign := func(r *http.Request, _ []byte, c relay.Claims) error {
		r.Header.Set("X-Signature", "signed "+r.URL.Path+" with "+c.Get("key"))
		return nil
	}
	for name, tt := range map[string]struct {
		auth         upstream.Auth
		header, want string
		url          string
	}{
		"none":         {upstream.None(), "Authorization", "", "https://api.example.com/base/x"},
		"header":       {upstream.Header("x-api-key", "key"), "X-Api-Key", secret, "https://api.example.com/base/x"},
		"absent":       {upstream.Header("X-Api-Key", "other"), "X-Api-Key", "", "https://api.example.com/base/x"},
		"bearer":       {upstream.Bearer("key"), "Authorization", "Bearer " + secret, "https://api.example.com/base/x"},
		"query":        {upstream.Query("key", "user"), "Authorization", "", "https://api.example.com/base/x?key=ann"},
		"basic":        {upstream.Basic("user", "user"), "Authorization", "Basic YW5uOmFubg==", "https://api.example.com/base/x"},
		"signer":       {upstream.Signer(sign, "key"), "X-Signature", "signed /base/x with " + secret, "https://api.example.com/base/x"},
		"signer, one":  {upstream.Signer(sign, "key", "other"), "X-Signature", "signed /base/x with " + secret, "https://api.example.com/base/x"},
		"address from": {upstream.AddressFrom("host", upstream.Bearer("user")), "Authorization", "Bearer ann", "https://own.example.com/misp/x"},
	} {
		got, err := call(t, tt.auth, claims)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if got.Header.Get(tt.header) != tt.want || got.URL.String() != tt.url {
			t.Errorf("%s: got %q to %s", name, got.Header.Get(tt.header), got.URL)
		}
	}
}

func TestSignerErrorsHaveNoSecret(t *testing.T) {
	_, err := call(t, upstream.Signer(func(*http.Request, []byte, relay.Claims) error { return errors.New("bad " + secret) }, "key"), map[string]any{"key": secret})
	if e := coded(t, err); e.Code != relay.CodeAuthorization || strings.Contains(err.Error(), secret) {
		t.Errorf("got %v", err)
	}
}

// issuer is a token endpoint, and an API that accepts its newest token.
type issuer struct {
	mu      sync.Mutex
	issued  int
	good    string
	expires int
	calls   atomic.Int32
}

func (i *issuer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	i.mu.Lock()
	defer i.mu.Unlock()
	if r.URL.Path == "/acme/token" {
		user, password, _ := r.BasicAuth()
		if r.FormValue("grant_type") != "client_credentials" || user != "id" || password != secret {
			w.WriteHeader(http.StatusBadRequest)
			fmt.Fprintf(w, `{"error":"invalid_client","error_description":"no %s"}`, secret)
			return
		}
		i.issued++
		i.good = fmt.Sprint("token", i.issued)
		w.Header().Set("Content-Type", "application/json")
		fmt.Fprintf(w, `{"access_token":%q,"token_type":"Bearer","expires_in":%d}`, i.good, i.expires)
		return
	}
	i.calls.Add(1)
	if r.Header.Get("Authorization") != "Bearer "+i.good {
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	fmt.Fprint(w, `{}`)
}

var oauth2 = upstream.OAuth2("https://login.example.com/{tenant}/token", "id", "secret", "scope")

func oauthClaims(secret string) relay.Claims {
	return relay.NewClaims(map[string]any{"id": "id", "secret": secret, "tenant": "acme"})
}

func TestOAuth2TokensAreCachedAndRenewed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		i := &issuer{expires: 3600}
		client := newClient(t, upstream.Options{Address: address(t, "https://api.example.com"), Transport: upstreamtest.Transport(i)})
		call := func(path string) {
			t.Helper()
			caller, err := client.Caller(oauth2, oauthClaims(secret))
			if err != nil {
				t.Fatal(err)
			}
			var all sync.WaitGroup
			for n := range 5 {
				all.Go(func() {
					if err := caller.Get(t.Context(), fmt.Sprint(path, n), nil, nil); err != nil {
						t.Error(err)
					}
				})
			}
			all.Wait()
		}
		call("/a")
		call("/b")
		if i.issued != 1 {
			t.Errorf("%d tokens for ten calls", i.issued)
		}
		time.Sleep(time.Hour)
		call("/c")
		if i.issued != 2 {
			t.Errorf("%d tokens after the first expired", i.issued)
		}
		i.good = "withdrawn"
		call("/d")
		if i.issued < 3 {
			t.Error("no new token after the old one was refused")
		}
	})
}

func TestOAuth2Failures(t *testing.T) {
	good := func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		fmt.Fprint(w, `{"access_token":"t","token_type":"Bearer","expires_in":3600}`)
	}
	for name, tt := range map[string]struct {
		token http.HandlerFunc
		code  relay.Code
	}{
		"a refused credential": {func(w http.ResponseWriter, r *http.Request) {
			w.WriteHeader(http.StatusBadRequest)
			fmt.Fprintf(w, `{"error":"invalid_client","error_description":"client %s with %s"}`, r.FormValue("client_id"), secret)
		}, relay.CodeAuthorization},
		"a refused token":   {good, relay.CodeAuthorization},
		"too many requests": {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusTooManyRequests) }, relay.CodeTooManyRequests},
		"not there":         {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNotFound) }, relay.CodeNotFound},
		"down":              {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusBadGateway) }, relay.CodeServiceUnavailable},
		"slow":              {func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }, relay.CodeTimeout},
		"connection closed": {func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, relay.CodeConnection},
		"a web page":        {func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "<html>", secret) }, relay.CodeServiceUnavailable},
		"no token":          {func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, `{}`) }, relay.CodeServiceUnavailable},
		"a redirect": {func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "https://evil.example/", http.StatusTemporaryRedirect)
		}, relay.CodeConnection},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				client := newClient(t, upstream.Options{Address: address(t, "https://api.example.com"), Transport: upstreamtest.Transport(
					http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
						switch r.URL.Host {
						case "login.example.com":
							tt.token(w, r)
						case "api.example.com":
							w.WriteHeader(http.StatusUnauthorized)
						default:
							t.Errorf("called %s", r.URL.Host)
						}
					}))})
				caller, err := client.Caller(oauth2, oauthClaims(secret))
				if err != nil {
					t.Fatal(err)
				}
				err = caller.Get(t.Context(), "/x", nil, nil)
				if e := coded(t, err); e.Code != tt.code || strings.Contains(err.Error()+e.Message, secret) {
					t.Errorf("want %s, got %v", tt.code, err)
				}
				if upstream.IsStatus(err, http.StatusNotFound) {
					t.Errorf("a provider would read it as an answer about the observable: %v", err)
				}
			})
		})
	}
}

// A token endpoint without a host is below the third party's address, even if that is
// the caller's.
func TestOAuth2BelowTheAddress(t *testing.T) {
	for name, auth := range map[string]upstream.Auth{
		"the operator's address": upstream.OAuth2("/acme/token", "id", "secret"),
		"the caller's address":   upstream.AddressFrom("host", upstream.OAuth2("/{tenant}/token", "id", "secret")),
	} {
		var hosts []string
		i := &issuer{expires: 3600}
		client := newClient(t, upstream.Options{Address: address(t, "https://api.example.com"), Transport: upstreamtest.Transport(
			http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				hosts = append(hosts, r.URL.Host)
				i.ServeHTTP(w, r)
			}))})
		caller, err := client.Caller(auth, relay.NewClaims(map[string]any{"id": "id", "secret": secret, "tenant": "acme", "host": "https://own.example.com"}))
		if err != nil {
			t.Fatal(err)
		}
		if err := caller.Get(t.Context(), "/x", nil, nil); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		want := map[string]string{"the operator's address": "api.example.com", "the caller's address": "own.example.com"}[name]
		if len(hosts) != 2 || hosts[0] != want || hosts[1] != want {
			t.Errorf("%s: called %v", name, hosts)
		}
		hosts = nil
		other, err := caller.AtWith("Other", address(t, "https://other.example.com"), upstream.OAuth2("/acme/token", "id", "secret"), oauthClaims(secret))
		if err != nil {
			t.Fatal(err)
		}
		if err := other.Get(t.Context(), "/x", nil, nil); err != nil || len(hosts) != 2 || hosts[0] != "other.example.com" {
			t.Errorf("%s: called %v, %v", name, hosts, err)
		}
	}
}

// A token endpoint with a claim in its URL must be public.
func TestOAuth2WithTheCallersHostIsPublic(t *testing.T) {
	called := false
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { called = true }))
	defer server.Close()
	client := newClient(t, upstream.Options{Address: address(t, server.URL)})
	caller, err := client.Caller(upstream.OAuth2("http://{host}/token", "id", "secret"),
		relay.NewClaims(map[string]any{"id": "id", "secret": secret, "host": server.Listener.Addr().String()}))
	if err != nil {
		t.Fatal(err)
	}
	if err := caller.Get(t.Context(), "/x", nil, nil); err == nil || called || !strings.Contains(coded(t, err).Message, "UPSTREAM_ALLOW_LOCAL") {
		t.Errorf("called: %v, error %v", called, err)
	}
}

func TestQuotas(t *testing.T) {
	for name, tt := range map[string]struct {
		header map[string]string
		want   string
	}{
		"the usual headers":  {map[string]string{"X-RateLimit-Limit": "1000", "X-RateLimit-Remaining": "998"}, `{"requests":{"limit":1000,"remaining":998}}`},
		"the draft standard": {map[string]string{"RateLimit-Limit": "60, 60;w=1", "RateLimit-Remaining": "0"}, `{"requests":{"limit":60,"remaining":0}}`},
		"no remaining":       {map[string]string{"X-RateLimit-Limit": "1000"}, `null`},
		"words":              {map[string]string{"X-RateLimit-Limit": "many", "X-RateLimit-Remaining": "some"}, `null`},
	} {
		client := newClient(t, upstream.Options{Address: address(t, "https://api.example.com"), Transport: upstreamtest.Transport(
			http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				for name, value := range tt.header {
					w.Header().Set(name, value)
				}
				fmt.Fprint(w, `{}`)
			}))})
		caller, err := client.Caller(upstream.None(), relay.Claims{})
		if err != nil {
			t.Fatal(err)
		}
		if err := caller.Get(t.Context(), "/", nil, nil); err != nil {
			t.Fatal(err)
		}
		if got, _ := json.Marshal(caller.Quotas()); string(got) != tt.want {
			t.Errorf("%s: got %s", name, got)
		}
	}
}

// The third party's own message is shown without the credential.
func TestItsOwnMessage(t *testing.T) {
	for body, want := range map[string]string{
		`{"message":"Slow down."}`:                              "Slow down.",
		`{"error":{"code":"Quota","message":"Slow down."}}`:     "Slow down.",
		`{"errors":[{"detail":"Slow down.","title":"No"}]}`:     "Slow down.",
		`{"error":"Slow down."}`:                                "Slow down.",
		`{"title":"Quota","detail":"Slow down."}`:               "Slow down.",
		`{"message":"` + secret + ` is slow."}`:                 "[redacted] is slow.",
		`{"message":"Slow\u202e\u0007 down.\n"}`:                "Slow down.",
		`{"error":1,"errors":[],"message":{"message":{"x":1}}}`: "",
		`<html>No</html>`:                                       "",
		``:                                                      "",
	} {
		client := newClient(t, upstream.Options{Address: address(t, "https://api.example.com"), Transport: upstreamtest.Transport(
			http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				w.WriteHeader(http.StatusUnprocessableEntity)
				fmt.Fprint(w, body)
			}))})
		caller, err := client.Caller(upstream.Header("Key", "key"), relay.NewClaims(map[string]any{"key": secret}))
		if err != nil {
			t.Fatal(err)
		}
		_, got, _ := strings.Cut(coded(t, caller.Get(t.Context(), "/", nil, nil)).Message, "It says: ")
		if got != want {
			t.Errorf("%s: got %q, want %q", body, got, want)
		}
	}
}

// A service with another audience gets another token.
func TestAtWith(t *testing.T) {
	client := newClient(t, upstream.Options{Transport: upstreamtest.Transport(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Host == "login.example.com" {
			fmt.Fprintf(w, `{"access_token":%q,"token_type":"Bearer","expires_in":3600}`, r.FormValue("scope"))
			return
		}
		fmt.Fprintf(w, `{"token":%q}`, r.Header.Get("Authorization"))
	}))})
	claims := relay.NewClaims(map[string]any{"id": "ann", "secret": secret})
	caller, err := client.Caller(upstream.None(), claims)
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		for _, scope := range []string{"one", "two"} {
			service, err := caller.AtWith("Service "+scope, address(t, "https://api.example.com"), upstream.OAuth2("https://login.example.com/token", "id", "secret", scope), claims)
			if err != nil {
				t.Fatal(err)
			}
			var got struct{ Token string }
			if err := service.Get(t.Context(), "/x", nil, &got); err != nil || got.Token != "Bearer "+scope {
				t.Errorf("%s: got %q, %v", scope, got.Token, err)
			}
		}
	}
	if _, err := caller.AtWith("Example", address(t, "https://api.example.com"), upstream.Bearer("id"), relay.NewClaims(map[string]any{"id": "a\nb"})); coded(t, err).Code != relay.CodeAuthorization {
		t.Errorf("got %v", err)
	}
}
