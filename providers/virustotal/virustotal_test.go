package virustotal

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/serverless-relay/relay/shared/ctim"
	"github.com/serverless-relay/relay/shared/relaytest"
)

var address = ctim.Observable{Type: ctim.TypeIP, Value: "203.0.113.77"}

// reportOf is a report in which that many engines find the address malicious.
func reportOf(malicious string) string {
	return fmt.Sprintf(`{"data":{"id":"203.0.113.77","attributes":{"last_analysis_date":946598400,"last_analysis_stats":{"malicious":%s,"suspicious":1,"undetected":9,"harmless":"60"}}}}`, malicious)
}

// standIn knows one address.
func standIn(w http.ResponseWriter, r *http.Request) {
	switch {
	case r.Header.Get("X-Apikey") == "":
		w.WriteHeader(http.StatusUnauthorized)
	case strings.HasPrefix(r.URL.Path, "/api/v3/users/"):
		_, _ = io.WriteString(w, `{"data":{"api_requests_daily":{"user":{"allowed":500,"used":13}}}}`)
	case r.URL.Path == "/api/v3/ip_addresses/203.0.113.77":
		_, _ = io.WriteString(w, reportOf("12"))
	default:
		w.WriteHeader(http.StatusNotFound)
		_, _ = io.WriteString(w, `{"error":{"code":"NotFoundError","message":"not found"}}`)
	}
}

func TestConform(t *testing.T) {
	relaytest.Conform(t, Provider, http.HandlerFunc(standIn), address, relaytest.Options{})
}

func TestGolden(t *testing.T) { relaytest.Golden(t, Provider) }

// serve serves the provider with a third party that always answers this.
func serve(t *testing.T, status int, body string) *relaytest.Relay {
	t.Helper()
	return relaytest.Serve(t, Provider, relaytest.Always(status, body), relaytest.Options{})
}

func TestVerdicts(t *testing.T) {
	gti := func(verdict, severity string) string {
		return strings.Replace(reportOf("12"), `"last_analysis_date"`,
			fmt.Sprintf(`"gti_assessment":{"verdict":{"value":%q},"severity":{"value":%q},"threat_score":{"value":57}},"last_analysis_date"`, verdict, severity), 1)
	}
	for body, want := range map[string]string{
		reportOf("10"):                           "Malicious High: Malicious to 10 of 80 engines, 1 sightings",
		reportOf("9"):                            "Malicious Medium: Malicious to 9 of 79 engines, 1 sightings",
		reportOf(`"3"`):                          "Malicious Medium: Malicious to 3 of 73 engines, 1 sightings",
		reportOf("2"):                            "Suspicious Low: Malicious to 2 of 72 engines, 1 sightings",
		reportOf("0"):                            "none, 1 sightings",
		reportOf("null"):                         "none, 1 sightings",
		gti("VERDICT_MALICIOUS", "SEVERITY_LOW"): "Malicious High: Threat score 57 of 100. Malicious to 12 of 82 engines, 1 sightings",
		gti("VERDICT_SUSPICIOUS", "SEVERITY_ODD"): "Suspicious High: Threat score 57 of 100. Malicious to 12 of 82 engines, 1 sightings",
		gti("VERDICT_BENIGN", "SEVERITY_NONE"):    "Common High: Threat score 57 of 100. Malicious to 12 of 82 engines, 1 sightings",
		gti("VERDICT_UNDETECTED", ""):             "none, 1 sightings",
		gti("VERDICT_UNKNOWN", ""):                "Malicious High: Malicious to 12 of 82 engines, 1 sightings",
		`{"data":{"attributes":{"last_analysis_stats":[],"names":{},"sandbox_verdicts":[],"gti_assessment":"x"}}}`:                  "none, 0 sightings",
		`{"data":{"attributes":{"last_analysis_stats":{"malicious":5},"last_analysis_date":"soon","sandbox_verdicts":{"a":null}}}}`: "Malicious Medium: Malicious to 5 of 5 engines, 1 sightings",
		`{"data":{}}`: "none, 0 sightings",
	} {
		a := serve(t, http.StatusOK, body).Ask(t, "/observe/observables", address)
		got := "none"
		for _, j := range a.Docs(t, "judgements") {
			got = fmt.Sprintf("%s %s: %s", j["disposition_name"], j["confidence"], j["reason"])
		}
		if got += fmt.Sprintf(", %d sightings", len(a.Docs(t, "sightings"))); got != want || len(a.Errors) > 0 {
			t.Errorf("%s: got %q, want %q (%v)", body, got, want, a.Errors)
		}
	}
}

