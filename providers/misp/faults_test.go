package misp_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/zap"

	"github.com/serverless-relay/relay/providers/misp"
	"github.com/serverless-relay/relay/shared/ctim"
	"github.com/serverless-relay/relay/shared/logging"
	"github.com/serverless-relay/relay/shared/relay"
	protocol "github.com/serverless-relay/relay/shared/server"
	"github.com/serverless-relay/relay/shared/upstream"
	"github.com/serverless-relay/relay/shared/upstream/upstreamtest"
)

// However MISP fails, the platform is told how, on every route that asks it,
// and the key is neither in the answer nor in the log.
func TestFaults(t *testing.T) {
	for _, fault := range upstreamtest.Faults() {
		t.Run(fault.Name, func(t *testing.T) {
			t.Parallel()
			server := httptest.NewServer(fault.Serve)
			t.Cleanup(server.Close)
			p, err := misp.New(misp.Settings{Timeout: fault.Timeout()}, upstream.Options{Retries: -1, Settings: upstream.Settings{AllowLocal: true}})
			if err != nil {
				t.Fatal(err)
			}
			var log bytes.Buffer
			r := protocol.New(protocol.Options{Declaration: misp.Provider.Declaration(), Service: p, Authenticator: gate{"HOST": server.URL, "AuthKey": authKey}, Log: logging.New(&log, zap.DebugLevel)})
			for route, body := range map[string]any{
				"/health":                 nil,
				"/deliberate/observables": []ctim.Observable{observable(ctim.TypeIP, "192.0.2.1")},
				"/observe/observables":    []ctim.Observable{observable(ctim.TypeIP, "192.0.2.1")},
				"/refer/observables":      []ctim.Observable{observable(ctim.TypeIP, "192.0.2.1")},
				"/respond/observables":    []ctim.Observable{observable(ctim.TypeIP, "192.0.2.1")},
				"/respond/trigger": map[string]string{"action-id": "misp-add-sighting", "observable_type": "ip", "observable_value": "192.0.2.1",
					"misp-state": "0123456789abcdef"},
			} {
				got := post(t, r, route, body)
				if len(got.Errors) != 1 || got.Errors[0].Code != fault.Code || !strings.Contains(got.Errors[0].Message, "MISP") {
					t.Errorf("%s: got %s, want %s", route, got.raw, fault.Code)
				}
			}
			if strings.Contains(log.String(), authKey) {
				t.Errorf("the log gives the key away: %s", &log)
			}
		})
	}
}

// A user may not send the relay into its own network.
func TestAHostInAPrivateNetwork(t *testing.T) {
	third := written(t)
	server := httptest.NewServer(third)
	t.Cleanup(server.Close)
	r := serveWith(t, settings, upstream.Options{Retries: -1}, gate{"HOST": strings.Replace(server.URL, "http://", "https://", 1), "AuthKey": authKey})
	got := post(t, r, "/health", nil)
	if len(got.Errors) != 1 || !strings.Contains(got.Errors[0].Message, "UPSTREAM_ALLOW_LOCAL") || len(third.asked) > 0 {
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

// listing answers each search with an event that has its value.
func listing(w http.ResponseWriter, r *http.Request) (value string) {
	var body struct{ Value string }
	_ = json.NewDecoder(r.Body).Decode(&body)
	reply(w, http.StatusOK, map[string]any{"response": []any{map[string]any{"Event": map[string]any{
		"uuid": "66666666-6666-4666-8666-666666666666", "info": "Many", "date": "1999-12-01", "threat_level_id": "1",
		"Attribute": []any{map[string]any{"type": "ip-dst", "value": body.Value, "to_ids": true}}}}}})
	return body.Value
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

func TestOneThatHangsCostsNoOther(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		hanging := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			held := httptest.NewRecorder()
			if listing(held, r) == "198.51.100.42" {
				<-r.Context().Done()
				return
			}
			time.Sleep(200 * time.Millisecond)
			_, _ = w.Write(held.Body.Bytes())
		})
		start := time.Now()
		got := post(t, serve(t, hanging, credentials), "/observe/observables", many(100))
		if took := time.Since(start); took > 25*time.Second {
			t.Errorf("took %v", took)
		}
		if verdicts := got.docs(t)["verdicts"]; len(verdicts) != 99 {
			t.Errorf("%d verdicts", len(verdicts))
		}
		want := relay.Error{Type: relay.Failed, Code: relay.CodeTimeout, Message: "MISP did not respond within 15s. Try again later. (198.51.100.42)"}
		if len(got.Errors) != 1 || got.Errors[0] != want {
			t.Errorf("errors %+v", got.Errors)
		}
	})
}

// A server that wants to be left alone is not asked on.
func TestTooManyRequests(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		third := written(t)
		calls := 0
		third.before = func(w http.ResponseWriter, _ *http.Request) bool {
			calls++
			w.Header().Set("Retry-After", "600")
			reply(w, http.StatusTooManyRequests, map[string]string{"message": "Rate limit exceeded."})
			return true
		}
		p, err := misp.New(settings, upstream.Options{Transport: upstreamtest.Transport(third)})
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
		third := written(t)
		calls := 0
		third.before = func(w http.ResponseWriter, _ *http.Request) bool {
			calls++
			if calls > 2 {
				return false
			}
			w.WriteHeader(http.StatusBadGateway)
			return true
		}
		r := serveWith(t, settings, upstream.Options{Transport: upstreamtest.Transport(third)}, credentials)
		if got := observe(t, r, ctim.TypeDomain, "evil.example"); len(got["verdicts"]) != 1 || calls != 3 {
			t.Errorf("after %d calls: %v", calls, got)
		}
	})
}
