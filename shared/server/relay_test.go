package server_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/zap"

	"github.com/serverless-relay/relay/shared/ctim"
	"github.com/serverless-relay/relay/shared/ctim/rules"
	"github.com/serverless-relay/relay/shared/logging"
	"github.com/serverless-relay/relay/shared/relay"
	"github.com/serverless-relay/relay/shared/server"
)

// secret is the credential in the claims. It must not appear in answers or the log.
const secret = "s3cr3t credential"

// gate accepts any Authorization header. Its value is the claims.
type gate map[string]any

func (g gate) Authenticate(r *http.Request) (relay.Claims, error) {
	if r.Header.Get("Authorization") == "" {
		return relay.Claims{}, relay.Errorf(relay.CodeAuthorization, "Authorization failed: Authorization header is missing")
	}
	return relay.NewClaims(g), nil
}

// source is a provider that opens the session of a test.
type source struct {
	session relay.Session
	connect func(all []ctim.Observable) error
}

func declaration() relay.Declaration {
	return relay.Declaration{Name: "source", ObservableTypes: []ctim.ObservableType{ctim.TypeIP, ctim.TypeDomain}}
}

func (s source) Connect(_ context.Context, r relay.Request) (relay.Session, error) {
	if s.connect != nil {
		return s.session, s.connect(r.Observables)
	}
	return s.session, nil
}

// Sessions with one function.
type (
	health      func(context.Context) error
	deliberator func(context.Context, ctim.Observable) ([]ctim.Judgement, error)
	observer    func(context.Context, ctim.Observable) (ctim.Bundle, error)
	referrer    func(context.Context, ctim.Observable) ([]relay.Link, error)
)

func (f health) Health(ctx context.Context) (relay.Quotas, error) { return nil, f(ctx) }

func (f deliberator) Deliberate(ctx context.Context, o ctim.Observable) ([]ctim.Judgement, error) {
	return f(ctx, o)
}

func (f observer) Observe(ctx context.Context, o ctim.Observable) (ctim.Bundle, error) {
	return f(ctx, o)
}

func (f referrer) Refer(ctx context.Context, o ctim.Observable) ([]relay.Link, error) {
	return f(ctx, o)
}

// newRelay returns a server with a session. Its callers have the secret in their
// claims.
func newRelay(session relay.Session) *server.Server {
	return server.New(server.Options{Declaration: declaration(), Service: source{session: session}, Authenticator: gate{"key": secret}})
}

// answer is a decoded envelope.
type answer struct {
	Data   json.RawMessage
	Errors []relay.Error
	raw    []byte
}

// problems returns the types and codes of the answer's errors.
func (a answer) problems() string {
	var all []string
	for _, e := range a.Errors {
		all = append(all, string(e.Type)+" "+string(e.Code))
	}
	return strings.Join(all, ", ")
}

func (a answer) docs(t *testing.T, kind string) []map[string]any {
	t.Helper()
	var data map[string]json.RawMessage
	if err := json.Unmarshal(a.Data, &data); err != nil {
		t.Fatalf("data: %v in %.500s", err, a.raw)
	}
	if data[kind] == nil {
		return nil
	}
	var list struct {
		Count int
		Docs  []map[string]any
	}
	if err := json.Unmarshal(data[kind], &list); err != nil || list.Count != len(list.Docs) {
		t.Errorf("%s: %v, count %d of %d docs", kind, err, list.Count, len(list.Docs))
	}
	return list.Docs
}

// ask posts a body with a token. It checks that the answer is valid and has no
// secret.
func ask(ctx context.Context, t *testing.T, r *server.Server, path, body string) answer {
	t.Helper()
	request := httptest.NewRequestWithContext(ctx, http.MethodPost, path, strings.NewReader(body))
	request.Header.Set("Authorization", "Bearer x")
	w := httptest.NewRecorder()
	r.Routes().ServeHTTP(w, request)
	if w.Code != http.StatusOK || w.Header().Get("Content-Type") != "application/json" {
		t.Errorf("%s: status %d, %s", path, w.Code, w.Header().Get("Content-Type"))
	}
	if bytes.Contains(w.Body.Bytes(), []byte(secret)) {
		t.Errorf("%s: the answer has the credential: %s", path, w.Body)
	}
	for _, p := range rules.Answer(path, w.Body.Bytes()) {
		t.Errorf("%s: %s", path, p)
	}
	a := answer{raw: w.Body.Bytes()}
	if err := json.Unmarshal(a.raw, &a); err != nil {
		t.Fatalf("%s: %v in %.500s", path, err, a.raw)
	}
	return a
}

