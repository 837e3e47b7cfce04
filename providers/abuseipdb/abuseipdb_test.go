package abuseipdb

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/serverless-relay/relay/shared/ctim"
	"github.com/serverless-relay/relay/shared/relay"
	"github.com/serverless-relay/relay/shared/relaytest"
	"github.com/serverless-relay/relay/shared/server"
)

var reported = ctim.Observable{Type: ctim.TypeIP, Value: "203.0.113.77"}

// standIn answers about one address, and that nobody reported any other.
func standIn(w http.ResponseWriter, r *http.Request) {
	switch {
	case r.URL.Path != "/api/v2/check" || r.Header.Get("Key") == "":
		w.WriteHeader(http.StatusUnauthorized)
	case r.URL.Query().Get("ipAddress") == reported.Value:
		fmt.Fprint(w, `{"data":{"abuseConfidenceScore":90,"totalReports":1,"numDistinctUsers":1,"reports":[
			{"reportedAt":"1999-12-31T10:00:00+00:00","comment":"ssh","categories":[18,22],"reporterId":1}]}}`)
	default:
		fmt.Fprint(w, `{"data":{"abuseConfidenceScore":0,"totalReports":0,"reports":[]}}`)
	}
}

func TestConform(t *testing.T) {
	relaytest.Conform(t, Provider, http.HandlerFunc(standIn), reported, relaytest.Options{})
}

func TestGolden(t *testing.T) { relaytest.Golden(t, Provider) }

// serve serves the provider with a third party that always answers this.
func serve(t testing.TB, o relaytest.Options, body string) *relaytest.Relay {
	t.Helper()
	return relaytest.Serve(t, Provider, relaytest.Always(http.StatusOK, body), o)
}

func TestVerdicts(t *testing.T) {
	const report = `,"reports":[{"reportedAt":"2026-11-20T08:00:00+00:00","categories":[18]}]`
	for data, want := range map[string]string{
		`"abuseConfidenceScore":100,"totalReports":9`:                                  "Malicious High",
		`"abuseConfidenceScore":86,"totalReports":1`:                                   "Malicious High",
		`"abuseConfidenceScore":"86","totalReports":1`:                                 "Malicious High",
		`"abuseConfidenceScore":50.0,"totalReports":1`:                                 "Suspicious Medium",
		`"abuseConfidenceScore":85,"totalReports":1`:                                   "Suspicious Medium",
		`"abuseConfidenceScore":1,"totalReports":0`:                                    "Suspicious Medium",
		`"abuseConfidenceScore":0,"totalReports":1`:                                    "Suspicious Low",
		`"abuseConfidenceScore":0,"totalReports":0`:                                    "",
		`"abuseConfidenceScore":0,"totalReports":0,"isWhitelisted":true`:               "Common Medium",
		`"abuseConfidenceScore":0,"totalReports":9,"isWhitelisted":true` + report:      "Common Medium",
		`"abuseConfidenceScore":100,"totalReports":9,"isWhitelisted":true` + report:    "Malicious High",
		`"abuseConfidenceScore":100,"isWhitelisted":null,"domain":null,"reports":null`: "Malicious High",
		`"abuseConfidenceScore":20,"totalReports":1` + report:                          "Suspicious Medium",
	} {
		r := serve(t, relaytest.Options{Time: time.Date(2026, 11, 20, 9, 0, 0, 0, time.UTC)}, `{"data":{`+data+`}}`)
		observed := r.Ask(t, "/observe/observables", reported)
		got := ""
		for _, v := range observed.Docs(t, "verdicts") {
			i := slices.IndexFunc(observed.Docs(t, "judgements"), func(j relaytest.Doc) bool { return j["id"] == v["judgement_id"] })
			got = fmt.Sprint(v["disposition_name"], " ", observed.Docs(t, "judgements")[i]["confidence"])
		}
		if got != want {
			t.Errorf("%s: got %q, want %q", data, got, want)
		}
	}
}

// An address that nobody reported isn't seen, although AbuseIPDB knows its network.
func TestUnreported(t *testing.T) {
	a := serve(t, relaytest.Options{}, `{"data":{"abuseConfidenceScore":0,"totalReports":0,"domain":"isp.example","reports":[]}}`).Ask(t, "/observe/observables", reported)
	if a.Raw != `{"data":{}}` {
		t.Error(a.Raw)
	}
}

