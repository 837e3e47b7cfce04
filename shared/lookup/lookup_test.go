package lookup_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/serverless-relay/relay/shared/ctim"
	"github.com/serverless-relay/relay/shared/lookup"
	"github.com/serverless-relay/relay/shared/relay"
	"github.com/serverless-relay/relay/shared/relaytest"
	"github.com/serverless-relay/relay/shared/upstream"
)

// acme is a complete provider.
var acme = lookup.Source{
	Name: "acme", Title: "Acme Intelligence", URL: "https://api.acme.example",
	Types:       []ctim.ObservableType{ctim.TypeIP, ctim.TypeIPv6, ctim.TypeDomain, ctim.TypeURL},
	Credentials: []relay.Credential{{Name: "key", Prompt: "Your API key"}},
	Auth:        upstream.Header("X-Api-Key", "key"),
	Check: func(ctx context.Context, c *lookup.Call) error {
		return c.Get(ctx, "/v1/me", nil, &struct{}{}) // fails on a login page
	},
	Find: func(ctx context.Context, c *lookup.Call, o ctim.Observable) (ctim.Finding, error) {
		var answer struct{ Score int }
		err := c.Get(ctx, "/v1/lookup", url.Values{"value": {o.Value}}, &answer)
		if upstream.IsStatus(err, http.StatusNotFound) || err == nil && answer.Score == 0 {
			return ctim.Finding{}, nil // unknown
		}
		if err != nil {
			return ctim.Finding{}, err
		}
		return ctim.Finding{Disposition: ctim.Malicious, Reason: fmt.Sprintf("Score %d of 100", answer.Score)}, nil
	},
	Page: func(_ *lookup.Call, o ctim.Observable) string {
		return "https://acme.example/lookup?value=" + url.QueryEscape(o.Value)
	},
	Settings: Settings{},
}

// Settings are acme's further settings.
type Settings struct {
	Depth int `envconfig:"ACME_DEPTH" default:"3" expected:"a whole number" doc:"How deep it looks."`
}

func (s Settings) Validate() error {
	if s.Depth < 1 {
		return fmt.Errorf("setting ACME_DEPTH is not a whole number from 1")
	}
	return nil
}

var evil = ctim.Observable{Type: ctim.TypeDomain, Value: "evil.example"}

// acmeServer knows evil.example.
func acmeServer(w http.ResponseWriter, r *http.Request) {
	switch {
	case r.Header.Get("X-Api-Key") == "":
		w.WriteHeader(http.StatusUnauthorized)
	case r.URL.Path == "/v1/me":
		w.Header().Set("X-RateLimit-Limit", "100")
		w.Header().Set("X-RateLimit-Remaining", "42")
		fmt.Fprint(w, `{}`)
	case r.URL.Query().Get("value") == evil.Value:
		fmt.Fprint(w, `{"score":87}`)
	default:
		w.WriteHeader(http.StatusNotFound)
	}
}

func TestConform(t *testing.T) {
	relaytest.Conform(t, acme, http.HandlerFunc(acmeServer), evil, relaytest.Options{})
}

func TestHealthReportsQuotas(t *testing.T) {
	r := relaytest.Serve(t, acme, http.HandlerFunc(acmeServer), relaytest.Options{})
	if a := r.Post(t.Context(), t, "/health", nil); a.Raw != `{"data":{"status":"ok","quotas":{"requests":{"limit":100,"remaining":42}}}}` {
		t.Error(a.Raw)
	}
}

// A revoked key is noticed even if responses are cached.
func TestHealthIsNotCached(t *testing.T) {
	t.Setenv("UPSTREAM_CACHE", "1h")
	revoked := false
	r := relaytest.Serve(t, acme, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if revoked {
			r.Header.Del("X-Api-Key")
		}
		acmeServer(w, r)
	}), relaytest.Options{})
	for _, want := range []string{"", "fatal authorization error"} {
		if a := r.Post(t.Context(), t, "/health", nil); a.Codes() != want {
			t.Errorf("got %s, want %q", a.Raw, want)
		}
		revoked = true
	}
}

