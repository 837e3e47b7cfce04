package otx

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
	"github.com/serverless-relay/relay/shared/server"
)

var reported = ctim.Observable{Type: ctim.TypeIP, Value: "203.0.113.77"}

const pulses = `{"pulse_info":{"pulses":[{"id":"5f1","name":"Fjord botnet","created":"1999-12-11T23:37:51.039000","TLP":"green","tags":["botnet"]}]},"validation":[]}`

// standIn knows one address.
func standIn(w http.ResponseWriter, r *http.Request) {
	switch {
	case r.Header.Get("X-Otx-Api-Key") == "":
		w.WriteHeader(http.StatusForbidden)
	case r.URL.Path == "/api/v1/user/me":
		_, _ = io.WriteString(w, `{"username":"ann"}`)
	case r.URL.Path == "/api/v1/indicators/IPv4/203.0.113.77/general":
		_, _ = io.WriteString(w, pulses)
	case strings.HasSuffix(r.URL.Path, "/general"):
		_, _ = io.WriteString(w, `{"pulse_info":{"count":0,"pulses":[]},"validation":[]}`)
	default:
		w.WriteHeader(http.StatusNotFound)
	}
}

func TestConform(t *testing.T) {
	relaytest.Conform(t, Provider, http.HandlerFunc(standIn), reported, relaytest.Options{})
}

func TestGolden(t *testing.T) { relaytest.Golden(t, Provider) }

func TestRecorded(t *testing.T) {
	got := relaytest.Recorded(t, Provider, "alienvault-otx", relaytest.Options{})
	want := map[string][]string{
		"test_enrich_call_success[POST /observe/observables]": { // that relay has no verdicts
			"+ [judgement Suspicious, Medium on it: In 1 pulse] is element-of [indicator Best Pulse Ever] (7 times)",
			"+ judgement Suspicious, Medium on it: In 1 pulse (7 times)",
			"+ verdict Suspicious on it (7 times)",
		},
		"test_enrich_call_with_external_error_from_avotx_failure[POST /observe/observables]": {"- fatal", "+ error"}, // of one observable
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// serve serves the provider with a third party that always answers this.
func serve(t *testing.T, status int, body string) *relaytest.Relay {
	t.Helper()
	return relaytest.Serve(t, Provider, relaytest.Always(status, body), relaytest.Options{})
}

func TestVerdicts(t *testing.T) {
	const one, two = `{"id":"1","name":"a"}`, `{"id":2,"name":"b","author":"bob","TLP":"purple","tags":"x","malware_families":null,"attack_ids":["T1071",{"id":"T1566"},{},7],"created":1}`
	for body, want := range map[string]string{
		`{"pulse_info":{"pulses":[` + one + `]}}`:                                                     "Suspicious Low, 1 sightings",
		`{"pulse_info":{"pulses":[` + one + `,` + two + `]},"validation":null}`:                       "Suspicious Medium, 2 sightings",
		`{"pulse_info":{"pulses":[` + one + `]},"validation":[{"source":"majestic"}]}`:                "Common Medium, 1 sightings",
		`{"pulse_info":{"pulses":[]},"validation":[{"name":"Whitelisted IP"}]}`:                       "Common Medium, 0 sightings",
		`{"pulse_info":{"pulses":{"0":` + two + `}},"validation":{}}`:                                 "Common Medium, 1 sightings",
		`{"pulse_info":{"pulses":[null,1,{"id":"nameless"},{"name":"without id"}]},"validation":"x"}`: "",
		`{"pulse_info":{"pulses":null}}`:                                                              "",
		`{"pulse_info":{"count":3}}`:                                                                  "",
	} {
		a := serve(t, http.StatusOK, body).Ask(t, "/observe/observables", reported)
		got := ""
		for _, j := range a.Docs(t, "judgements") {
			got = fmt.Sprintf("%s %s, %d sightings", j["disposition_name"], j["confidence"], len(a.Docs(t, "sightings")))
		}
		if got != want || len(a.Errors) > 0 {
			t.Errorf("%s: got %q, want %q (%v)", body, got, want, a.Errors)
		}
	}
}

// What a pulse indicates, in whatever form its lists are.
func TestThreats(t *testing.T) {
	a := serve(t, http.StatusOK, `{"pulse_info":{"pulses":[{"id":"1","name":"a","adversary":"APT-X","malware_families":["PlugX",{"id":"x","display_name":"ShadowPad"},null],
		"attack_ids":[{"id":"T1566","name":"Phishing","display_name":"T1566 - Phishing"},"T1071",{"id":"T1566"}]}]}}`).Ask(t, "/observe/observables", reported)
	var got []string
	for _, kind := range []string{"actors", "malwares", "attack_patterns"} {
		for _, doc := range a.Docs(t, kind) {
			got = append(got, fmt.Sprint(doc["type"], " ", doc["title"]))
		}
	}
	if diff := cmp.Diff([]string{"actor APT-X", "malware PlugX", "malware ShadowPad", "attack-pattern Phishing (T1566)", "attack-pattern T1071"}, got); diff != "" {
		t.Error(diff)
	}
}

// A name below a registered domain is a hostname to OTX, but pulses may have it as a domain.
func TestNames(t *testing.T) {
	r := relaytest.Serve(t, Provider, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/api/v1/indicators/hostname/c2.evil.example/general":
			_, _ = io.WriteString(w, `{"pulse_info":{"pulses":[{"id":"1","name":"a"},{"id":"2","name":"b"}]}}`)
		case "/api/v1/indicators/domain/c2.evil.example/general", "/api/v1/indicators/domain/evil.example/general":
			_, _ = io.WriteString(w, `{"pulse_info":{"pulses":[{"id":"2","name":"b"},{"id":"3","name":"c"}]}}`)
		case "/api/v1/indicators/domain/half.evil.example/general":
			w.WriteHeader(http.StatusConflict)
		default:
			_, _ = io.WriteString(w, `{"pulse_info":{"pulses":[{"id":"4","name":"d"}]}}`)
		}
	}), relaytest.Options{})
	for name, want := range map[string]string{"c2.evil.example": "3 ", "evil.example": "2 ", "half.evil.example": "1 warning invalid argument"} {
		for _, kind := range []ctim.ObservableType{ctim.TypeDomain, ctim.TypeHostname} {
			a := r.Ask(t, "/observe/observables", ctim.Observable{Type: kind, Value: name})
			if got := fmt.Sprint(len(a.Docs(t, "sightings")), " ", a.Codes()); got != want {
				t.Errorf("%s %s: got %q, want %q", kind, name, got, want)
			}
		}
	}
}