// ips returns a body with n addresses, from 192.0.2.0.
func ips(n int) string {
	list := make([]ctim.Observable, n)
	for i := range list {
		list[i] = ctim.Observable{Type: ctim.TypeIP, Value: "192.0.2." + strconv.Itoa(i)}
	}
	raw, _ := json.Marshal(list)
	return string(raw)
}

// past is before the time at which a synctest bubble begins.
var past = time.Date(1999, 3, 1, 0, 0, 0, 0, time.UTC)

// judgementOn returns the nth judgement on o. A higher n is newer.
func judgementOn(o ctim.Observable, n int) ctim.Judgement {
	return ctim.Judgement{
		Base:       ctim.Base{ID: ctim.NewID("judgement", o.Value, strconv.Itoa(n)), Source: "source"},
		Observable: o, Disposition: ctim.Malicious, Severity: ctim.SeverityHigh, Confidence: ctim.ConfidenceHigh,
		Priority: ctim.PriorityCurated, ValidTime: ctim.Between(past.AddDate(0, 0, n), ctim.Forever().Time),
	}
}

// judge has one judgement on every observable.
var judge = observer(func(_ context.Context, o ctim.Observable) (ctim.Bundle, error) {
	return ctim.Bundle{Judgements: []ctim.Judgement{judgementOn(o, 0)}}, nil
})

func TestAuthorizationComesBeforeTheBody(t *testing.T) {
	routes := newRelay(judge).Routes()
	for path := range routes {
		w := httptest.NewRecorder()
		routes.ServeHTTP(w, httptest.NewRequest(http.MethodPost, path, strings.NewReader("{")))
		want := `{"errors":[{"type":"fatal","code":"authorization error","message":"Authorization failed: Authorization header is missing"}]}`
		if path == "/version" {
			want = `{"version":"` + relay.Version + `"}`
		}
		if w.Code != http.StatusOK || w.Body.String() != want {
			t.Errorf("%s: %d %s", path, w.Code, w.Body)
		}
	}
}

func TestPathsAndMethods(t *testing.T) {
	routes := newRelay(judge).Routes()
	for _, tt := range []struct {
		method, path string
		want         int
	}{
		{"POST", "/version", 200}, {"POST", "/version/", 200}, {"POST", "/version//", 404}, {"GET", "/version", 405},
		{"POST", "/", 404}, {"POST", "/observe", 404}, {"POST", "/Health", 404}, {"POST", "/observe/observables/x", 404},
	} {
		w := httptest.NewRecorder()
		routes.ServeHTTP(w, httptest.NewRequest(tt.method, tt.path, nil))
		if w.Code != tt.want || !json.Valid(w.Body.Bytes()) {
			t.Errorf("%s %s: %d %s, want %d", tt.method, tt.path, w.Code, w.Body, tt.want)
		}
	}
}

func TestMissingCapabilitiesAreAnsweredEmpty(t *testing.T) {
	for path, want := range map[string]string{
		"/health":                 `{"data":{"status":"unknown"}}`,
		"/deliberate/observables": `{"data":{}}`,
		"/observe/observables":    `{"data":{}}`,
		"/refer/observables":      `{"data":[]}`,
		"/respond/observables":    `{"data":[]}`,
		"/tiles":                  `{"data":[]}`,
	} {
		if got := ask(t.Context(), t, newRelay(struct{}{}), path, ips(1)); string(got.raw) != want {
			t.Errorf("%s: got %s, want %s", path, got.raw, want)
		}
	}
}

func TestHealth(t *testing.T) {
	for _, tt := range []struct {
		name string
		err  error
		want string
	}{
		{"ok", nil, `{"data":{"status":"ok"}}`},
		{"refused", relay.Errorf(relay.CodeAuthorization, "The key is wrong."),
			`{"data":{"status":"error"},"errors":[{"type":"fatal","code":"authorization error","message":"The key is wrong."}]}`},
		{"unknown error", errors.New("dial tcp: " + secret),
			`{"data":{"status":"error"},"errors":[{"type":"fatal","code":"health check failed","message":"The health check failed. The relay's log has the details."}]}`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			session := health(func(context.Context) error { return tt.err })
			if got := ask(t.Context(), t, newRelay(session), "/health", ""); string(got.raw) != tt.want {
				t.Errorf("got %s\nwant %s", got.raw, tt.want)
			}
		})
	}
}