// Only the third party's 404 means that nothing is known, and not that of its token service.
func TestNotFound(t *testing.T) {
	acme := acme
	acme.Auth = upstream.OAuth2("/token", "key", "key")
	relaytest.Errors(t, acme, evil, map[string]string{"404 {}": "", "500 {}": "fatal service unavailable"})
	r := relaytest.Serve(t, acme, relaytest.Always(http.StatusNotFound, `{}`), relaytest.Options{})
	a := r.Ask(t, "/observe/observables", evil)
	if a.Codes() != "fatal not found" || !strings.Contains(a.Raw, "The token service of Acme Intelligence responds with not found (404)") {
		t.Error(a.Raw)
	}
}

// The third party receives the canonical form. The answer has the value of the request.
func TestValuesAreNormalized(t *testing.T) {
	r := relaytest.Serve(t, acme, http.HandlerFunc(acmeServer), relaytest.Options{})
	a := r.Ask(t, "/observe/observables", ctim.Observable{Type: ctim.TypeDomain, Value: "EVIL[.]example."})
	if docs := a.Docs(t, "judgements"); len(docs) != 1 || docs[0]["observable"].(relaytest.Doc)["value"] != "EVIL[.]example." {
		t.Error(a.Raw)
	}
}

// Relations have the value of the request too.
func TestRelationsHaveTheRequestedValue(t *testing.T) {
	related := acme
	related.Find = func(_ context.Context, _ *lookup.Call, o ctim.Observable) (ctim.Finding, error) {
		relation := ctim.Relation{Relation: ctim.RelationResolvedTo, Source: o, Related: ctim.Observable{Type: ctim.TypeIP, Value: "203.0.113.77"}}
		return ctim.Finding{Relations: []ctim.Relation{relation}, Seen: []ctim.Seen{{Title: "resolved", Relations: []ctim.Relation{relation}}}}, nil
	}
	r := relaytest.Serve(t, related, http.HandlerFunc(acmeServer), relaytest.Options{})
	a := r.Ask(t, "/observe/observables", ctim.Observable{Type: ctim.TypeDomain, Value: "EVIL[.]example."})
	if strings.Count(a.Raw, `"source":{"type":"domain","value":"EVIL[.]example."}`) != 2 {
		t.Error(a.Raw)
	}
}

// An address is not looked up if the type of its family isn't declared.
func TestOnlyDeclaredTypesAreLookedUp(t *testing.T) {
	narrow := acme
	narrow.Types = []ctim.ObservableType{ctim.TypeIP}
	r := relaytest.Serve(t, narrow, http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		t.Errorf("called %s", r.URL)
	}), relaytest.Options{})
	for _, route := range []string{"/deliberate/observables", "/observe/observables", "/refer/observables"} {
		if a := r.Ask(t, route, ctim.Observable{Type: ctim.TypeIP, Value: "2001:4860:4860::8888"}); len(a.Errors) > 0 || strings.Contains(a.Raw, "8888") {
			t.Errorf("%s: %s", route, a.Raw)
		}
	}
}

func TestTogether(t *testing.T) {
	find := func(reason string, err error) lookup.Find {
		return func(context.Context, *lookup.Call, ctim.Observable) (ctim.Finding, error) {
			return ctim.Finding{Disposition: ctim.Malicious, Reason: reason}, err
		}
	}
	down, slow := relay.Errorf(relay.CodeServiceUnavailable, "It is down."), relay.Errorf(relay.CodeTimeout, "It is slow.")
	for name, tt := range map[string]struct {
		services []lookup.Find
		want     relay.ErrorType
		code     relay.Code
	}{
		"both succeed": {[]lookup.Find{find("first", nil), find("second", nil)}, "", ""},
		"one fails":    {[]lookup.Find{find("first", nil), find("second", slow)}, relay.Warning, relay.CodeTimeout},
		"all fail":     {[]lookup.Find{find("first", down), find("second", slow)}, "", relay.CodeServiceUnavailable},
	} {
		f, err := lookup.Together(t.Context(), &lookup.Call{}, evil, tt.services...)
		var e relay.Error
		if failed := new(relay.Error); errors.As(err, &failed) {
			e = *failed
		}
		if f.Reason != "first" || e.Type != tt.want || e.Code != tt.code {
			t.Errorf("%s: %q, %v", name, f.Reason, err)
		}
	}
}

