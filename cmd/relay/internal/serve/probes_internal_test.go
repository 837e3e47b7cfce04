package serve

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/serverless-relay/relay/shared/relay"
)

func TestWatchdog(t *testing.T) {
	longest := strings.Repeat("a", maxWatchdog)
	for name, tt := range map[string]struct {
		values []string
		data   string // empty for an error
	}{
		"a value":             {[]string{"S"}, "S"},
		"text that is markup": {[]string{`</script>"\{}`}, `</script>"\{}`},
		"other alphabets":     {[]string{"zwölf 十二"}, "zwölf 十二"},
		"the longest":         {[]string{longest}, longest},
		"too long":            {[]string{longest + "a"}, ""},
		"none":                {nil, ""},
		"empty":               {[]string{""}, ""},
		"two":                 {[]string{"S", "S"}, ""},
		"not UTF-8":           {[]string{"S\xff"}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			r := httptest.NewRequest(http.MethodGet, "/watchdog", nil)
			r.Header["Health-Check"] = tt.values
			w := httptest.NewRecorder()
			(&probes{}).ServeHTTP(w, r)
			var got struct {
				Data   string
				Errors []relay.Error
			}
			if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil || w.Code != http.StatusOK || w.Header().Get("Content-Type") != "application/json" {
				t.Fatalf("got %d %v %s: %v", w.Code, w.Header(), w.Body, err)
			}
			if got.Data != tt.data || (len(got.Errors) == 0) != (tt.data != "") {
				t.Errorf("got %s", w.Body)
			}
			if tt.data == "" && (got.Errors[0].Code != relay.CodeHealthCheck || got.Errors[0].Type != relay.Fatal || strings.Contains(w.Body.String(), "S\"")) {
				t.Errorf("got %s", w.Body)
			}
		})
	}
}

func TestProbes(t *testing.T) {
	p := &probes{routes: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusTeapot) })}
	for _, tt := range []struct {
		method, path         string
		running, thenStopped int
	}{
		{http.MethodGet, "/healthz", http.StatusOK, http.StatusServiceUnavailable},
		{http.MethodHead, "/healthz/", http.StatusOK, http.StatusServiceUnavailable},
		{http.MethodGet, "/watchdog/", http.StatusOK, http.StatusOK},
		{http.MethodPost, "/healthz", http.StatusTeapot, http.StatusTeapot},
		{http.MethodPost, "/watchdog", http.StatusTeapot, http.StatusTeapot},
		{http.MethodGet, "/health", http.StatusTeapot, http.StatusTeapot},
		{http.MethodGet, "/misp/healthz", http.StatusTeapot, http.StatusTeapot},
		{http.MethodPost, "/health", http.StatusTeapot, http.StatusTeapot},
	} {
		for _, stopping := range []bool{false, true} {
			p.stopping.Store(stopping)
			w := httptest.NewRecorder()
			p.ServeHTTP(w, httptest.NewRequest(tt.method, tt.path, nil))
			want := tt.running
			if stopping {
				want = tt.thenStopped
			}
			if w.Code != want || (w.Header().Get("Connection") == "close") != stopping {
				t.Errorf("%s %s, stopping %t: got %d %v, want %d", tt.method, tt.path, stopping, w.Code, w.Header(), want)
			}
		}
	}
}
