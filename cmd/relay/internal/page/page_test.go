package page_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/serverless-relay/relay/cmd/relay/internal/page"
	"github.com/serverless-relay/relay/shared/auth"
	"github.com/serverless-relay/relay/shared/ctim"
	"github.com/serverless-relay/relay/shared/relay"
)

const key = "8f14e45fceea167a5a36dedd4bea2543"

// newHandler returns the page of one module. The relay answers "relay".
func newHandler(t *testing.T) (handler http.Handler, token string) {
	t.Helper()
	token, err := auth.Sign(key, map[string]any{"secret": "hunter2"})
	if err != nil {
		t.Fatal(err)
	}
	return page.Handler(page.Options{
		Files: fstest.MapFS{"index.html": {Data: []byte("<!doctype html>")}, "app.js": {Data: []byte("1")}},
		Modules: []page.Module{{Path: "/some", Declaration: relay.Declaration{
			Name: "some", Title: "Some", ObservableTypes: []ctim.ObservableType{ctim.TypeIP}, Credentials: []relay.Credential{{Name: "key", Prompt: "Your key"}},
			Describe: func() []relay.Setting {
				return []relay.Setting{{Name: "SOME_URL", Default: "https://some.example", Doc: "Where it is."}}
			},
		}}},
		Authenticator: auth.New(auth.Options{SecretKey: key}),
	}, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "relay") })), token
}

func request(method, path, body string, header ...string) *http.Request {
	r := httptest.NewRequest(method, "http://127.0.0.1:9000"+path, strings.NewReader(body))
	for i := 0; i < len(header); i += 2 {
		if header[i] == "Host" {
			r.Host = header[i+1]
		}
		r.Header.Set(header[i], header[i+1])
	}
	return r
}

// Only the page itself, and a person who opens it, are answered.
func TestGuard(t *testing.T) {
	handler, token := newHandler(t)
	bearer := "Bearer " + token
	for _, tt := range []struct {
		name string
		r    *http.Request
		want int
	}{
		{"the page", request("GET", "/", ""), 200},
		{"by IPv6", request("GET", "/", "", "Host", "[::1]:9000"), 200},
		{"as localhost", request("GET", "/app.js", "", "Host", "localhost:9000"), 200},
		{"by a name", request("GET", "/", "", "Host", "evil.example:9000"), 403},
		{"by a name like an address", request("GET", "/", "", "Host", "127.0.0.1.evil.example"), 403},
		{"no host", request("GET", "/", "", "Host", ""), 403},
		{"a link from elsewhere", request("GET", "/", "", "Sec-Fetch-Site", "cross-site", "Sec-Fetch-Mode", "navigate"), 200},
		{"a script from elsewhere", request("GET", "/app.js", "", "Sec-Fetch-Site", "cross-site", "Sec-Fetch-Mode", "no-cors"), 403},
		{"no token", request("GET", "/page/modules", ""), 401},
		{"another token", request("GET", "/page/modules", "", "Authorization", bearer+"x"), 401},
		{"the page's request", request("POST", "/page/extract", "{}", "Authorization", bearer, "Origin", "http://127.0.0.1:9000", "Sec-Fetch-Site", "same-origin"), 200},
		{"another site's request", request("POST", "/page/extract", "{}", "Authorization", bearer, "Origin", "http://evil.example"), 403},
		{"another port's request", request("POST", "/page/extract", "{}", "Authorization", bearer, "Origin", "http://127.0.0.1:9001"), 403},
		{"a sandbox's request", request("POST", "/page/extract", "{}", "Authorization", bearer, "Origin", "null"), 403},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := httptest.NewRecorder()
			handler.ServeHTTP(w, tt.r)
			if w.Code != tt.want {
				t.Errorf("status %d, want %d: %s", w.Code, tt.want, w.Body)
			}
			if got := w.Header().Get("Content-Security-Policy"); !strings.HasPrefix(got, "default-src 'self';") {
				t.Errorf("Content-Security-Policy %q", got)
			}
			if w.Header().Get("Access-Control-Allow-Origin") != "" || w.Header().Get("Referrer-Policy") != "no-referrer" {
				t.Errorf("headers %v", w.Header())
			}
		})
	}
}

// The relay's own routes are unchanged, under whatever name they are called.
func TestOthersAreTheRelays(t *testing.T) {
	handler, _ := newHandler(t)
	for _, r := range []*http.Request{request("POST", "/observe/observables", "[]", "Host", "tunnel.example"), request("POST", "/", ""), request("GET", "/page/extract", ""), request("GET", "/other", "")} {
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, r)
		if w.Body.String() != "relay" || w.Header().Get("Content-Security-Policy") != "" {
			t.Errorf("%s %s: %s", r.Method, r.URL.Path, w.Body)
		}
	}
}

func TestExtract(t *testing.T) {
	handler, token := newHandler(t)
	for body, want := range map[string]string{
		`{"text":"see evil[.]example"}`: `{"data":{"observables":[{"type":"domain","value":"evil.example"}]}}`,
		`{"text":""}`:                   `{"data":{"observables":[]}}`,
		`[`:                             `"invalid argument"`,
		`{"text":"` + strings.Repeat("a", 4<<20) + `"}`: `larger than 4 MB`,
	} {
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, request("POST", "/page/extract", body, "Authorization", "Bearer "+token))
		if !strings.Contains(w.Body.String(), want) {
			t.Errorf("%.40s: %s", body, w.Body)
		}
	}
}

// A module is described by its declaration, without any value of a setting or claim.
func TestModules(t *testing.T) {
	handler, token := newHandler(t)
	w := httptest.NewRecorder()
	handler.ServeHTTP(w, request("GET", "/page/modules", "", "Authorization", "Bearer "+token))
	var got struct {
		Data struct {
			Modules []struct {
				Name, Title, Path string
				Types             []string `json:"observable_types"`
				Credentials       []struct{ Name string }
				Settings          []struct{ Name, Default string }
				ModuleType        struct{ Tips string } `json:"module_type"`
			}
		}
	}
	if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil || len(got.Data.Modules) != 1 {
		t.Fatalf("%v: %s", err, w.Body)
	}
	m := got.Data.Modules[0]
	if m.Name != "some" || m.Path != "/some" || m.Types[0] != "ip" || m.Credentials[0].Name != "key" || m.Settings[0].Default != "https://some.example" || m.ModuleType.Tips == "" {
		t.Errorf("got %+v", m)
	}
	for _, secret := range []string{"hunter2", "u:p"} {
		if strings.Contains(w.Body.String(), secret) {
			t.Errorf("%s is in %s", secret, w.Body)
		}
	}
}