// Judgements of sightings count for the verdict, whether details are asked for or not.
func TestSightingsAreDeliberated(t *testing.T) {
	reported := acme
	reported.Find = func(_ context.Context, call *lookup.Call, _ ctim.Observable) (ctim.Finding, error) {
		part := []ctim.Part{{ID: "p", Title: "Phishing"}}
		return ctim.Finding{PartOf: part, Seen: []ctim.Seen{
			{At: call.Time, Title: "bad", Disposition: ctim.Malicious, PartOf: part}, {At: call.Time.Add(-time.Hour), Title: "seen"},
		}}, nil
	}
	r := relaytest.Serve(t, reported, http.HandlerFunc(acmeServer), relaytest.Options{Time: time.Date(2026, 11, 20, 9, 0, 0, 0, time.UTC)})
	observed, deliberated := r.Ask(t, "/observe/observables", evil), r.Ask(t, "/deliberate/observables", evil)
	if diff := cmp.Diff(observed.Docs(t, "verdicts"), deliberated.Docs(t, "verdicts")); diff != "" || len(observed.Docs(t, "verdicts")) != 1 {
		t.Errorf("%s in %s", diff, observed.Raw)
	}
}

// A panic of one service is an error of its observable only.
func TestTogetherPanics(t *testing.T) {
	broken := acme
	broken.Find = func(ctx context.Context, call *lookup.Call, o ctim.Observable) (ctim.Finding, error) {
		return lookup.Together(ctx, call, o, acme.Find, func(context.Context, *lookup.Call, ctim.Observable) (ctim.Finding, error) {
			if o != evil {
				panic("broken")
			}
			return ctim.Finding{}, nil
		})
	}
	r := relaytest.Serve(t, broken, http.HandlerFunc(acmeServer), relaytest.Options{})
	a := r.Ask(t, "/observe/observables", evil, ctim.Observable{Type: ctim.TypeDomain, Value: "worse.example"})
	if a.Codes() != "error unknown" || len(a.Docs(t, "verdicts")) != 1 || !strings.Contains(r.Log(), "TestTogetherPanics") {
		t.Errorf("%s, %s", a.Raw, r.Log())
	}
}

// What was found before the request's time is over is an answer.
func TestAPartInTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		half := acme
		half.Find = func(ctx context.Context, call *lookup.Call, _ ctim.Observable) (ctim.Finding, error) {
			err := call.Get(ctx, "/v1/details", nil, &struct{}{})
			time.Sleep(100 * time.Millisecond) // of the bubble's time
			return ctim.Finding{Disposition: ctim.Malicious}, lookup.Incomplete(err)
		}
		t.Setenv("ACME_TIMEOUT", "25s")
		r := relaytest.Serve(t, half, http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }), relaytest.Options{})
		if a := r.Ask(t, "/observe/observables", evil); a.Codes() != "warning timeout" || len(a.Docs(t, "verdicts")) != 1 {
			t.Error(a.Raw)
		}
	})
}

// Sightings with large data share the room in the answer, so that an answer about many
// observables is never built only to be cut.
func TestLargeSightingsShareTheRoom(t *testing.T) {
	large := acme
	large.Find = func(_ context.Context, call *lookup.Call, _ ctim.Observable) (f ctim.Finding, _ error) {
		for i := range 100 {
			f.Seen = append(f.Seen, ctim.Seen{
				At: call.Time.Add(time.Duration(i-100) * time.Hour), Title: fmt.Sprint("line ", i),
				Data: ctim.Table{Columns: []string{"line"}, Rows: slices.Repeat([][]string{{strings.Repeat("x", ctim.LongLimit)}}, 19)},
			})
		}
		return f, nil
	}
	r := relaytest.Serve(t, large, http.HandlerFunc(acmeServer), relaytest.Options{})
	a := r.Ask(t, "/observe/observables", evil, ctim.Observable{Type: ctim.TypeDomain, Value: "worse.example"})
	sightings := a.Docs(t, "sightings")
	if len(sightings) != 2*31 || sightings[0]["title"] != "line 99" || a.Codes() != "warning invalid argument" || !strings.Contains(a.Raw, "has room only for") {
		t.Errorf("%d sightings, %v", len(sightings), a.Errors)
	}
}

