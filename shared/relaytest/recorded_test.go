package relaytest

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"testing"
)

// A recording has the query in the URL or beside it, and may escape more than Go does.
func TestRecordedCalls(t *testing.T) {
	calls := recordedCalls{
		{Method: "GET", URL: "https://api.example/v1/ann%40example.com?brief=false", Answer: json.RawMessage(`"in the URL"`)},
		{Method: "GET", URL: "https://api.example/v1/ann@example.com/", Params: map[string]any{"page": 1, "key": "<credential>"}, Answer: json.RawMessage(`"beside it"`)},
	}
	for target, want := range map[string]string{
		"/v1/ann@example.com?brief=false":      `"in the URL"`,
		"/v1/ann%40example.com?key=any&page=1": `"beside it"`,
		"/v1/ann@example.com?brief=true":       "",
		"/v1/ann@example.com":                  "",
		"/v1/ann@example.com?key=any&page=2":   "",
		"/v1/bob@example.com?brief=false":      "",
	} {
		w := httptest.NewRecorder()
		calls.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "https://api.example"+target, nil))
		if w.Body.String() != want || (w.Code == http.StatusNotFound) != (want == "") {
			t.Errorf("%s: %d %s", target, w.Code, w.Body)
		}
	}
}
