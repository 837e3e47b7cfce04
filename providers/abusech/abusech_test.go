package abusech

import (
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"github.com/serverless-relay/relay/shared/ctim"
	"github.com/serverless-relay/relay/shared/relaytest"
	"github.com/serverless-relay/relay/shared/server"
)

var (
	address = ctim.Observable{Type: ctim.TypeIP, Value: "203.0.113.77"}
	domain  = ctim.Observable{Type: ctim.TypeDomain, Value: "evil.example"}
	link    = ctim.Observable{Type: ctim.TypeURL, Value: "https://evil.example/a.exe"}
	sha256  = ctim.Observable{Type: ctim.TypeSHA256, Value: strings.Repeat("ab", 32)}
	sha1    = ctim.Observable{Type: ctim.TypeSHA1, Value: strings.Repeat("cd", 20)}
)

// services answers for the host of each; those that are missing know nothing.
type services map[string]string

func (s services) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	known := strings.Contains(string(body), "203.0.113.77") || strings.Contains(string(body), "evil.example") || strings.Contains(string(body), "abab") || strings.Contains(string(body), "cdcd")
	switch answer := s[r.Host]; {
	case r.Method != http.MethodPost || r.Header.Get("Auth-Key") == "":
		w.WriteHeader(http.StatusForbidden)
	case answer == "" || !known:
		_, _ = io.WriteString(w, `{"query_status":"no_result","data":"Your search did not yield any results"}`)
	default:
		_, _ = io.WriteString(w, answer)
	}
}

const (
	threatFoxHost, urlhausHost, bazaarHost = "threatfox-api.abuse.ch", "urlhaus-api.abuse.ch", "mb-api.abuse.ch"

	dridex = `{"query_status":"ok","data":[{"id":"41","ioc":"203.0.113.77:443","ioc_type":"ip:port","threat_type":"botnet_cc","malware":"win.dridex",
		"malware_printable":"Dridex","confidence_level":75,"first_seen":"1999-12-08 13:36:27 UTC","last_seen":null,"reporter":"abuse_ch","reference":null,"tags":["exe"]}]}`
)

func serve(t *testing.T, s http.Handler) *relaytest.Relay {
	return relaytest.Serve(t, Provider, s, relaytest.Options{})
}

func TestConform(t *testing.T) {
	relaytest.Conform(t, Provider, services{threatFoxHost: dridex}, address, relaytest.Options{})
}

func TestGolden(t *testing.T) { relaytest.Golden(t, Provider) }

// entry is an answer of ThreatFox with one indicator.
func entry(ioc, kind, confidence string) services {
	return services{threatFoxHost: fmt.Sprintf(`{"query_status":"ok","data":[null,{"ioc":%q,"ioc_type":%q,"threat_type":"botnet_cc","malware_printable":"Dridex","confidence_level":%s}]}`, ioc, kind, confidence)}
}

// host is an answer of URLhaus about one.
func host(listed string, states ...string) services {
	var urls []string
	for i, state := range states {
		urls = append(urls, fmt.Sprintf(`{"id":%d,"url":"http://evil.example/%d","url_status":%q,"date_added":"1999-12-08 13:36:27 UTC","tags":null}`, i, i, state))
	}
	return services{urlhausHost: fmt.Sprintf(`{"query_status":"ok","url_count":"2","blacklists":{"spamhaus_dbl":%q},"urls":[%s]}`, listed, strings.Join(urls, ","))}
}

func TestVerdicts(t *testing.T) {
	for name, tt := range map[string]struct {
		services
		about ctim.Observable
		want  string
	}{
		"sure":                {entry("203.0.113.77:443", "ip:port", `"100"`), address, "Malicious High, 1 sightings"},
		"less sure":           {entry("evil.example", "domain", `74`), domain, "Suspicious Medium, 1 sightings"},
		"not sure":            {entry("evil.example", "domain", `null`), domain, "Suspicious Low, 1 sightings"},
		"another address":     {entry("203.0.113.7:443", "ip:port", `100`), address, ""},
		"a longer address":    {entry("1203.0.113.77:443", "ip:port", `100`), address, ""},
		"of a sample":         {entry("evil.example", "domain", `100`), sha256, "Malicious High, 1 sightings, Connected_To evil.example"},
		"online":              {services{urlhausHost: `{"query_status":"ok","url_status":"online","payloads":[{"response_sha256":"ef","signature":"Heodo"},{}]}`}, link, "Malicious Medium, 1 sightings, Downloaded_From https://evil.example/a.exe"},
		"offline":             {services{urlhausHost: `{"query_status":"ok","url_status":"offline","payloads":null}`}, link, "Suspicious Medium, 1 sightings"},
		"an address online":   {host("", "offline", "online"), address, "Malicious Medium, 2 sightings, Contains 203.0.113.77"},
		"everybody's host":    {host("abused_legit_malware", "online"), domain, "Suspicious Medium, 1 sightings, Contains evil.example"},
		"a host of malware":   {host("malware_domain", "offline"), domain, "Malicious Medium, 1 sightings, Contains evil.example"},
		"a host of spam":      {host("spammer_domain", "offline"), domain, " , 1 sightings, Contains evil.example"},
		"no blacklists":       {services{urlhausHost: `{"query_status":"ok","blacklists":[],"urls":null}`}, domain, ""},
		"a sample":            {services{bazaarHost: `{"query_status":"ok","data":[{"sha1_hash":"ef","signature":null,"file_name":"a.exe"}]}`}, sha1, "Malicious High, 1 sightings, Related_To a.exe"},
		"not what was asked":  {services{bazaarHost: `{"query_status":"ok","data":{}}`, threatFoxHost: `{"query_status":"ok"}`}, sha256, "Malicious High, 1 sightings"},
		"unreadable":          {services{threatFoxHost: `{"query_status":"illegal_search_term"}`, urlhausHost: `{"query_status":"invalid_host"}`}, domain, ""},
		"the worse one wins":  {services{threatFoxHost: entry("evil.example", "domain", "50")[threatFoxHost], urlhausHost: host("malware_domain")[urlhausHost]}, domain, "Malicious Medium, 1 sightings"},
		"nobody knows it":     {nil, domain, ""},
		"unknown to a bazaar": {services{bazaarHost: `{"query_status":"hash_not_found"}`}, sha1, ""},
	} {
		a := serve(t, tt.services).Ask(t, "/observe/observables", tt.about)
		got := ""
		if sightings := a.Docs(t, "sightings"); len(sightings) > 0 {
			judgement, relation := relaytest.Doc{"disposition_name": "", "confidence": ""}, ""
			for _, j := range a.Docs(t, "judgements") {
				judgement = j
			}
			if relations, ok := sightings[0]["relations"].([]any); ok {
				last := relations[len(relations)-1].(relaytest.Doc)
				relation = fmt.Sprint(", ", last["relation"], " ", last["related"].(relaytest.Doc)["value"])
			}
			got = fmt.Sprintf("%s %s, %d sightings%s", judgement["disposition_name"], judgement["confidence"], len(sightings), relation)
		}
		if got != tt.want || len(a.Errors) > 0 {
			t.Errorf("%s: got %q, want %q (%v)", name, got, tt.want, a.Errors)
		}
	}
}