// The newest sighting is in the answer even if it is larger than its share of the room.
func TestTheNewestSightingAlwaysFits(t *testing.T) {
	large := acme
	large.Find = func(_ context.Context, call *lookup.Call, o ctim.Observable) (f ctim.Finding, _ error) {
		if o == evil {
			rows := slices.Repeat([][]string{{strings.Repeat("x", ctim.LongLimit)}}, 30)
			f.Seen = []ctim.Seen{
				{At: call.Time.Add(-time.Hour), Title: "older"},
				{At: call.Time, Title: "newest", Data: ctim.Table{Columns: []string{"line"}, Rows: rows}},
			}
		}
		return f, nil
	}
	r := relaytest.Serve(t, large, http.HandlerFunc(acmeServer), relaytest.Options{})
	a := r.Ask(t, "/observe/observables", append(relaytest.Many(ctim.TypeDomain, 49), evil)...)
	sightings := a.Docs(t, "sightings")
	if len(sightings) != 1 || sightings[0]["title"] != "newest" || a.Codes() != "warning invalid argument" {
		t.Errorf("%d sightings, %v", len(sightings), a.Errors)
	}
}

// A cut answer keeps the third party's own judgement, and has no indicators that only
// dropped sightings have.
func TestDroppedSightingsTakeTheirIndicatorsAlong(t *testing.T) {
	many := acme
	many.Find = func(_ context.Context, call *lookup.Call, _ ctim.Observable) (ctim.Finding, error) {
		f := ctim.Finding{Disposition: ctim.Suspicious, Reason: "Score 20"}
		for i, category := range []string{"scan", "scan", "spam"} {
			f.Seen = append(f.Seen, ctim.Seen{
				At: call.Time.Add(time.Duration(-i) * time.Minute), Title: "report", Disposition: ctim.Suspicious,
				PartOf: []ctim.Part{{ID: category, Title: category}},
			})
		}
		return f, nil
	}
	r := relaytest.Serve(t, many, http.HandlerFunc(acmeServer), relaytest.Options{
		Time:   time.Date(2026, 11, 20, 9, 0, 0, 0, time.UTC),
		Claims: map[string]any{"key": "k", relay.EntitiesLimitClaim: json.Number("2")},
	})
	a := r.Ask(t, "/observe/observables", evil)
	if n := len(a.Docs(t, "judgements")); n != 3 || !strings.Contains(a.Raw, "Score 20") {
		t.Errorf("%d judgements: %s", n, a.Raw)
	}
	if indicators := a.Docs(t, "indicators"); len(indicators) != 1 || indicators[0]["title"] != "scan" {
		t.Error(indicators)
	}
}

// A sighting that is dropped because others are large or the caller wants few still counts
// for the verdict.
func TestDroppedSightingsCountForTheVerdict(t *testing.T) {
	large := acme
	large.Find = func(_ context.Context, call *lookup.Call, _ ctim.Observable) (f ctim.Finding, _ error) {
		for i := range 100 {
			f.Seen = append(f.Seen, ctim.Seen{
				At: call.Time.Add(time.Duration(-i) * time.Minute), Title: fmt.Sprint("line ", i), Disposition: ctim.Suspicious,
				Data: ctim.Table{Columns: []string{"line"}, Rows: slices.Repeat([][]string{{strings.Repeat("x", ctim.LongLimit)}}, 19)},
			})
		}
		f.Seen[99].Disposition = ctim.Malicious
		return f, nil
	}
	for limit, warning := range map[int]string{100: "warning invalid argument", 1: ""} {
		r := relaytest.Serve(t, large, http.HandlerFunc(acmeServer), relaytest.Options{Claims: map[string]any{"key": "k", relay.EntitiesLimitClaim: json.Number(fmt.Sprint(limit))}})
		for route, codes := range map[string]string{"/deliberate/observables": "", "/observe/observables": warning} {
			a := r.Ask(t, route, evil)
			if v := a.Docs(t, "verdicts"); len(v) != 1 || v[0]["disposition_name"] != "Malicious" || a.Codes() != codes {
				t.Errorf("limit %d: %s: %v %v", limit, route, v, a.Errors)
			}
		}
	}
}

