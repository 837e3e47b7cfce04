package urlscan

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/serverless-relay/relay/shared/ctim"
	"github.com/serverless-relay/relay/shared/relaytest"
)

var (
	phish = ctim.Observable{Type: ctim.TypeURL, Value: "https://evil.example/login"}
	now   = time.Date(2026, 11, 20, 9, 0, 0, 0, time.UTC)
)

// found is the answer to a search, with one scan of a day.
func found(day string) string {
	return fmt.Sprintf(`{"results":[{"_id":"scan-1","task":{"time":"%sT21:35:21.586Z"},"page":{"url":"https://evil.example/login","domain":"evil.example","ip":"203.0.113.77"},
		"stats":{"requests":"7"}}],"total":1,"has_more":false}`, day)
}

const malicious = `{"data":{"requests":[{},{"a":[1]}]},"page":{},"verdicts":{"overall":{"score":100,"malicious":true,"categories":["phishing"],"brands":["Fjord Bank"]}}}`

// standIn knows one URL.
func standIn(w http.ResponseWriter, r *http.Request) {
	switch query := r.URL.Query().Get("q"); {
	case r.Header.Get("Api-Key") == "":
		w.WriteHeader(http.StatusUnauthorized)
	case r.URL.Path == "/api/v1/quotas":
		_, _ = io.WriteString(w, `{"scope":"user","limits":{}}`)
	case r.URL.Path == "/api/v1/result/scan-1/":
		_, _ = io.WriteString(w, malicious)
	case r.URL.Path != "/api/v1/search/":
		w.WriteHeader(http.StatusNotFound)
	case query == `task.url.keyword:"https://evil.example/login" OR page.url.keyword:"https://evil.example/login"`:
		_, _ = io.WriteString(w, found("2026-11-19"))
	default:
		_, _ = io.WriteString(w, `{"results":[],"total":0,"has_more":false}`)
	}
}

func TestConform(t *testing.T) {
	relaytest.Conform(t, Provider, http.HandlerFunc(standIn), phish, relaytest.Options{})
}

func TestGolden(t *testing.T) { relaytest.Golden(t, Provider) }

func TestRecorded(t *testing.T) {
	got := relaytest.Recorded(t, Provider, "urlscanio", relaytest.Options{Time: time.Date(2020, 6, 3, 0, 0, 0, 0, time.UTC)})
	want := map[string][]string{
		// A link needs no call, and there is one for each observable.
		"test_enrich_call_404[POST /refer/observables]":     {"- fatal", "+ https://urlscan.io/ip/1.1.1.1"},
		"test_enrich_call_429[POST /refer/observables]":     {"- fatal", "+ https://urlscan.io/ip/1.1.1.1"},
		"test_enrich_call_success[POST /refer/observables]": {`- https://urlscan.io/search/#ip:"1.1.1.1"`},
		"test_enrich_call_success[POST /observe/observables]": {
			"- [indicator coinmining] is indicates [sighting of it: Scan Result]", // the wrong way round
			"- [indicator phishing] is indicates [sighting of it: Scan Result]",
			"- url http://covid19moodtracker.com/ Hosted_By it", // CTIM has no such relation
			"- url https://exclusivehopie.com/onlinevisitor_us_zt_m/index_1.php Hosted_By it",
			"+ [judgement Malicious, High on it: coinmining] is based-on [indicator coinmining]",
			"+ [judgement Malicious, High on it: phishing] is based-on [indicator phishing]",
			"+ [sighting of it: Scan Result] is sighting-of [indicator coinmining]",
			"+ [sighting of it: Scan Result] is sighting-of [indicator phishing]",
			"+ url http://covid19moodtracker.com/ Related_To it",
			"+ url https://exclusivehopie.com/onlinevisitor_us_zt_m/index_1.php Related_To it",
			"+ verdict Malicious on it",
		},
		// Health asks for the quotas, which costs no search.
		"test_health_call_success[POST /health]": {`- {"status":"ok"}`, "+ fatal"},
		// The existing relay makes every scan public.
		"test_respond_observables_call_success[POST /respond/observables]": {
			"- Make Scan in urlscan.io", "+ Scan privately with urlscan.io", "+ Scan unlisted with urlscan.io",
		},
		// It takes any id for an action.
		"test_respond_trigger_call_success[POST /respond/trigger]": {`- {"status":"success"}`, "+ fatal"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// serve serves the provider with a third party that answers searches, and asks for results,
// with these.
func serve(t *testing.T, search, result func(w http.ResponseWriter)) *relaytest.Relay {
	t.Helper()
	return relaytest.Serve(t, Provider, serving(search, result), relaytest.Options{Time: now})
}

func serving(search, result func(w http.ResponseWriter)) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, "/api/v1/result/") {
			result(w)
		} else {
			search(w)
		}
	})
}

