package pulsedive

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/serverless-relay/relay/shared/ctim"
	"github.com/serverless-relay/relay/shared/relaytest"
)

var evil = ctim.Observable{Type: ctim.TypeDomain, Value: "evil.example"}

const (
	high  = `{"iid":118,"risk":"high","stamp_seen":"1999-12-30 14:47:36","riskfactors":[{"rfid":60,"description":"found in threat feeds"}]}`
	links = `{"Active DNS":[{"iid":3,"type":"ip","indicator":"203.0.113.77","stamp_linked":"1999-12-30 10:46:47"}]}`
)

// standIn knows one domain.
func standIn(w http.ResponseWriter, r *http.Request) {
	switch query := r.URL.Query(); {
	case query.Get("key") == "":
		w.WriteHeader(http.StatusUnauthorized)
	case query.Get("iid") == "2":
		_, _ = io.WriteString(w, `{"iid":2,"risk":"none"}`)
	case query.Get("indicator") == evil.Value && query.Get("get") == "links":
		_, _ = io.WriteString(w, links)
	case query.Get("indicator") == evil.Value:
		_, _ = io.WriteString(w, high)
	default:
		w.WriteHeader(http.StatusNotFound)
		_, _ = io.WriteString(w, `{"error":"Indicator not found."}`)
	}
}

func TestConform(t *testing.T) {
	relaytest.Conform(t, Provider, http.HandlerFunc(standIn), evil, relaytest.Options{Time: time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)})
}

func TestGolden(t *testing.T) { relaytest.Golden(t, Provider) }

func TestRecorded(t *testing.T) {
	// The recorded answer is about another observable than was asked about.
	got := relaytest.Recorded(t, Provider, "pulsedive", relaytest.Options{Time: time.Date(2020, 4, 1, 0, 0, 0, 0, time.UTC)}, "parkingcrew.net", "cisco.com")
	want := map[string][]string{
		// A link needs no call.
		"test_enrich_call_failure[POST /refer/observables]": {"- fatal", "+ https://pulsedive.com/indicator/?ioc=Y2lzY28uY29t"},
		// Without a risk there is no verdict.
		"test_enrich_call_with_key_error[POST /observe/observables]": {"- fatal"},
		"test_enrich_error_with_data[POST /observe/observables]": {
			"- fatal", // about 0.0.0.0, which is not asked about
			"- judgement Suspicious, Medium on it: ",
			"- sighting of it: Active DNS", // the call was not recorded
			"+ [indicator Threat: Kraken Botnet] is indicates [malware Kraken Botnet]",
			"+ [judgement Suspicious, Medium on it: Risk medium] is based-on [indicator Threat: JS Crypto Miner]",
			"+ [judgement Suspicious, Medium on it: Risk medium] is based-on [indicator Threat: Kraken Botnet]",
			"+ [judgement Suspicious, Medium on it: Risk medium] is based-on [indicator found in threat feeds]",
			"+ [judgement Suspicious, Medium on it: Risk medium] is based-on [indicator registration recently updated]",
			"+ [judgement Suspicious, Medium on it: Risk medium] is element-of [indicator Feed: BBcan177 DNSBL]",
			"+ judgement Suspicious, Medium on it: Risk medium",
			"+ malware Kraken Botnet",
		},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// serve serves the provider with a third party that answers this: to the question about
// an observable, and to the one about links.
func serve(t *testing.T, status int, info, links string) *relaytest.Relay {
	t.Helper()
	return relaytest.Serve(t, Provider, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Query().Get("get") == "links" {
			_, _ = io.WriteString(w, links)
			return
		}
		w.WriteHeader(status)
		_, _ = io.WriteString(w, info)
	}), relaytest.Options{Time: time.Date(2026, 11, 20, 9, 0, 0, 0, time.UTC)})
}

func TestVerdicts(t *testing.T) {
	for info, want := range map[string]string{
		`{"iid":1,"risk":"critical"}`:                                                                             "Malicious Critical, 0 sightings",
		`{"iid":"1","risk":"high","stamp_seen":"2026-11-01 10:00:00"}`:                                            "Malicious High, 0 sightings",
		`{"iid":1,"risk":"HIGH","stamp_seen":"2026-07-01 10:00:00"}`:                                              "", // too long ago
		`{"iid":1,"risk":"high","stamp_seen":"2026-11-01 10:00:00","stamp_retired":"2026-11-10 10:00:00"}`:        "",
		`{"iid":1,"risk":"medium","stamp_seen":null,"riskfactors":[{"rfid":"7","description":"x"},{"rfid":8},1]}`: "Suspicious Medium, 1 sightings",
		`{"iid":1,"risk":"low","threats":{"1":{"tid":1,"name":"Zeus"},"3":{"tid":2,"name":null}},"feeds":"none"}`: "Suspicious Low, 1 sightings",
		`{"iid":1,"risk":"none","feeds":[{"fid":1,"name":"A Feed","organization":7,"stamp_linked":"yesterday"}]}`: "Unknown None, 1 sightings",
		`{"iid":1,"risk":"unknown"}`:                "Unknown Unknown, 0 sightings",
		`{"iid":1,"risk":"retired"}`:                "Unknown Unknown, 0 sightings",
		`{"iid":1,"risk":"very_low"}`:               "",
		`{"iid":1,"risk":null,"riskfactors":null}`:  "",
		`{"iid":1,"risk":{},"riskfactors":[[],{}]}`: "",
	} {
		a := serve(t, http.StatusOK, info, `[]`).Ask(t, "/observe/observables", evil)
		got := ""
		for range a.Docs(t, "verdicts") {
			j := a.Docs(t, "judgements")[0]
			got = fmt.Sprintf("%s %s, %d sightings", j["disposition_name"], j["severity"], len(a.Docs(t, "sightings")))
		}
		if got != want || len(a.Errors) > 0 {
			t.Errorf("%s: got %q, want %q (%v)", info, got, want, a.Errors)
		}
	}
}