func TestOneFailureDoesNotAffectOthers(t *testing.T) {
	session := observer(func(ctx context.Context, o ctim.Observable) (ctim.Bundle, error) {
		found, _ := judge(ctx, o)
		switch o.Value {
		case "192.0.2.1":
			panic("oh no, " + secret)
		case "192.0.2.2":
			return ctim.Bundle{}, fmt.Errorf("GET https://x.example/?key=%s: refused", secret)
		case "192.0.2.3", "192.0.2.4", "192.0.2.5", "192.0.2.6", "192.0.2.7":
			return ctim.Bundle{}, fmt.Errorf("source: %w", relay.Errorf(relay.CodeTooManyRequests, "The source asks to wait an hour."))
		case "192.0.2.8":
			return found, relay.Errorf(relay.CodeTimeout, "Page two did not come.")
		}
		return found, nil
	})
	var log bytes.Buffer
	r := server.New(server.Options{Declaration: declaration(), Service: source{session: session}, Authenticator: gate{"key": secret}, Log: logging.New(&log, zap.InfoLevel)})
	got := ask(t.Context(), t, r, "/observe/observables", ips(10))
	if n := len(got.docs(t, "judgements")); n != 3 {
		t.Errorf("%d judgements, want 3: on 0, 8 and 9", n)
	}
	var messages []string
	for _, e := range got.Errors {
		messages = append(messages, fmt.Sprintf("%s %s: %s", e.Type, e.Code, e.Message))
	}
	want := []string{
		"error unknown: Something unexpected happened. The relay's log has the details. (192.0.2.1, 192.0.2.2)",
		"warning too many requests: The source asks to wait an hour. (192.0.2.3, 192.0.2.4, 192.0.2.5 and 2 more)",
		"error timeout: Page two did not come. (192.0.2.8)",
	}
	if diff := cmp.Diff(want, messages); diff != "" {
		t.Error(diff)
	}
	if text := log.String(); strings.Contains(text, secret) || !strings.Contains(text, "oh no, [redacted]") || !strings.Contains(text, "key=[redacted]: refused") {
		t.Errorf("the log must have the details without the credential:\n%s", text)
	}
}

// What some observables lost entirely and others in part is told once.
func TestTheSameMessageIsOneError(t *testing.T) {
	for code, want := range map[relay.Code]string{relay.CodeTimeout: "error timeout", relay.CodeTooManyRequests: "warning too many requests"} {
		session := observer(func(ctx context.Context, o ctim.Observable) (ctim.Bundle, error) {
			found, _ := judge(ctx, o)
			switch o.Value {
			case "192.0.2.0":
				return found, relay.Warningf(code, "The source is slow.")
			case "192.0.2.1":
				return ctim.Bundle{}, relay.Errorf(code, "The source is slow.")
			}
			return found, nil
		})
		got := ask(t.Context(), t, newRelay(session), "/observe/observables", ips(3))
		if got.problems() != want || !strings.Contains(string(got.raw), "(192.0.2.0, 192.0.2.1)") {
			t.Errorf("want %s, got %s", want, got.raw)
		}
	}
}

func TestErrorsAreLoggedOnce(t *testing.T) {
	var n atomic.Int64
	for name, tt := range map[string]struct {
		err  func(ctim.Observable) error
		want int
	}{
		"equal errors":                 {func(ctim.Observable) error { return errors.New("broken pipe") }, 1},
		"different errors":             {func(ctim.Observable) error { return fmt.Errorf("broken pipe %d", n.Add(1)) }, 10},
		"equal but for the observable": {func(o ctim.Observable) error { return errors.New("broken pipe for " + o.Value) }, 1},
		"deadlines":                    {func(ctim.Observable) error { return context.DeadlineExceeded }, 0},
	} {
		session := observer(func(_ context.Context, o ctim.Observable) (ctim.Bundle, error) { return ctim.Bundle{}, tt.err(o) })
		var log bytes.Buffer
		r := server.New(server.Options{Declaration: declaration(), Service: source{session: session}, Authenticator: gate{}, Log: logging.New(&log, zap.WarnLevel)})
		ask(t.Context(), t, r, "/observe/observables", ips(100))
		if got := strings.Count(log.String(), "\n"); got != tt.want {
			t.Errorf("%s: %d lines, want %d", name, got, tt.want)
		}
	}
}

