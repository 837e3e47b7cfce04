package greynoise

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/serverless-relay/relay/shared/ctim"
	"github.com/serverless-relay/relay/shared/relaytest"
)

var scanner = ctim.Observable{Type: ctim.TypeIP, Value: "203.0.113.77"}

// standIn knows one scanner. It accepts every key, and none.
func standIn(w http.ResponseWriter, r *http.Request) {
	switch ip := strings.TrimPrefix(r.URL.Path, "/v3/community/"); {
	case r.URL.Path == "/ping" && r.Header.Get("Key") == "":
		w.WriteHeader(http.StatusUnauthorized)
	case r.URL.Path == "/ping":
		_, _ = io.WriteString(w, `{"message":"pong"}`)
	case ip == scanner.Value:
		_, _ = io.WriteString(w, `{"ip":"203.0.113.77","noise":true,"riot":false,"classification":"malicious","name":"unknown","last_seen":"1999-12-30","message":"Success"}`)
	default:
		w.WriteHeader(http.StatusNotFound)
		fmt.Fprintf(w, `{"ip":%q,"noise":false,"riot":false,"message":"IP not observed scanning the internet"}`, ip)
	}
}

func TestConform(t *testing.T) {
	relaytest.Conform(t, Provider, http.HandlerFunc(standIn), scanner, relaytest.Options{})
}

func TestGolden(t *testing.T) { relaytest.Golden(t, Provider) }

// serve serves the provider with a third party that always answers this.
func serve(t *testing.T, status int, body string) *relaytest.Relay {
	t.Helper()
	return relaytest.Serve(t, Provider, relaytest.Always(status, body), relaytest.Options{})
}

func TestVerdicts(t *testing.T) {
	for body, want := range map[string]string{
		`{"noise":true,"classification":"malicious"}`:                               "Malicious: Malicious internet scanner, 1 sightings",
		`{"noise":"true","classification":"Suspicious","name":"unknown"}`:           "Suspicious: Suspicious internet scanner, 1 sightings",
		`{"noise":true,"classification":"benign","name":"Shodan.io"}`:               "Common: Benign internet scanner: Shodan.io, 1 sightings",
		`{"noise":true,"classification":"unknown","last_seen":"yesterday"}`:         "Unknown: Internet scanner of unknown intent, 1 sightings",
		`{"noise":true,"classification":null,"name":null,"last_seen":null}`:         "Unknown: Internet scanner of unknown intent, 1 sightings",
		`{"noise":false,"riot":true,"classification":"benign","name":"Cloudflare"}`: "Common: Common business service: Cloudflare, 0 sightings",
		`{"noise":1,"riot":true,"name":7}`:                                          "Common: Common business service: 7, 1 sightings",
		`{"noise":true,"riot":true,"classification":"malicious"}`:                   "Malicious: Malicious internet scanner, 1 sightings",
		`{"noise":[],"riot":{},"classification":{}}`:                                "",
	} {
		a := serve(t, http.StatusOK, body).Ask(t, "/observe/observables", scanner)
		got := ""
		for _, j := range a.Docs(t, "judgements") {
			got = fmt.Sprintf("%s: %s, %d sightings", j["disposition_name"], j["reason"], len(a.Docs(t, "sightings")))
		}
		if got != want || len(a.Errors) > 0 {
			t.Errorf("%s: got %q, want %q (%v)", body, got, want, a.Errors)
		}
	}
}

// Only GreyNoise's own 404 or 400 says that an address was not observed.
func TestErrors(t *testing.T) {
	relaytest.Errors(t, Provider, scanner, map[string]string{
		`404 {"ip":"203.0.113.77","noise":false,"message":"IP not observed"}`: "",
		`400 {"message":"Request is not a valid routable IPv4 address"}`:      "",
		`404 {"message":"no such route"}`:                                     "fatal not found",
		`404 <h1>Not found</h1>`:                                              "fatal not found",
		`400 {"message":"bad request"}`:                                       "fatal invalid argument",
		`429 {"plan":"unauthenticated","rate-limit":"100-lookups/day","message":"You have hit your daily rate limit"}`: "fatal too many requests",
	})
}

// Without a key no header is sent, and health costs no lookup. An IPv6 address
// is not asked about.
func TestNoKey(t *testing.T) {
	var asked []string
	r := relaytest.Serve(t, Provider, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked = append(asked, fmt.Sprint(r.URL.Path, r.Header.Values("Key")))
		standIn(w, r)
	}), relaytest.Options{Claims: map[string]any{}})
	if a := r.Post(t.Context(), t, "/health", nil); len(a.Errors) > 0 {
		t.Error(a.Raw)
	}
	if a := r.Ask(t, "/observe/observables", scanner, ctim.Observable{Type: ctim.TypeIP, Value: "2001:4860:4860::8888"}); len(a.Errors) > 0 {
		t.Error(a.Raw)
	}
	if got, want := strings.Join(asked, " "), "/ping[] /v3/community/203.0.113.77[]"; got != want {
		t.Errorf("asked %s, want %s", got, want)
	}
	if a := serve(t, http.StatusUnauthorized, `{"message":"Unauthorized"}`).Post(t.Context(), t, "/health", nil); a.Codes() != "fatal authorization error" {
		t.Errorf("a wrong key: %s", a.Raw)
	}
}
