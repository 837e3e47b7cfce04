package main

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/serverless-relay/relay/providers"
	"github.com/serverless-relay/relay/shared/relaytest"
)

// behind returns the stand-in as the third party itself: requests for a host are sent to
// the path that begins with it.
func behind(all standIns) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.URL = &url.URL{Path: "/" + r.URL.Host + r.URL.Path, RawPath: "/" + r.URL.Host + r.URL.EscapedPath(), RawQuery: r.URL.RawQuery}
		all.ServeHTTP(w, r)
	})
}

// Every provider's cases can be asked, and instructions say what and how.
func TestCases(t *testing.T) {
	for _, name := range providers.Names() {
		if files, _ := filepath.Glob(filepath.Join("..", "..", name, "testdata", "*", "request.json")); len(files) == 0 {
			continue // nothing to serve
		}
		t.Run(name, func(t *testing.T) {
			provider, err := providers.Find(name)
			if err != nil {
				t.Fatal(err)
			}
			s, err := load(name, "../..", time.Date(2026, 11, 20, 9, 0, 0, 0, time.UTC))
			if err != nil {
				t.Fatal(err)
			}
			for _, c := range s.cases {
				r := relaytest.Serve(t, provider, behind(standIns{s}), relaytest.Options{Claims: c.Request.Claims, Time: c.Request.Time})
				want, err := os.ReadFile(filepath.Join(c.Folder, "answer.json"))
				if err != nil {
					t.Fatal(err)
				}
				a := r.Post(t.Context(), t, c.Request.Route, c.Request.Body)
				if strings.Contains(a.Codes(), "fatal") != strings.Contains(string(want), `"fatal"`) {
					t.Errorf("%s: %s", c.Folder, a.Raw)
				}
			}
			if text := s.instructions("http://127.0.0.1:9100"); !strings.Contains(text, "RELAY_PROVIDER="+name) || !strings.Contains(text, "http://127.0.0.1:9100/") {
				t.Error(text)
			}
		})
	}
}

func TestStandIn(t *testing.T) {
	now := time.Date(2027, 1, 2, 3, 0, 0, 0, time.UTC) // 42 days and some hours after the cases
	var all standIns
	for _, name := range []string{"otx", "urlscan", "abusech", "guardduty"} {
		s, err := load(name, "../..", now)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, s)
	}
	for _, tt := range []struct{ method, path, body, want string }{
		{"GET", "/otx.alienvault.com/api/v1/indicators/IPv4/203.0.113.77/general", "", `"created": "2026-12-22T09:30:00.125000"`}, // 2026-11-10
		{"GET", "/otx.alienvault.com/api/v1/indicators/IPv4/192.0.2.1/general", "", `"pulses": []`},
		{"GET", "/urlscan.io/api/v1/search/?q=page.ip%3A%22203.0.113.77%22", "", `"_id": "0196d900-`},
		{"GET", "/urlscan.io/api/v1/search/?q=page.ip%3A%22192.0.2.1%22", "", `"results": []`},
		{"POST", "/urlscan.io/api/v1/scan", `{"visibility": "private", "url": "https://evil.example/login"}`, `"uuid"`},
		{"POST", "/urlscan.io/api/v1/scan", `{"visibility":"public","url":"https://evil.example/login"}`, `"results": []`},
		{"POST", "/urlhaus-api.abuse.ch/v1/host/", "host=192.0.2.1", `no_result`},
		{"GET", "/elsewhere.example/", "", `{}`},
	} {
		w := httptest.NewRecorder()
		all.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), tt.method, tt.path, strings.NewReader(tt.body)))
		if !strings.Contains(w.Body.String(), tt.want) || (w.Code == http.StatusNotFound) != (tt.want == `{}`) {
			t.Errorf("%s %s: %d %s", tt.method, tt.path, w.Code, w.Body)
		}
	}
	if _, err := load("nobody", "../..", now); err == nil || !strings.Contains(err.Error(), "nobody") {
		t.Error(err)
	}
	if _, err := load("otx", t.TempDir(), now); err == nil || !strings.Contains(err.Error(), "in the project's folder") {
		t.Error(err)
	}
}