func TestAllFailedIsFatal(t *testing.T) {
	session := referrer(func(context.Context, ctim.Observable) ([]relay.Link, error) {
		return nil, relay.Errorf(relay.CodeServiceUnavailable, "Down for maintenance.")
	})
	if got := ask(t.Context(), t, newRelay(session), "/refer/observables", ips(2)); got.problems() != "fatal service unavailable" || string(got.Data) != "[]" {
		t.Errorf("got %s", got.raw)
	}
}

func TestConnectFails(t *testing.T) {
	for name, tt := range map[string]struct {
		connect func([]ctim.Observable) error
		want    string
	}{
		"error": {func([]ctim.Observable) error { return relay.Errorf(relay.CodeServiceUnavailable, "No store.") }, "fatal service unavailable"},
		"panic": {func([]ctim.Observable) error { panic("connect") }, "fatal unknown"},
	} {
		t.Run(name, func(t *testing.T) {
			r := server.New(server.Options{Declaration: declaration(), Service: source{connect: tt.connect}, Authenticator: gate{}})
			for _, path := range []string{"/deliberate/observables", "/observe/observables", "/refer/observables"} {
				if got := ask(t.Context(), t, r, path, ips(1)); got.problems() != tt.want {
					t.Errorf("%s: got %s", path, got.raw)
				}
			}
		})
	}
}

func TestEntitiesLimit(t *testing.T) {
	session := observer(func(_ context.Context, o ctim.Observable) (ctim.Bundle, error) {
		var b ctim.Bundle
		for i := range 150 {
			b.Judgements = append(b.Judgements, judgementOn(o, i))
		}
		return b, nil
	})
	for _, tt := range []struct {
		claim any
		want  int
	}{{nil, 101}, {7.0, 8}, {"7", 8}, {json.Number("7"), 8}, {"0", 101}, {"-1", 101}, {"x", 101}, {true, 101}, {"1000", 150}} { // one decides, and comes beside the limit
		r := server.New(server.Options{Declaration: declaration(), Service: source{session: session}, Authenticator: gate{"CTR_ENTITIES_LIMIT": tt.claim}})
		if got := ask(t.Context(), t, r, "/observe/observables", ips(2)).docs(t, "judgements"); len(got) != 2*tt.want {
			t.Errorf("limit %v: %d judgements of two observables, want %d", tt.claim, len(got), 2*tt.want)
		}
	}
}

// Credentials that a provider's error quotes are redacted in the log, however they
// are encoded.
func TestCredentialsAreRedacted(t *testing.T) {
	claims := gate{"user": "admin", "password": "admin-Xy7!q Z/9\"", "short": "abc"}
	for _, quoted := range []string{"admin-Xy7!q Z/9\"", "admin-Xy7%21q+Z%2F9%22", "admin-Xy7%21q%20Z%2F9%22", "YWRtaW4tWHk3IXEgWi85Ig==", `admin-Xy7!q Z/9\"`} {
		session := health(func(context.Context) error { return errors.New("asked with <" + quoted + "> abc") })
		var log bytes.Buffer
		r := server.New(server.Options{Declaration: declaration(), Service: source{session: session}, Authenticator: claims, Log: logging.New(&log, zap.InfoLevel)})
		ask(t.Context(), t, r, "/health", "")
		if !strings.Contains(log.String(), "asked with <[redacted]> abc") {
			t.Errorf("%s: %s", quoted, log.String())
		}
	}
}

func TestClaimsDontPrint(t *testing.T) {
	claims := relay.NewClaims(map[string]any{"key": secret})
	raw, _ := json.Marshal(map[string]any{"claims": claims})
	text := fmt.Sprintf("%v %+v %#v %s %d %q %s", claims, claims, claims, claims, claims, claims, raw)
	var log bytes.Buffer
	logging.New(&log, zap.InfoLevel).Info("x", zap.Any("claims", claims), zap.Reflect("reflected", claims))
	if strings.Contains(text+log.String(), "s3cr3t") {
		t.Errorf("%s %s", text, log.String())
	}
	if claims.Get("key") != secret {
		t.Error("Get doesn't return it")
	}
}