func TestTheReasonForARefusal(t *testing.T) {
	a := serve(t, http.StatusOK, `{"error":"Invalid API key."}`, "").Ask(t, "/observe/observables", evil)
	if !strings.Contains(a.Raw, "It says: Invalid API key.") {
		t.Error(a.Raw)
	}
}

// Errors come with status 200 too.
func TestErrors(t *testing.T) {
	relaytest.Errors(t, Provider, evil, map[string]string{
		`404 {"error":"Indicator not found."}`:                   "",
		`200 {"error":"Indicator not found."}`:                   "",
		`400 {"error":"Invalid indicator"}`:                      "",
		`200 {"error":"Request(s) still processing.","qid":"1"}`: "fatal timeout",
		`200 {"error":"Invalid API key."}`:                       "fatal authorization error",
		`200 {"error":"Rate limit exceeded."}`:                   "fatal too many requests",
		`200 {"error":"Something else."}`:                        "fatal service unavailable",
		`200 []`:                                                 "fatal service unavailable",
		`200 {"risk":"high"}`:                                    "fatal service unavailable",
	})
}

// Only what was found in the last 90 days is a relation. Without it, the rest is an
// answer.
func TestActiveDNS(t *testing.T) {
	linked := func(kind, value, at string) string {
		return fmt.Sprintf(`{"type":%q,"indicator":%q,"stamp_linked":%q}`, kind, value, at)
	}
	now := "2026-11-01 00:00:00"
	for list, want := range map[string]struct {
		relations any
		codes     string
	}{
		`{"Active DNS":[` + linked("ip", "203.0.113.77", now) + `,` + linked("ip", "203.0.113.78", "2026-07-01 00:00:00") + `,` + linked("domain", "a.example", now) + `,{}]}`: {
			[]any{relaytest.Doc{"origin": "Pulsedive", "origin_uri": "https://pulsedive.com/indicator/?iid=118", "relation": "Resolved_To",
				"source": relaytest.Doc{"type": "domain", "value": "evil.example"}, "related": relaytest.Doc{"type": "ip", "value": "203.0.113.77"}}}, "",
		},
		`{"Active DNS":{}}`:                {nil, ""},
		`[]`:                               {nil, ""},
		`{"error":"Indicator not found."}`: {nil, ""},
		`<h1>Busy</h1>`:                    {nil, "warning service unavailable"},
		`{"error":"Rate limit exceeded."}`: {nil, "warning too many requests"},
	} {
		a := serve(t, http.StatusOK, high, list).Ask(t, "/observe/observables", evil)
		var relations any
		for _, s := range a.Docs(t, "sightings") {
			if s["title"] == "Active DNS" {
				relations = s["relations"]
			}
		}
		if diff := cmp.Diff(want.relations, relations); diff != "" || a.Codes() != want.codes || len(a.Docs(t, "judgements")) != 1 {
			t.Errorf("%s: %s, %v", list, diff, a.Errors)
		}
	}
}

// For a verdict, one question is enough. So it is about a URL.
func TestCalls(t *testing.T) {
	var calls atomic.Int32
	r := relaytest.Serve(t, Provider, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		calls.Add(1)
		standIn(w, r)
	}), relaytest.Options{})
	for _, tt := range []struct {
		route string
		about ctim.Observable
		want  int32
	}{
		{"/deliberate/observables", evil, 1}, {"/observe/observables", evil, 2}, {"/refer/observables", evil, 0},
		{"/observe/observables", ctim.Observable{Type: ctim.TypeDomain, Value: "nothing.example.net"}, 1},
	} {
		calls.Store(0)
		r.Ask(t, tt.route, tt.about)
		if calls.Load() != tt.want {
			t.Errorf("%s about %s: %d calls", tt.route, tt.about.Value, calls.Load())
		}
	}
}

// Of two calls for each of a hundred observables, none is lost.
func TestAHundredObservables(t *testing.T) {
	risky := relaytest.Always(http.StatusOK, strings.Replace(high, "1999-12-30", "1999-12-31", 1))
	a := relaytest.Slow(t, Provider, risky, relaytest.Options{}, 5*time.Second, relaytest.Many(ctim.TypeDomain, 100)...)
	if n := len(a.Docs(t, "verdicts")); n != 100 {
		t.Errorf("%d verdicts", n)
	}
}
