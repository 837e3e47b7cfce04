package platform_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/serverless-relay/relay/cmd/relay/internal/platform"
	"github.com/serverless-relay/relay/cmd/relay/internal/platform/platformtest"
	"github.com/serverless-relay/relay/shared/upstream/upstreamtest"
)

const (
	listInstances  = "GET /iroh/iroh-int/module-instance"
	createInstance = "POST /iroh/iroh-int/module-instance"
	getToken       = "POST /iroh/oauth2/token"

	password = platformtest.Password
	relayJWT = "eyJhbGciOiJIUzI1NiJ9.eyJrZXkiOiJzM2NyZXQifQ.c2lnbmF0dXJl"
)

// newClient returns a client of a platform. A nil transport is the network.
func newClient(t *testing.T, baseURL, password string, transport http.RoundTripper) *platform.Client {
	t.Helper()
	c, err := platform.New(baseURL, platformtest.ClientID, password, transport)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func client(t *testing.T, f http.Handler) *platform.Client {
	t.Helper()
	return newClient(t, "https://platform.example", password, upstreamtest.Transport(f))
}

// broken returns a platform that answers the next requests in these ways.
func broken(answers ...http.HandlerFunc) *platformtest.Platform {
	f := platformtest.New()
	f.Broken = answers
	return f
}

func instance() platform.Instance {
	on := true
	return platform.Instance{Name: "Watchlist", TypeID: "type-1", Visibility: "org", Enabled: &on, Settings: platform.Settings{
		URL: "https://relay.example.com/dev", AuthType: platform.HeaderAuth, AuthorizationHeader: "Bearer " + relayJWT, SupportedAPIs: []string{"health", "observe/observables"},
	}}
}

func TestAModulesLife(t *testing.T) {
	f := platformtest.New()
	c := client(t, f)
	var made platform.Instance
	if err := c.Send(t.Context(), platform.CreateInstance(instance()), &made); err != nil {
		t.Fatal(err)
	}
	want := instance()
	want.ID = "id-1"
	if diff := cmp.Diff(want, made); diff != "" {
		t.Error(diff)
	}
	off := false
	if err := c.Send(t.Context(), platform.UpdateInstance(made.ID, platform.InstancePatch{Name: "List", Enabled: &off}), nil); err != nil {
		t.Fatal(err)
	}
	all, err := c.Instances(t.Context())
	want.Name, want.Enabled = "List", &off
	if diff := cmp.Diff([]platform.Instance{want}, all); err != nil || diff != "" {
		t.Error(err, diff)
	}
	for range 2 { // the second time it is gone
		if err := c.Send(t.Context(), platform.DeleteInstance(made.ID), nil); err != nil {
			t.Error(err)
		}
	}
	if all, err := c.Instances(t.Context()); err != nil || len(all) > 0 {
		t.Error(err, all)
	}
	if n := f.Count(getToken); n != 1 {
		t.Errorf("%d tokens for one client", n)
	}
}

func TestTypes(t *testing.T) {
	c := client(t, platformtest.New())
	made := platform.Type{Title: "T", DefaultName: "T", Capabilities: []platform.Capability{{ID: "health", Description: "d"}}}
	if err := c.Send(t.Context(), platform.CreateType(made), nil); err != nil {
		t.Fatal(err)
	}
	made.Tips = "tips"
	if err := c.Send(t.Context(), platform.UpdateType("id-1", made), nil); err != nil {
		t.Fatal(err)
	}
	all, err := c.Types(t.Context())
	if err != nil || len(all) != 1 || all[0]["id"] != "id-1" || all[0]["title"] != "T" || all[0]["tips"] != "tips" {
		t.Errorf("%v, %+v", err, all)
	}
}

// An id that is not a string counts as none.
func TestTypesWithAnotherKindOfId(t *testing.T) {
	f := platformtest.New()
	f.Types = []map[string]any{{"id": map[string]any{"a": 1}, "title": "T"}, {"id": "id-1", "title": "U"}}
	all, err := client(t, f).Types(t.Context())
	if err != nil || len(all) != 2 {
		t.Errorf("%v, %+v", err, all)
	}
}

func TestListsAreReadWhole(t *testing.T) {
	var many []map[string]any
	for i := range 250 {
		many = append(many, map[string]any{"id": fmt.Sprint(i), "name": "n", "settings": map[string]any{"url": 7, "supported-apis": "all"}})
	}
	f := platformtest.New(many...)
	all, err := client(t, f).Instances(t.Context())
	if err != nil || len(all) != 250 || f.Count(listInstances) != 6 {
		t.Errorf("%v, %d modules, %d requests", err, len(all), f.Count(listInstances))
	}
	// A server that knows no offset gives the same page again.
	page, _ := json.Marshal(many[:50])
	f = platformtest.New()
	stubborn := platformtest.Status(200, string(page))
	f.Broken = []http.HandlerFunc{stubborn, stubborn, stubborn}
	if all, err = client(t, f).Instances(t.Context()); err != nil || len(all) != 50 || f.Count(listInstances) != 2 {
		t.Errorf("%v, %d modules, %d requests", err, len(all), f.Count(listInstances))
	}
}

func TestATokenIsRenewed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := platformtest.New()
		c := client(t, f)
		for minute, tokens := range []int{1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 2, 2} {
			if _, err := c.Instances(t.Context()); err != nil {
				t.Fatalf("minute %d: %v", minute, err)
			}
			if n := f.Count(getToken); n != tokens {
				t.Errorf("minute %d: %d tokens, want %d", minute, n, tokens)
			}
			time.Sleep(time.Minute)
		}
	})
}