func sends(status int, body string) func(http.ResponseWriter) {
	return func(w http.ResponseWriter) {
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}
}

func TestVerdicts(t *testing.T) {
	overall := func(text string) string { return `{"verdicts":{"overall":{` + text + `}}}` }
	for result, want := range map[string]string{
		malicious: "Malicious: phishing, 1 indicators",
		overall(`"malicious":"true","score":"60","categories":null`):                  "Malicious: Score 60 of 100, 0 indicators",
		overall(`"malicious":true,"categories":"phishing"`):                           "Malicious: phishing, 1 indicators",
		overall(`"malicious":false,"score":-100,"categories":["ads",{},null,"spam"]`): "none, 2 indicators",
		overall(`"malicious":null`):                                                   "none, 0 indicators",
		`{"verdicts":{"overall":[]}}`:                                                 "none, 0 indicators",
		`{"verdicts":[]}`:                                                             "none, 0 indicators",
		`{"page":{"url":"x"}}`:                                                        "none, 0 indicators",
	} {
		r := serve(t, sends(200, found("2026-11-18")), sends(200, result))
		a := r.Ask(t, "/observe/observables", phish)
		got := "none"
		for _, j := range a.Docs(t, "judgements") {
			got = fmt.Sprintf("%s: %s", j["disposition_name"], j["reason"])
		}
		if got += fmt.Sprintf(", %d indicators", len(a.Docs(t, "indicators"))); got != want || len(a.Errors) > 0 || len(a.Docs(t, "sightings")) != 1 {
			t.Errorf("%s: got %q, want %q (%v)", result, got, want, a.Errors)
		}
		if b := r.Ask(t, "/deliberate/observables", phish); cmp.Diff(a.Docs(t, "verdicts"), b.Docs(t, "verdicts")) != "" {
			t.Errorf("%s: another verdict without details: %s", result, b.Raw)
		}
	}
}

func TestStatuses(t *testing.T) {
	for _, tt := range []struct {
		search, result func(http.ResponseWriter)
		codes          string
		sightings      int
	}{
		{sends(400, `{"message":"Invalid API key format","status":400}`), nil, "fatal authorization error", 0},
		{sends(400, `{"message":"Query is not valid","status":400}`), nil, "fatal invalid argument", 0},
		{sends(401, `{}`), nil, "fatal authorization error", 0},
		{sends(404, `{}`), nil, "fatal not found", 0},
		{sends(200, `{"results":null}`), nil, "fatal service unavailable", 0},
		{sends(200, `{"results":[null,{},{"_id":"x"},{"task":{"time":"2026-11-18"}}]}`), nil, "", 0},
		{sends(200, found("2026-11-18")), sends(404, `{"message":"Scan is not finished yet"}`), "", 1},
		{sends(200, found("2026-11-18")), sends(410, `{"message":"Scan was deleted"}`), "", 1},
		{sends(200, found("2026-11-18")), sends(403, `{"message":"Authentication required"}`), "warning authorization error", 1},
		{sends(200, found("2026-11-18")), sends(429, `{}`), "warning too many requests", 1},
		{sends(200, found("2026-11-18")), sends(200, `{"data":[{"a":`), "warning connection error", 1},
		{sends(200, found("2026-11-18")), sends(200, `<h1>Busy</h1>`), "warning service unavailable", 1},
	} {
		synctest.Test(t, func(t *testing.T) {
			a := serve(t, tt.search, tt.result).Ask(t, "/observe/observables", phish)
			if n := len(a.Docs(t, "sightings")); a.Codes() != tt.codes || n != tt.sightings {
				t.Errorf("want %q and %d sightings, got %s", tt.codes, tt.sightings, a.Raw)
			}
		})
	}
}

