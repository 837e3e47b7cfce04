package relaytest

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"go.uber.org/zap/zapcore"

	"github.com/serverless-relay/relay/shared/ctim"
	"github.com/serverless-relay/relay/shared/ctim/rules"
	"github.com/serverless-relay/relay/shared/logging"
	"github.com/serverless-relay/relay/shared/relay"
	"github.com/serverless-relay/relay/shared/server"
	"github.com/serverless-relay/relay/shared/upstream/upstreamtest"
)

// Options configure a Relay. The zero value is enough for most tests.
type Options struct {
	// Claims are the claims of the caller's token. By default each credential of the
	// provider is "s3cr3t-" followed by its name.
	Claims map[string]any
	// Time is when requests arrive; by default now, and in Conform 2026-11-20.
	Time time.Time
	// Internal is true if the third party watches the caller's own network, so that
	// it is asked about private addresses (lookup.Source.Internal).
	Internal bool
}

// Relay is a relay with one provider, whose third party is a stand-in.
type Relay struct {
	routes http.Handler
	log    *bytes.Buffer
}

// Serve opens the provider with the settings in the environment and starts a relay
// without authentication. All requests have the claims in the options.
func Serve(t testing.TB, p relay.Provider, standIn http.Handler, o Options) *Relay {
	t.Helper()
	service, err := p.Open(relay.OpenOptions{Transport: upstreamtest.Transport(standIn)})
	if err != nil {
		t.Fatal(err)
	}
	if o.Claims == nil {
		o.Claims = secrets(p.Declaration())
	}
	r := &Relay{log: &bytes.Buffer{}}
	options := server.Options{
		Declaration:   p.Declaration(),
		Service:       service,
		Authenticator: anybody{o.Claims},
		Log:           logging.New(r.log, zapcore.DebugLevel),
	}
	if !o.Time.IsZero() {
		options.Now = func() time.Time { return o.Time }
	}
	r.routes = server.New(options).Routes()
	return r
}

// secrets returns claims for all credentials of a provider.
func secrets(d relay.Declaration) map[string]any {
	claims := map[string]any{}
	for _, c := range d.Credentials {
		claims[c.Name] = "s3cr3t-" + c.Name
	}
	return claims
}

// anybody accepts all requests with the same claims.
type anybody struct{ claims map[string]any }

func (a anybody) Authenticate(*http.Request) (relay.Claims, error) {
	return relay.NewClaims(a.claims), nil
}

// Log returns the relay's log.
func (r *Relay) Log() string { return r.log.String() }

// Answer is the body of a response.
type Answer struct {
	Data   json.RawMessage
	Errors []relay.Error
	// Raw is the body.
	Raw string
}

// Ask posts observables to a route. The test fails if the answer isn't valid (package
// rules).
func (r *Relay) Ask(t testing.TB, route string, observables ...ctim.Observable) Answer {
	t.Helper()
	return r.Post(t.Context(), t, route, observables)
}

// Post posts a body, encoded as JSON, to a route. The test fails if the answer isn't
// valid (package rules).
func (r *Relay) Post(ctx context.Context, t testing.TB, route string, body any) Answer {
	t.Helper()
	raw, err := json.Marshal(body)
	if err != nil {
		t.Fatal(err)
	}
	w := httptest.NewRecorder()
	r.routes.ServeHTTP(w, httptest.NewRequestWithContext(ctx, http.MethodPost, route, bytes.NewReader(raw)))
	if w.Code != http.StatusOK {
		t.Fatalf("%s: status %d, %s", route, w.Code, w.Body)
	}
	for _, problem := range rules.Errors(rules.Answer(route, w.Body.Bytes())) {
		t.Errorf("%s: %s in %.2000s", route, problem, w.Body)
	}
	a := Answer{Raw: w.Body.String()}
	if err := json.Unmarshal(w.Body.Bytes(), &a); err != nil {
		t.Fatalf("%s: %v in %.500s", route, err, w.Body)
	}
	return a
}

// Doc is an entity as decoded JSON.
type Doc = map[string]any

// Docs returns the entities of a kind, such as "sightings".
func (a Answer) Docs(t testing.TB, kind string) []Doc {
	t.Helper()
	var data map[string]struct{ Docs []Doc }
	if len(a.Data) == 0 {
		return nil
	}
	if err := json.Unmarshal(a.Data, &data); err != nil {
		t.Fatalf("%v in %.500s", err, a.Raw)
	}
	return data[kind].Docs
}

// Codes returns the types and codes of the errors, such as "fatal timeout", separated
// by commas.
func (a Answer) Codes() string {
	var all []string
	for _, e := range a.Errors {
		all = append(all, string(e.Type)+" "+string(e.Code))
	}
	return strings.Join(all, ", ")
}