func TestARefusedTokenIsReplacedOnce(t *testing.T) {
	f := platformtest.New()
	c := client(t, f)
	if _, err := c.Instances(t.Context()); err != nil {
		t.Fatal(err)
	}
	f.Revoked = true
	if err := c.Send(t.Context(), platform.CreateInstance(instance()), nil); err != nil || f.Count(getToken) != 2 || len(f.Instances) != 1 {
		t.Errorf("%v, %d tokens, %d modules", err, f.Count(getToken), len(f.Instances))
	}
	expired := platformtest.Status(http.StatusUnauthorized, `{"error":"invalid_token"}`)
	_, err := client(t, broken(expired, expired, expired)).Instances(t.Context())
	wantError(t, err, http.StatusUnauthorized, "The client id or the password is wrong")
}

// wantError wants the platform's refusal with that status and text.
func wantError(t *testing.T, err error, code int, parts ...string) {
	t.Helper()
	if err == nil {
		t.Errorf("no error, want status %d", code)
		return
	}
	for _, part := range append(parts, fmt.Sprintf("HTTP status %d", code)) {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("no %q in: %v", part, err)
		}
	}
}

// How often a request is sent, and what its error is.
func TestAnswersThatAreNotGood(t *testing.T) {
	busy := platformtest.Status(http.StatusTooManyRequests, `{"message":"Too many requests"}`, "Retry-After: 7")
	down := platformtest.Status(http.StatusServiceUnavailable, `oh no`)
	slow := func(http.ResponseWriter, *http.Request) { time.Sleep(31 * time.Second) }
	all := func(f http.HandlerFunc) []http.HandlerFunc { return []http.HandlerFunc{f, f, f, f, f} }
	tests := []struct {
		name      string
		broken    []http.HandlerFunc
		create    bool // instead of listing
		sent      int
		code      int // 0 for none, -1 for an error without one
		message   string
		uncertain bool
	}{
		{name: "429", broken: []http.HandlerFunc{busy, busy}, sent: 3},
		{name: "429 for a creation", broken: []http.HandlerFunc{busy}, create: true, sent: 1, code: 429, message: "Try again in 7s"},
		{name: "429 as documented", broken: []http.HandlerFunc{platformtest.Status(429, "", "Retry-After: 12s")}, sent: 2},
		{name: "429 again and again", broken: all(busy), sent: 4, code: 429, message: "8,000 in an hour). Try again in 7s"},
		{name: "429 for an hour", broken: all(platformtest.Status(429, "", "Retry-After: 3172s")), sent: 1, code: 429, message: "Try again in 52m52s"},
		{name: "503", broken: []http.HandlerFunc{down, down}, sent: 3},
		{name: "503 for a creation", broken: []http.HandlerFunc{down}, create: true, sent: 1, code: 503, message: "oh no. The platform failed. Try again later (it is", uncertain: true},
		{name: "503 for ever", broken: all(down), sent: 4, code: 503, message: "Try again later"},
		{name: "400", broken: []http.HandlerFunc{platformtest.Status(400, `{"error":"invalid_request","error_description":"No name.","trace_id":"t-9"}`)}, create: true, sent: 1, code: 400, message: "HTTP status 400, No name. (trace id t-9)"},
		{name: "403", broken: []http.HandlerFunc{platformtest.Status(403, `{"message":"Forbidden"}`)}, sent: 1, code: 403, message: `Forbidden. The API client needs the scope "integration"`},
		{name: "409", broken: []http.HandlerFunc{platformtest.Status(409, `{"error":"conflict"}`)}, create: true, sent: 1, code: 409, message: "conflict. Something with that name exists already"},
		{name: "404", broken: []http.HandlerFunc{platformtest.Status(404, ``)}, sent: 1, code: 404, message: "or the client may not see it"},
		{name: "redirect", broken: []http.HandlerFunc{platformtest.Status(307, ``, "Location: https://elsewhere.example")}, sent: 1, code: -1, message: "redirects to another host"},
		{name: "a web page for an error", broken: all(platformtest.Status(502, `<html>bad gateway</html>`)), sent: 4, code: 502, message: "with a web page"},
		{name: "a web page", broken: []http.HandlerFunc{platformtest.Status(200, `<!doctype html><p>Sign in`, "Content-Type: text/html")}, sent: 1, code: -1, message: "a web page instead of data"},
		{name: "a web page for a creation", broken: []http.HandlerFunc{platformtest.Status(200, `<p>`)}, create: true, sent: 1, code: -1, message: "a web page", uncertain: true},
		{name: "other JSON", broken: []http.HandlerFunc{platformtest.Status(200, `{"data":[]}`)}, sent: 1, code: -1, message: "JSON of an unexpected form"},
		{name: "slow", broken: []http.HandlerFunc{slow}, sent: 1, code: -1, message: "did not respond within 30s"},
		{name: "slow for a creation", broken: []http.HandlerFunc{slow}, create: true, sent: 1, code: -1, message: "it is not known", uncertain: true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := platformtest.New()
				c := client(t, f)
				if _, err := c.Instances(t.Context()); err != nil { // gets the token
					t.Fatal(err)
				}
				f.Broken, f.Requests = tt.broken, nil
				var err error
				request := listInstances
				if tt.create {
					request = createInstance
					err = c.Send(t.Context(), platform.CreateInstance(instance()), &platform.Instance{})
				} else {
					_, err = c.Instances(t.Context())
				}
				if n := f.Count(request); n != tt.sent {
					t.Errorf("sent %d times, want %d", n, tt.sent)
				}
				switch {
				case tt.code == 0 && err != nil:
					t.Error(err)
				case tt.code > 0:
					wantError(t, err, tt.code, tt.message)
				case tt.code < 0 && (err == nil || !strings.Contains(err.Error(), tt.message)):
					t.Errorf("error %v, want %q", err, tt.message)
				}
				if errors.Is(err, platform.ErrUncertain) != tt.uncertain {
					t.Errorf("error %v", err)
				}
				time.Sleep(time.Minute) // of the bubble's time, for the handlers that sleep
			})
		})
	}
}