func TestErrors(t *testing.T) {
	relaytest.Errors(t, Provider, reported, map[string]string{
		`404 {"detail":"not found"}`:          "",
		`400 {"detail":"malformed hostname"}`: "",
		`403 {"detail":"Invalid API key"}`:    "fatal authorization error",
		`200 {"error":"x"}`:                   "fatal service unavailable",
		`200 {"pulse_info":[]}`:               "fatal service unavailable",
	})
}

// After a refused key, no further calls are made. What was answered before stays.
func TestAKeyThatIsRefusedHalfway(t *testing.T) {
	var calls atomic.Int32
	r := relaytest.Serve(t, Provider, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if calls.Add(1) > 20 {
			w.WriteHeader(http.StatusForbidden)
			return
		}
		_, _ = io.WriteString(w, pulses)
	}), relaytest.Options{})
	a := r.Ask(t, "/observe/observables", relaytest.Many(ctim.TypeIP, 50)...)
	if n := len(a.Docs(t, "verdicts")); n != 20 || a.Codes() != "error authorization error" || calls.Load() > 20+server.DefaultConcurrency {
		t.Errorf("%d verdicts, %d calls, %v", n, calls.Load(), a.Errors)
	}
}

func TestAHundredObservables(t *testing.T) {
	a := relaytest.Slow(t, Provider, relaytest.Always(http.StatusOK, pulses), relaytest.Options{}, 2500*time.Millisecond, relaytest.Many(ctim.TypeIP, 100)...)
	if n := len(a.Docs(t, "verdicts")); n != 100 {
		t.Errorf("%d verdicts", n)
	}
}