// The reason for a refused key is shown.
func TestRefusedKeys(t *testing.T) {
	for status, reason := range map[int]string{400: "API key is malformed", 401: "No API key supplied", 403: "API key is suspended"} {
		a := serve(t, sends(status, fmt.Sprintf(`{"message":%q,"status":%d}`, reason, status)), nil).Ask(t, "/observe/observables", phish)
		if a.Codes() != "fatal authorization error" || !strings.Contains(a.Raw, "It says: "+reason) {
			t.Error(a.Raw)
		}
	}
}

// A verdict is asked for about the newest ten scans; without details only about those that
// still count.
func TestTheNewestVerdicts(t *testing.T) {
	var scans []string
	for i := range 30 {
		day := now.AddDate(0, 0, -(i*7)%30).Format(time.DateOnly)
		scans = append(scans, strings.Replace(strings.TrimSuffix(strings.TrimPrefix(found(day), `{"results":[`), `],"total":1,"has_more":false}`), "scan-1", fmt.Sprint("scan-", i), 1))
	}
	for route, want := range map[string]int32{"/observe/observables": 10, "/deliberate/observables": 8} {
		var calls atomic.Int32
		r := serve(t, sends(200, `{"results":[`+strings.Join(scans, ",")+`]}`), func(w http.ResponseWriter) {
			calls.Add(1)
			_, _ = io.WriteString(w, malicious)
		})
		a := r.Ask(t, route, phish)
		if calls.Load() != want || len(a.Docs(t, "verdicts")) != 1 || len(a.Errors) > 0 {
			t.Errorf("%s: %d calls, %.300s", route, calls.Load(), a.Raw)
		}
	}
}

// Whatever an observable is, it stays a value in the query.
func TestSearchFor(t *testing.T) {
	for want, o := range map[string]ctim.Observable{
		`page.ip:"203.0.113.77"`:     {Type: ctim.TypeIP, Value: "203.0.113.77"},
		`page.ip:"2001:4860::8888"`:  {Type: ctim.TypeIP, Value: "2001:4860::8888"},
		`page.domain:"evil.example"`: {Type: ctim.TypeHostname, Value: "evil[.]example"},
		`task.url.keyword:"http://a.example/%22%20OR%20*:*" OR page.url.keyword:"http://a.example/%22%20OR%20*:*"`: {Type: ctim.TypeURL, Value: `http://a.example/%22%20OR%20*:*`},
	} {
		var asked string
		r := relaytest.Serve(t, Provider, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			asked = r.URL.Query().Get("q")
			standIn(w, r)
		}), relaytest.Options{})
		if r.Ask(t, "/observe/observables", o); asked != want {
			t.Errorf("%s: asked %s, want %s", o.Value, asked, want)
		}
	}
}

// A scan is submitted with the visibility of the action, and never a private URL.
func TestScan(t *testing.T) {
	for _, tt := range []struct{ action, kind, value, sent, answer, want string }{
		{"urlscan-scan-private", "url", "hxxps://evil[.]example/login", `{"url":"https://evil.example/login","visibility":"private"}`, `{"uuid":"1"}`, "success"},
		{"urlscan-scan-unlisted", "url", "https://evil.example/login", `{"url":"https://evil.example/login","visibility":"unlisted"}`, `{"uuid":"1"}`, "success"},
		{"urlscan-scan-public", "url", "https://evil.example/login", "", "", "Unsupported action."},
		{"private", "url", "https://evil.example/login", "", "", "Unsupported action."},
		{"urlscan-scan-private", "url", "https://wiki.internal/login", "", "", "urlscan.io scans only valid URLs"},
		{"urlscan-scan-private", "domain", "evil.example", "", "", "urlscan.io scans only valid URLs"},
		{"urlscan-scan-private", "url", "https://evil.example/", `{"url":"https://evil.example/","visibility":"private"}`, `{"message":"OK"}`, "failure"},
	} {
		var sent string
		r := relaytest.Serve(t, Provider, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.Method == http.MethodGet {
				_, _ = io.WriteString(w, `{"results":[]}`)
				return
			}
			raw, _ := io.ReadAll(r.Body)
			sent = string(raw)
			_, _ = io.WriteString(w, tt.answer)
		}), relaytest.Options{})
		a := r.Post(t.Context(), t, "/respond/trigger", map[string]string{"action-id": tt.action, "observable_type": tt.kind, "observable_value": tt.value})
		if sent != tt.sent || !strings.Contains(a.Raw, tt.want) {
			t.Errorf("%s of %s: sent %q, %s", tt.action, tt.value, sent, a.Raw)
		}
	}
	r := relaytest.Serve(t, Provider, http.HandlerFunc(standIn), relaytest.Options{})
	for _, o := range []ctim.Observable{{Type: ctim.TypeURL, Value: "http://10.0.0.1/"}, {Type: ctim.TypeDomain, Value: "evil.example"}} {
		if a := r.Ask(t, "/respond/observables", o); string(a.Data) != "[]" {
			t.Errorf("%s: %s", o.Value, a.Raw)
		}
	}
}