func TestWrongCredentials(t *testing.T) {
	c := newClient(t, "https://platform.example", "wrong-password", upstreamtest.Transport(platformtest.New()))
	_, err := c.Instances(t.Context())
	wantError(t, err, http.StatusUnauthorized, "The client id or the password is wrong", "another region")
	if strings.Contains(err.Error(), "wrong-password") {
		t.Errorf("the password is told: %v", err)
	}
}

func TestNobodyThere(t *testing.T) {
	c := newClient(t, "http://127.0.0.1:1", password, nil)
	if _, err := c.Instances(t.Context()); err == nil || !strings.Contains(err.Error(), "connection refused") {
		t.Errorf("error %v", err)
	}
	err := c.Send(t.Context(), platform.CreateInstance(instance()), nil)
	if err == nil || errors.Is(err, platform.ErrUncertain) {
		t.Errorf("error %v", err)
	}
}

// An answer that breaks off on the way is asked for again.
func TestAnAnswerThatBreaksOff(t *testing.T) {
	f := broken(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "100")
		_, _ = w.Write([]byte(`[{"id":`))
		panic(http.ErrAbortHandler)
	})
	server := httptest.NewServer(f)
	defer server.Close()
	c := newClient(t, server.URL, password, nil)
	if _, err := c.Instances(t.Context()); err != nil || f.Count(listInstances) != 2 {
		t.Errorf("%v, asked %d times", err, f.Count(listInstances))
	}
}