// Errors come with HTTP 200.
func TestStatuses(t *testing.T) {
	for body, want := range map[string]string{
		`{"query_status":"unknown_auth_key"}`: "fatal authorization error",
		`{"query_status":"unauthorized"}`:     "fatal authorization error",
		`{"query_status":"user_blacklisted"}`: "fatal authorization error",
		`{"query_status":"s3cr3t-key"}`:       "fatal service unavailable",
		`{"query_status":["ok"]}`:             "fatal service unavailable",
		`{"data":[{"ioc":"evil.example"}]}`:   "fatal service unavailable",
	} {
		r := serve(t, services{threatFoxHost: body, urlhausHost: body})
		if a := r.Ask(t, "/observe/observables", domain); a.Codes() != want || string(a.Data) != "{}" && a.Data != nil || strings.Contains(a.Raw+r.Log(), "s3cr3t") {
			t.Errorf("%s: %s", body, a.Raw)
		}
	}
}

// The reason for a refused key is shown.
func TestTheReasonForARefusal(t *testing.T) {
	for _, status := range []int{http.StatusOK, http.StatusForbidden} {
		a := serve(t, relaytest.Always(status, `{"query_status":"unknown_auth_key"}`)).Ask(t, "/observe/observables", domain)
		if !strings.Contains(a.Raw, "It says: unknown_auth_key") {
			t.Error(a.Raw)
		}
	}
}

// After a refused key, no further calls are made.
func TestAWrongKeyStopsFurtherCalls(t *testing.T) {
	var calls atomic.Int32
	r := serve(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		calls.Add(1)
		w.WriteHeader(http.StatusForbidden)
	}))
	a := r.Ask(t, "/observe/observables", relaytest.Many(ctim.TypeDomain, 100)...)
	if most := int32(2 * server.DefaultConcurrency); a.Codes() != "fatal authorization error" || calls.Load() > most {
		t.Errorf("%d calls, want %d at most: %s", calls.Load(), most, a.Raw)
	}
}

// If one service fails, what the other says is an answer.
func TestOneServiceFails(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.Host == urlhausHost {
				w.WriteHeader(http.StatusBadGateway)
				return
			}
			services{threatFoxHost: dridex}.ServeHTTP(w, r)
		}))
		for _, route := range []string{"/deliberate/observables", "/observe/observables"} {
			a := r.Ask(t, route, address)
			if len(a.Docs(t, "verdicts")) != 1 || a.Codes() != "warning service unavailable" || !strings.HasPrefix(a.Errors[0].Message, "abuse.ch URLhaus has an internal problem") {
				t.Errorf("%s: %s", route, a.Raw)
			}
		}
		if a := r.Post(t.Context(), t, "/health", nil); a.Codes() != "fatal service unavailable" {
			t.Errorf("/health: %s", a.Raw)
		}
	})
}

// Who is asked about what: two services at most.
func TestCalls(t *testing.T) {
	calls := make(chan string, 100)
	r := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		calls <- r.Host + r.URL.Path
		_, _ = io.WriteString(w, `{"query_status":"unknown_auth_key"}`)
	}))
	for want, o := range map[string]ctim.Observable{
		threatFoxHost + "/api/v1/ " + urlhausHost + "/v1/host/": address,
		threatFoxHost + "/api/v1/ " + urlhausHost + "/v1/url/":  link,
		bazaarHost + "/api/v1/ " + threatFoxHost + "/api/v1/":   sha256,
		bazaarHost + "/api/v1/":                                 sha1,
		"":                                                      {Type: ctim.TypeIP, Value: "2001:4860:4860::8888"},
	} {
		r.Ask(t, "/observe/observables", o)
		var asked []string
		for len(calls) > 0 {
			asked = append(asked, <-calls)
		}
		slices.Sort(asked)
		if got := strings.Join(asked, " "); got != want {
			t.Errorf("%s: asked %q, want %q", o.Value, got, want)
		}
	}
}