// blocker adds actions to a Source.
type blocker struct{ *lookup.Session }

func (b blocker) Actions(context.Context, ctim.Observable) ([]relay.Action, error) {
	return []relay.Action{{ID: "acme-block", Title: "Block at Acme", Description: "Block it."}}, nil
}

func (b blocker) Trigger(ctx context.Context, t relay.Trigger) error {
	return b.Call().Do(ctx, upstream.Request{Method: http.MethodPost, Path: "/v1/block", Body: t.Observable}, nil)
}

func TestASourceWithActions(t *testing.T) {
	p := acme.With(func(s *lookup.Session) relay.Session { return blocker{s} })
	if got := fmt.Sprint(p.Declaration().Capabilities()); got != "[health deliberate observe refer respond]" {
		t.Errorf("capabilities %s", got)
	}
	blocked := ""
	r := relaytest.Serve(t, p, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/v1/block" {
			blocked = r.Method
		}
		acmeServer(w, r)
	}), relaytest.Options{})
	a := r.Post(t.Context(), t, "/respond/trigger", map[string]string{"action-id": "acme-block", "observable_type": "domain", "observable_value": "evil.example"})
	if blocked != http.MethodPost || !strings.Contains(a.Raw, "failure") { // the server responds with 404
		t.Errorf("%s %s", blocked, a.Raw)
	}
	if a := r.Ask(t, "/respond/observables", evil); !strings.Contains(a.Raw, "acme-block") {
		t.Error(a.Raw)
	}
}

// Private addresses may be sent to a caller's own server.
func TestSelfHosted(t *testing.T) {
	own := acme
	own.URL, own.Settings = "", nil
	own.Credentials = append(own.Credentials, relay.Credential{Name: "host", Prompt: "Its address"})
	own.Auth = upstream.AddressFrom("host", upstream.Header("X-Api-Key", "key"))
	received := ""
	r := relaytest.Serve(t, own, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		received = r.URL.Host + " " + r.URL.Query().Get("value")
		acmeServer(w, r)
	}), relaytest.Options{Claims: map[string]any{"key": "k", "host": "https://acme.corp.example"}})
	a := r.Ask(t, "/deliberate/observables", ctim.Observable{Type: ctim.TypeIP, Value: "10.1.2.3"})
	if received != "acme.corp.example 10.1.2.3" || len(a.Errors) > 0 {
		t.Errorf("received %q: %s", received, a.Raw)
	}
}

func TestSettings(t *testing.T) {
	for name, value := range map[string]string{"ACME_DEPTH": "0", "ACME_TIMEOUT": "26s", "ACME_URL": "ftp://x"} {
		t.Run(name, func(t *testing.T) {
			t.Setenv(name, value)
			if _, err := acme.Open(relay.OpenOptions{}); err == nil || !strings.Contains(err.Error(), "setting "+name) {
				t.Errorf("error %v", err)
			}
		})
	}
}

func TestDefaultTimeout(t *testing.T) {
	for timeout, want := range map[time.Duration]string{0: "10s", 15 * time.Second: "15s"} {
		source := acme
		source.Timeout = timeout
		if got := source.Declaration().Settings()[0]; got.Name != "ACME_TIMEOUT" || got.Default != want {
			t.Errorf("%v: %+v", timeout, got)
		}
	}
}

// A third party that watches the caller's own network is asked about private
// addresses.
func TestInternal(t *testing.T) {
	for _, internal := range []bool{false, true} {
		source, asked := acme, ""
		source.Internal = internal
		r := relaytest.Serve(t, source, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			asked = r.URL.Query().Get("value")
			acmeServer(w, r)
		}), relaytest.Options{})
		r.Ask(t, "/observe/observables", ctim.Observable{Type: ctim.TypeIP, Value: "10.1.2.3"})
		if (asked == "10.1.2.3") != internal {
			t.Errorf("internal %v: asked about %q", internal, asked)
		}
	}
}