func TestCredentialsFollowNoRedirect(t *testing.T) {
	strayed := 0
	elsewhere := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { strayed++ }))
	defer elsewhere.Close()
	for _, path := range []string{"/iroh/oauth2/token", "/iroh/iroh-int/module-instance"} {
		f := platformtest.New()
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == path {
				http.Redirect(w, r, elsewhere.URL+"/?x=1", http.StatusTemporaryRedirect)
				return
			}
			f.ServeHTTP(w, r)
		}))
		_, err := newClient(t, server.URL, password, nil).Instances(t.Context())
		server.Close()
		if err == nil || !strings.Contains(err.Error(), "redirect") {
			t.Errorf("%s: error %v", path, err)
		}
	}
	if strayed > 0 {
		t.Errorf("%d requests went along", strayed)
	}
}

func TestAnInterruptedRequestEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(3*time.Second, cancel)
		start := time.Now()
		_, err := client(t, broken(platformtest.Status(429, "", "Retry-After: 50"))).Instances(ctx)
		if !errors.Is(err, context.Canceled) || time.Since(start) != 3*time.Second {
			t.Errorf("%v after %s", err, time.Since(start))
		}
	})
}

// A platform that repeats what it was sent must not get it into our output.
func TestNothingSecretIsTold(t *testing.T) {
	var texts []string
	for _, code := range []int{400, 401, 403, 409, 500} {
		echo := func(w http.ResponseWriter, r *http.Request) {
			body := make([]byte, 4096)
			n, _ := r.Body.Read(body)
			platformtest.Refuse(w, code, "echo", r.Header.Get("Authorization")+" "+string(body[:n])+" "+password)
		}
		err := client(t, broken(echo, echo)).Send(t.Context(), platform.CreateInstance(instance()), nil)
		texts = append(texts, fmt.Sprintf("%v %+v %#v", err, err, err))
	}
	c := client(t, platformtest.New())
	texts = append(texts, fmt.Sprintf("%v %+v %#v %s", c, c, c, c))
	patch := platform.InstancePatch{Settings: &platform.Settings{AuthorizationHeader: "Bearer " + relayJWT}}
	for _, change := range []platform.Change{platform.CreateInstance(instance()), platform.UpdateInstance("a/b", patch), platform.DeleteInstance("a")} {
		preview := change.Preview("https://platform.example")
		raw, _ := json.Marshal(preview)
		texts = append(texts, preview.String(), string(raw))
	}
	for _, text := range texts {
		for _, secret := range []string{password, relayJWT, "token-number-", "czNjcmV0"} {
			if strings.Contains(text, secret) {
				t.Errorf("%q is told: %s", secret, text)
			}
		}
	}
}