func TestErrors(t *testing.T) {
	relaytest.Errors(t, Provider, address, map[string]string{
		`400 {"error":{"code":"NotAvailableYet","message":"not available yet"}}`:   "",
		`404 {"error":{"code":"NotFoundError","message":"not found"}}`:             "",
		`401 {"error":{"code":"WrongCredentialsError","message":"Wrong API key"}}`: "fatal authorization error",
		`403 {"error":{"code":"ForbiddenError","message":"no"}}`:                   "fatal authorization error",
		`200 {"error":{"code":"x"}}`:                                               "fatal service unavailable",
		`200 {"data":[]}`:                                                          "fatal service unavailable",
	})
}

// Of 30 observables the free quota allows 4 a minute. One warning names the others, and
// most of them are not asked about.
func TestFourAMinute(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var calls atomic.Int32
		r := relaytest.Serve(t, Provider, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			if calls.Add(1) > 4 {
				w.WriteHeader(http.StatusTooManyRequests)
				_, _ = io.WriteString(w, `{"error":{"code":"QuotaExceededError","message":"Quota exceeded"}}`)
				return
			}
			_, _ = io.WriteString(w, reportOf("12"))
		}), relaytest.Options{})
		a := r.Ask(t, "/observe/observables", relaytest.Many(ctim.TypeIP, 30)...)
		if n := len(a.Docs(t, "verdicts")); n != 4 || a.Codes() != "warning too many requests" || !strings.Contains(a.Errors[0].Message, "Quota exceeded") || !strings.Contains(a.Errors[0].Message, "and 23 more") {
			t.Errorf("%d verdicts, %v", n, a.Errors)
		}
		if n := calls.Load(); n > 4+3*10 {
			t.Errorf("%d calls", n)
		}
	})
}

func TestQuotas(t *testing.T) {
	for body, want := range map[string]string{
		`{"data":{"api_requests_hourly":{"user":{"allowed":240,"used":1}},"api_requests_daily":{"user":{"allowed":"500","used":501}}}}`: `{"data":{"status":"ok","quotas":{"daily":{"limit":500,"remaining":0},"hourly":{"limit":240,"remaining":239}}}}`,
		`{"data":{"api_requests_hourly":[],"api_requests_daily":{"group":{}}}}`:                                                         `{"data":{"status":"ok"}}`,
		`{}`: `{"data":{"status":"ok"}}`,
	} {
		var asked string
		r := relaytest.Serve(t, Provider, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			asked = r.URL.Path
			_, _ = io.WriteString(w, body)
		}), relaytest.Options{})
		if a := r.Post(t.Context(), t, "/health", nil); a.Raw != want || asked != "/api/v3/users/s3cr3t-key/overall_quotas" {
			t.Errorf("%s: %s", asked, a.Raw)
		}
	}
}

// Each type has its own path, and values that would change it are escaped.
func TestPaths(t *testing.T) {
	for want, o := range map[string]ctim.Observable{
		"/api/v3/domains/evil.example":                        {Type: ctim.TypeHostname, Value: "EVIL[.]example"},
		"/api/v3/ip_addresses/2001:4860:4860::8888":           {Type: ctim.TypeIP, Value: "2001:4860:4860:0::8888"},
		"/api/v3/urls/aHR0cHM6Ly9ldmlsLmV4YW1wbGUvYT9iPWMvZA": {Type: ctim.TypeURL, Value: "hxxps://evil.example/a?b=c/d"},
		"/api/v3/files/" + strings.Repeat("ab", 16):           {Type: ctim.TypeMD5, Value: strings.Repeat("AB", 16)},
	} {
		var asked string
		r := relaytest.Serve(t, Provider, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			asked = r.URL.EscapedPath()
			w.WriteHeader(http.StatusNotFound)
		}), relaytest.Options{})
		if r.Ask(t, "/deliberate/observables", o); asked != want {
			t.Errorf("%v: asked %s, want %s", o, asked, want)
		}
	}
}

func TestAHundredObservables(t *testing.T) {
	a := relaytest.Slow(t, Provider, relaytest.Always(http.StatusOK, reportOf("12")), relaytest.Options{}, 2500*time.Millisecond, relaytest.Many(ctim.TypeIP, 100)...)
	if n := len(a.Docs(t, "verdicts")); n != 100 {
		t.Errorf("%d verdicts", n)
	}
}