// What was scanned in the last minutes is not scanned again.
func TestScanAgain(t *testing.T) {
	r := relaytest.Serve(t, Provider, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if q := r.URL.Query(); r.Method != http.MethodGet || q.Get("q") != `task.url.keyword:"https://evil.example/login" AND date:>now-10m` || q.Get("size") != "1" {
			t.Errorf("called %s %s", r.Method, r.URL)
		}
		_, _ = io.WriteString(w, found("2026-11-18"))
	}), relaytest.Options{})
	form := map[string]string{"action-id": private, "observable_type": "url", "observable_value": phish.Value}
	if a := r.Post(t.Context(), t, "/respond/trigger", form); a.Codes() != "warning invalid argument" || !strings.Contains(a.Raw, `"success"`) {
		t.Error(a.Raw)
	}
}

// The search before a scan ignores the cache. Otherwise it would miss new scans, and find
// old ones for too long.
func TestScanAgainIgnoresTheCache(t *testing.T) {
	t.Setenv("UPSTREAM_CACHE", "1h")
	searches, answer := 0, found("2026-11-18")
	r := relaytest.Serve(t, Provider, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodGet {
			searches++
			_, _ = io.WriteString(w, answer)
			return
		}
		_, _ = io.WriteString(w, `{"uuid":"1"}`)
	}), relaytest.Options{})
	form := map[string]string{"action-id": private, "observable_type": "url", "observable_value": phish.Value}
	first := r.Post(t.Context(), t, "/respond/trigger", form)
	answer = `{"results":[]}`
	if second := r.Post(t.Context(), t, "/respond/trigger", form); first.Codes() != "warning invalid argument" || second.Codes() != "" || searches != 2 {
		t.Errorf("%d searches, %s %s", searches, first.Raw, second.Raw)
	}
}

// urlscan.io answers health about the address if it doesn't know the key.
func TestHealth(t *testing.T) {
	for body, want := range map[string]string{
		`{"scope":"user"}`:       `{"data":{"status":"ok","quotas":{"requests":{"limit":30,"remaining":24}}}}`,
		`{"limits":{}}`:          `{"data":{"status":"ok","quotas":{"requests":{"limit":30,"remaining":24}}}}`,
		`{"scope":"ip-address"}`: `authorization error`,
	} {
		a := serve(t, func(w http.ResponseWriter) {
			w.Header().Set("X-Rate-Limit-Limit", "30")
			w.Header().Set("X-Rate-Limit-Remaining", "24")
			_, _ = io.WriteString(w, body)
		}, nil).Post(t.Context(), t, "/health", nil)
		if !strings.Contains(a.Raw, want) {
			t.Errorf("%s: %s", body, a.Raw)
		}
	}
}

// A hundred observables with ten scans each: only the verdict of the newest is asked for.
// That is 200 calls of 200 ms.
func TestAHundredObservables(t *testing.T) {
	one := strings.TrimSuffix(strings.TrimPrefix(found("1999-12-31"), `{"results":[`), `],"total":1,"has_more":false}`)
	var ten []string
	for i := range 10 {
		ten = append(ten, strings.Replace(one, "scan-1", fmt.Sprint("scan-", i), 1))
	}
	third := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body := malicious
		if strings.HasPrefix(r.URL.Path, "/api/v1/search/") { // each observable has scans of its own
			body = strings.ReplaceAll(`{"results":[`+strings.Join(ten, ",")+`]}`, "scan-", fmt.Sprintf("scan-%x-", r.URL.Query().Get("q")))
		}
		_, _ = io.WriteString(w, body)
	})
	a := relaytest.Slow(t, Provider, third, relaytest.Options{}, 5*time.Second, relaytest.Many(ctim.TypeDomain, 100)...)
	if n := len(a.Docs(t, "judgements")); n != 100 {
		t.Errorf("%d judgements", n)
	}
}