func TestErrors(t *testing.T) {
	relaytest.Errors(t, Provider, reported, map[string]string{
		`422 {"errors":[{"detail":"no"}]}`:             "", // AbuseIPDB can't answer about it
		`200 {}`:                                       "fatal service unavailable",
		`200 {"data":null}`:                            "fatal service unavailable",
		`200 {"data":{"totalReports":1}}`:              "fatal service unavailable",
		`200 {"data":{"abuseConfidenceScore":"high"}}`: "fatal service unavailable",
		`200 {"data":{"abuseConfidenceScore":101}}`:    "fatal service unavailable",
	})
}

// Reports of another shape than documented are read as far as possible.
func TestOddReports(t *testing.T) {
	const odd = `{"data":{"abuseConfidenceScore":99,"reports":[1,null,{"reportedAt":1},{"reportedAt":"2026-01-01T00:00:00Z","categories":[-1,0,99]}]}}`
	if a := serve(t, relaytest.Options{}, odd).Ask(t, "/observe/observables", reported); len(a.Errors) > 0 {
		t.Error(a.Raw)
	}
}

// list is an answer with n reports in no order; comments count from the newest.
func list(n int) string {
	newest := time.Date(2026, 11, 20, 9, 0, 0, 0, time.UTC)
	var reports []string
	for i := range n {
		minute := (i * 7) % n
		reports = append(reports, fmt.Sprintf(`{"reportedAt":%q,"comment":"%d","categories":[18,%d]}`,
			newest.Add(-time.Duration(minute)*time.Minute).Format(time.RFC3339), minute, minute%5+1))
	}
	return fmt.Sprintf(`{"data":{"abuseConfidenceScore":100,"totalReports":%d,"reports":[%s]}}`, n, strings.Join(reports, ","))
}

// When the quota is used up, one call finds out and the rest aren't made.
func TestTheQuotaIsUsedUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var calls atomic.Int32
		r := relaytest.Serve(t, Provider, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			calls.Add(1)
			w.Header().Set("Retry-After", "29241")
			w.WriteHeader(http.StatusTooManyRequests)
			fmt.Fprint(w, `{"errors":[{"detail":"You are over the limit of 1,000 checks a day.","status":429}]}`)
		}), relaytest.Options{})
		a := r.Ask(t, "/deliberate/observables", relaytest.Many(ctim.TypeIP, 100)...)
		if a.Codes() != "fatal too many requests" || !strings.Contains(a.Raw, "in 9 hours. It says: You are over the limit of 1,000 checks a day.") {
			t.Error(a.Raw)
		}
		if calls.Load() > server.DefaultConcurrency {
			t.Errorf("%d calls", calls.Load())
		}
	})
}

func TestAHundredObservables(t *testing.T) {
	a := relaytest.Slow(t, Provider, relaytest.Always(http.StatusOK, list(1)), relaytest.Options{}, 2500*time.Millisecond, relaytest.Many(ctim.TypeIP, 100)...)
	if n := len(a.Docs(t, "verdicts")); n != 100 {
		t.Errorf("%d verdicts", n)
	}
}

func TestMaxAge(t *testing.T) {
	for _, wrong := range []string{"0", "366", "-1"} {
		t.Setenv("ABUSEIPDB_MAX_AGE", wrong)
		if _, err := Provider.Open(relay.OpenOptions{}); err == nil || !strings.Contains(err.Error(), "ABUSEIPDB_MAX_AGE") {
			t.Errorf("%s: %v", wrong, err)
		}
	}
}

// Whatever comes, it is no more than was asked for, the newest first.
func FuzzReports(f *testing.F) {
	f.Add([]byte(`[1,null,{"reportedAt":"2026-01-01T00:00:00Z"},{"reportedAt":"9999-12-31T23:59:59-23:59"}]`), 100)
	f.Add([]byte(`{"reportedAt":1}`), 0)
	f.Fuzz(func(t *testing.T, body []byte, most int) {
		r := reports{most: max(0, min(most, 1000))}
		if json.Unmarshal(body, &r) != nil {
			return
		}
		if len(r.newest) > r.most || !slices.IsSortedFunc(r.newest, func(a, b report) int { return b.ReportedAt.Compare(a.ReportedAt.Time) }) {
			t.Fatalf("%d reports of %d: %v", len(r.newest), r.most, r.newest)
		}
	})
}