func TestPreview(t *testing.T) {
	for _, tt := range []struct {
		change platform.Change
		want   string
	}{
		{platform.DeleteInstance("a/b"), "DELETE https://platform.example/iroh/iroh-int/module-instance/a%2Fb\nAuthorization: Bearer [redacted]\nAccept: application/json\n"},
		{platform.UpdateInstance("id-1", platform.InstancePatch{Settings: &platform.Settings{AuthorizationHeader: "Bearer " + relayJWT, SupportedAPIs: []string{"health"}}}),
			"PATCH https://platform.example/iroh/iroh-int/module-instance/id-1\nAuthorization: Bearer [redacted]\nAccept: application/json\nContent-Type: application/json\n\n" +
				"{\n  \"settings\": {\n    \"authorization-header\": \"Bearer [redacted]\",\n    \"supported-apis\": [\n      \"health\"\n    ]\n  }\n}\n"},
	} {
		got := tt.change.Preview("https://platform.example")
		if diff := cmp.Diff(tt.want, got.String()); diff != "" {
			t.Error(diff)
		}
	}
}

func TestShowsToken(t *testing.T) {
	for header, want := range map[string]bool{"Bearer " + relayJWT: true, "bearer a.b.c": true, "": false, "Bearer ********": false, "********": false, "Bearer ": false, "Basic x": false} {
		if got := (platform.Settings{AuthorizationHeader: header}).ShowsToken(); got != want {
			t.Errorf("%q: %v", header, got)
		}
	}
}

// Bodies are as the platform's schemas have them.
func TestBodiesAreValid(t *testing.T) {
	const dir = "../../../../../shared/xdr"
	if _, err := os.Stat(dir); err != nil {
		t.Skip("the schemas are not here")
	}
	validate(t, filepath.Join(dir, "module-instance.schema.json"), instance())
	off := false
	validate(t, filepath.Join(dir, "module-instance.schema.json")+"#/$defs/PatchModuleInstanceParams",
		platform.InstancePatch{Name: "n", Enabled: &off, Settings: &platform.Settings{SupportedAPIs: []string{"health"}}})
	kind := platform.Type{Title: "T", DefaultName: "T", Capabilities: []platform.Capability{{ID: "health", Description: "d"}},
		ConfigurationSpec: []platform.Field{{Key: "url", Type: "string", Label: "URL", Tooltip: "t", Required: true}},
		Properties:        platform.TypeProperties{URL: "u", SupportedAPIs: []string{"health"}, AuthType: platform.TokenAuth, TokenAlgorithm: "RS256", TokenAudience: "a", JWKSHost: "h"}}
	validate(t, filepath.Join(dir, "module-type.schema.json"), kind)
	validate(t, filepath.Join(dir, "module-type.schema.json")+"#/$defs/PatchModuleTypeParams", kind)
}

func validate(t *testing.T, schema string, body any) {
	t.Helper()
	compiled, err := jsonschema.NewCompiler().Compile(schema)
	if err != nil {
		t.Fatal(err)
	}
	raw, _ := json.Marshal(body)
	value, err := jsonschema.UnmarshalJSON(strings.NewReader(string(raw)))
	if err != nil {
		t.Fatal(err)
	}
	if err := compiled.Validate(value); err != nil {
		t.Errorf("%s: %v", raw, err)
	}
}

// Whatever comes back, there is an answer or an error, and nothing secret in
// it.
func FuzzAnswers(f *testing.F) {
	f.Add(200, `[]`, "")
	f.Add(200, `[{"id":"a","settings":{"url":7}},null]`, "")
	f.Add(429, `{"message":7}`, "3172s")
	f.Add(503, `<html>`, "Mon, 01 Jan 2035 00:00:00 GMT")
	f.Add(400, `{"error":{"error_description":[]}}`, "-1")
	f.Fuzz(func(t *testing.T, code int, body, wait string) {
		if code < 200 || code > 599 {
			code = 200
		}
		synctest.Test(t, func(t *testing.T) {
			answer := platformtest.Status(code, body+password, "Retry-After: "+wait)
			_, err := client(t, broken(answer, answer, answer, answer)).Instances(t.Context())
			if code == 200 && err == nil || err != nil && strings.Contains(err.Error(), password) {
				t.Errorf("error %v", err)
			}
		})
	})
}
