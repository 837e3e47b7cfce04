package misp_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/serverless-relay/relay/providers/misp"
	"github.com/serverless-relay/relay/shared/ctim"
	"github.com/serverless-relay/relay/shared/relay"
	"github.com/serverless-relay/relay/shared/relaytest"
	protocol "github.com/serverless-relay/relay/shared/server"
	"github.com/serverless-relay/relay/shared/upstream/upstreamtest"
)

func TestConform(t *testing.T) {
	relaytest.Conform(t, misp.Provider, written(t), observable(ctim.TypeDomain, "evil.example"), relaytest.Options{Claims: credentials})
}

func TestGolden(t *testing.T) { relaytest.Golden(t, misp.Provider) }

// A user may not send the relay into its own network.
func TestAHostInAPrivateNetwork(t *testing.T) {
	fake := written(t)
	server := httptest.NewServer(fake)
	t.Cleanup(server.Close)
	r := serve(t, nil, gate{"HOST": strings.Replace(server.URL, "http://", "https://", 1), "AuthKey": authKey})
	got := post(t, r, "/health", nil)
	if len(got.Errors) != 1 || !strings.Contains(got.Errors[0].Message, "UPSTREAM_ALLOW_LOCAL") || len(fake.asked) > 0 {
		t.Errorf("got %s", got.raw)
	}
}

// many is a body that asks about n addresses.
func many(n int) []ctim.Observable {
	out := make([]ctim.Observable, n)
	for i := range out {
		out[i] = observable(ctim.TypeIP, fmt.Sprintf("198.51.100.%d", i))
	}
	return out
}

// listing answers each search for attributes with one for each of its values, in
// events of their own, and returns the values.
func listing(w http.ResponseWriter, r *http.Request) (values []string) {
	var body struct{ Value json.RawMessage }
	_ = json.NewDecoder(r.Body).Decode(&body)
	var several struct{ OR []string }
	if json.Unmarshal(body.Value, &several) != nil {
		several.OR = []string{strings.Trim(string(body.Value), `"`)}
	}
	found := []any{}
	for _, value := range several.OR {
		found = append(found, map[string]any{"uuid": value, "type": "ip-dst", "value": value, "to_ids": true, "event_id": value,
			"Event": map[string]any{"id": value, "info": "One of many", "date": "1999-12-01", "threat_level_id": "1"}})
	}
	if r.URL.Path != "/attributes/restSearch" || body.Value == nil {
		found = nil
	}
	reply(w, http.StatusOK, map[string]any{"response": map[string]any{"Attribute": found}})
	return several.OR
}

func TestAHundredObservables(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		slow := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			time.Sleep(200 * time.Millisecond)
			listing(w, r)
		})
		for _, route := range []string{"/deliberate/observables", "/observe/observables"} {
			start := time.Now()
			got := post(t, serve(t, slow, credentials), route, many(100))
			if took := time.Since(start); took > 2500*time.Millisecond || len(got.docs(t)["verdicts"]) != 100 || len(got.Errors) > 0 {
				t.Errorf("%s: %d verdicts in %v, %v", route, len(got.docs(t)["verdicts"]), took, got.Errors)
			}
		}
	})
}

// A wrong key is refused once, and not for each observable.
func TestAWrongKey(t *testing.T) {
	fake := written(t)
	p, err := misp.Provider.Open(relay.OpenOptions{Transport: upstreamtest.Transport(fake)})
	if err != nil {
		t.Fatal(err)
	}
	r := protocol.New(protocol.Options{Declaration: misp.Provider.Declaration(), Service: p, Authenticator: gate{"HOST": host, "AuthKey": "another"}, Concurrency: 1})
	got := post(t, r, "/observe/observables", many(100))
	if len(got.Errors) != 1 || got.Errors[0].Code != relay.CodeAuthorization || len(fake.asked) != 1 {
		t.Errorf("%d calls: %s", len(fake.asked), got.raw)
	}
}

// A server that is too old is named, and not misread.
func TestAnOldServer(t *testing.T) {
	fake := written(t)
	fake.before = func(w http.ResponseWriter, r *http.Request) bool {
		reply(w, 200, map[string]any{"response": map[string]any{"Attribute": []any{map[string]any{"type": "domain", "value": "evil.example", "to_ids": true, "event_id": "11"}}}})
		return true
	}
	got := post(t, serve(t, fake, credentials), "/deliberate/observables", []ctim.Observable{observable(ctim.TypeDomain, "evil.example")})
	if len(got.Errors) != 1 || got.Errors[0].Message != "MISP sends attributes without their events. Update it: the relay needs version 2.4.112 or later. (evil.example)" {
		t.Errorf("got %s", got.raw)
	}
}

// A server that wants to be left alone is not asked on.
func TestTooManyRequests(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake := written(t)
		calls := 0
		fake.before = func(w http.ResponseWriter, _ *http.Request) bool {
			calls++
			w.Header().Set("Retry-After", "600")
			reply(w, http.StatusTooManyRequests, map[string]string{"message": "Rate limit exceeded."})
			return true
		}
		p, err := misp.Provider.Open(relay.OpenOptions{Transport: upstreamtest.Transport(fake)})
		if err != nil {
			t.Fatal(err)
		}
		r := protocol.New(protocol.Options{Declaration: misp.Provider.Declaration(), Service: p, Authenticator: credentials, Concurrency: 1})
		got := post(t, r, "/observe/observables", many(50))
		if len(got.Errors) != 1 || calls != 1 ||
			!strings.HasPrefix(got.Errors[0].Message, "MISP received too many requests. Try again in 10 minutes. It says: Rate limit exceeded.") {
			t.Errorf("%d calls: %s", calls, got.raw)
		}
	})
}

// One that fails in passing is asked again.
func TestASearchIsRepeated(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake := written(t)
		failures := 0
		fake.before = func(w http.ResponseWriter, _ *http.Request) bool {
			if failures == 2 {
				return false
			}
			failures++
			w.WriteHeader(http.StatusBadGateway)
			return true
		}
		r := serve(t, fake, credentials)
		if got := observe(t, r, ctim.TypeDomain, "evil.example"); len(got["verdicts"]) != 1 || failures != 2 {
			t.Errorf("after %d failures: %v", failures, got)
		}
	})
}
