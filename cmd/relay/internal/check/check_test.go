package check_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/serverless-relay/relay/cmd/relay/internal/check"
	"github.com/serverless-relay/relay/shared/auth"
	"github.com/serverless-relay/relay/shared/console"
	"github.com/serverless-relay/relay/shared/ctim"
	"github.com/serverless-relay/relay/shared/relay"
	protocol "github.com/serverless-relay/relay/shared/server"
)

const (
	secretKey  = "k3yK3Yk3yK3Yk3yK3Yk3yK3Yk3yK3Yk3yK3Yk3yK3Yk3yK3Yk3yK3Yk3yK3Yk3yK"
	credential = "the-third-party-key"
)

func token(t testing.TB) string {
	t.Helper()
	encoded, err := auth.Sign(secretKey, map[string]any{"key": credential})
	if err != nil {
		t.Fatal(err)
	}
	return encoded
}

// routes are those of a real relay.
func routes(provider relay.Provider) http.Handler {
	service, err := provider.Open(relay.OpenOptions{})
	if err != nil {
		panic(err)
	}
	d := provider.Declaration()
	return protocol.New(protocol.Options{
		Declaration: d,
		Service:     service,
		Authenticator: auth.New(auth.Options{SecretKey: secretKey, JWKSHosts: []string{"visibility.amp.cisco.com"},
			Credentials: d.RequiredCredentials()}),
	}).Routes()
}

func noProgress(string, string) {}

// run checks what the handler serves.
func run(t testing.TB, handler http.Handler, o check.Options) (check.Report, error) {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	o.URL, o.Repeat, o.Progress = server.URL, 3, noProgress
	if o.Token == "" {
		o.Token = token(t)
	}
	if o.Observables == nil {
		o.Observables = []ctim.Observable{evil, {Type: ctim.TypeIP, Value: "192.0.2.1"}}
	}
	return check.Run(t.Context(), o)
}

func TestOurOwnRelaysPass(t *testing.T) {
	for name, tt := range map[string]struct {
		provider relay.Provider
		options  check.Options
		warnings []string
	}{
		"everything": {everything{}, check.Options{Trigger: []string{"block"}}, nil},
		"nothing":    {nothing{}, check.Options{}, []string{"the third party answers", "sent again", "sent again", "with a slash at the end", "with a body"}},
	} {
		t.Run(name, func(t *testing.T) {
			report, err := run(t, routes(tt.provider), tt.options)
			if err != nil {
				t.Fatal(err)
			}
			var warnings []string
			for _, result := range report.Results {
				switch result.Status {
				case check.Failed:
					t.Errorf("%+v", result)
				case check.Warned:
					warnings = append(warnings, result.Check)
				case check.Skipped:
					if name != "nothing" {
						t.Errorf("%+v", result)
					}
				}
			}
			if !slices.Equal(warnings, tt.warnings) {
				t.Errorf("warnings %q, want %q", warnings, tt.warnings)
			}
			if report.Version != relay.Version || len(report.Results) < 150 {
				t.Errorf("version %q, %d results", report.Version, len(report.Results))
			}
			for _, l := range report.Latency {
				if l.P50 <= 0 || l.Max < l.P50 || l.Requests == 0 {
					t.Errorf("latency %+v", l)
				}
			}
			raw, err := json.Marshal(report)
			if err != nil || bytes.Contains(raw, []byte(credential)) {
				t.Errorf("%v, or the credential is in the report", err)
			}
		})
	}
}

// altered is a relay whose answers on a path are changed, where the request was
// sent with the good token and this stands in its body.
func altered(handler http.Handler, path, asked string, change func(status int, body string) (int, string)) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		r.Body = io.NopCloser(bytes.NewReader(body))
		recorder := httptest.NewRecorder()
		handler.ServeHTTP(recorder, r)
		status, answer := recorder.Code, recorder.Body.String()
		if strings.TrimSuffix(r.URL.Path, "/") == path && strings.Contains(string(body), asked) {
			status, answer = change(status, answer)
		}
		w.Header().Set("Content-Type", recorder.Header().Get("Content-Type"))
		w.WriteHeader(status)
		_, _ = io.WriteString(w, answer)
	})
}

// replacing is an altered relay that writes other words.
func replacing(path, old, new string) func(http.Handler) http.Handler {
	return func(handler http.Handler) http.Handler {
		return altered(handler, path, "", func(status int, body string) (int, string) { return status, strings.ReplaceAll(body, old, new) })
	}
}

// trusting is a relay that takes an Authorization header for the good one.
func trusting(path string, wrong func(header string) bool) func(http.Handler) http.Handler {
	return func(handler http.Handler) http.Handler {
		good, err := auth.Sign(secretKey, map[string]any{"key": credential})
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if err == nil && (path == "" || r.URL.Path == path) && wrong(r.Header.Get("Authorization")) {
				r.Header.Set("Authorization", "Bearer "+good)
			}
			handler.ServeHTTP(w, r)
		})
	}
}

func parts(header string) int { return strings.Count(header, ".") + 1 }

// Every mistake that a relay can make must be found, under its name.
func TestEachMistakeIsFound(t *testing.T) {
	const observe, deliberate = "/observe/observables", "/deliberate/observables"
	counter := 0
	tests := []struct {
		name   string
		broken func(http.Handler) http.Handler
		route  string
		check  string
		status check.Status
		tells  string
	}{
		{"no token wanted", trusting("/health", func(h string) bool { return h == "" }), "/health", "no header", check.Failed, "the relay accepts the request"},
		{"forged tokens taken", trusting(observe, func(h string) bool { return parts(h) == 3 && !strings.HasSuffix(h, ".") }), observe, "a forged token", check.Failed, "the relay accepts the request"},
		{"unsigned tokens taken", trusting("/tiles", func(h string) bool { return strings.HasSuffix(h, ".") }), "/tiles", "a token with alg none", check.Failed, "the relay accepts the request"},
		{"cut tokens taken", trusting("/tiles", func(h string) bool { return parts(h) == 2 }), "/tiles", "a token without its signature", check.Failed, "the relay accepts the request"},
		{"basic authorization taken", trusting("/refer/observables", func(h string) bool { return strings.HasPrefix(h, "Basic") }), "/refer/observables", "another type of authorization", check.Failed, "the relay accepts the request"},
		{"other words for no header", replacing("/health", "header is missing", "header is absent"), "/health", "no header", check.Failed, "header is absent"},
		{"other words for platform tokens", replacing("/health", "jwks_host is missing", "no host"), "/health", "a forged RS256 token without jwks_host", check.Warned, "no host"},
		{"body before token", func(h http.Handler) http.Handler {
			return altered(h, observe, "{", func(status int, body string) (int, string) {
				return status, strings.ReplaceAll(body, "Authorization header is missing", "x")
			})
		}, observe, "no header, and a body that isn't JSON", check.Failed, `"Authorization failed: x"`},
		{"other code", replacing(deliberate, "invalid argument", "bad request"), deliberate, "no body", check.Failed, `"bad request"`},
		{"no place in the complaint", replacing(deliberate, `\"1\": {`, `\"7\": {`), deliberate, "no value in the second observable", check.Failed, "Missing data"},
		{"blanks taken", func(h http.Handler) http.Handler {
			return altered(h, deliberate, `"value":""`, func(int, string) (int, string) { return 200, `{"data":{}}` })
		}, deliberate, "an empty value", check.Failed, "the relay accepts the request"},
		{"spaces taken", func(h http.Handler) http.Handler {
			return altered(h, deliberate, `"value": "  "`, func(int, string) (int, string) { return 200, `{"data":{}}` })
		}, deliberate, "a value of spaces", check.Warned, "the relay accepts the request"},
		{"unknown types refused", func(h http.Handler) http.Handler {
			return altered(h, deliberate, "relay_check_type", func(int, string) (int, string) {
				return 200, `{"errors":[{"type":"fatal","code":"invalid argument","message":"m"}]}`
			})
		}, deliberate, "an unknown type", check.Failed, "returns the error invalid argument: m"},
		{"crash on quotes", func(h http.Handler) http.Handler {
			return altered(h, observe, "{{x}}", func(int, string) (int, string) { return 500, `{"message":"Internal Server Error"}` })
		}, observe, "values with quotes, spaces and other scripts", check.Failed, "HTTP status 500"},
		{"errors with another status", func(h http.Handler) http.Handler {
			return altered(h, observe, "", func(status int, body string) (int, string) {
				if strings.Contains(body, "Authorization failed") {
					status = 401
				}
				return status, body
			})
		}, observe, "no header", check.Failed, "HTTP status 401"},
		{"no slash at the end", func(h http.Handler) http.Handler {
			return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if r.URL.Path == "/version/" {
					http.NotFound(w, r)
					return
				}
				h.ServeHTTP(w, r)
			})
		}, "/version", "with a slash at the end", check.Failed, "HTTP status 404"},
		{"not JSON", replacing("/health", "{", "<html>"), "/health", "the third party answers", check.Failed, "not JSON"},
		{"more after the JSON", replacing("/version", "}", "}}"), "/version", "without a token", check.Failed, "not JSON"},
		{"a key of its own", replacing("/health", `{"data"`, `{"took":1,"data"`), "/health", "the third party answers", check.Failed, "took: is not a known field"},
		{"unhealthy", replacing("/health", `{"data":{"status":"ok"}}`, `{"data":{"status":"error"},"errors":[{"type":"fatal","code":"timeout","message":"m"}]}`), "/health", "the third party answers", check.Failed, "timeout: m"},
		{"a code of its own", replacing("/health", `{"data":{"status":"ok"}}`, `{"data":{"status":"ok"},"errors":[{"type":"warning","code":"slow","message":"m"}]}`), "/health", "the third party answers", check.Warned, `"slow"`},
		{"empty errors", replacing("/health", `{"data":{"status":"ok"}}`, `{"data":{"status":"ok"},"errors":[]}`), "/health", "the third party answers", check.Failed, "errors: is empty"},
		{"part of the answer lost", replacing(observe, `{"data":{"verdicts"`, `{"errors":[{"type":"error","code":"timeout","message":"m"}],"data":{"verdicts"`), observe, "the observables", check.Warned, "timeout: m"},
		{"wrong count", replacing(observe, `"count":1,"docs":[{"type":"judgement"`, `"count":2,"docs":[{"type":"judgement"`), observe, "the observables", check.Failed, "count must be 1, the number of docs, is 2"},
		{"wrong severity", replacing(observe, `"severity":"High"`, `"severity":"Horrible"`), observe, "the observables", check.Failed, "data.judgements.docs[0].severity"},
		{"a relationship to nowhere", replacing(observe, `"target_ref":"transient:indicator-`, `"target_ref":"transient:indicator-0`), observe, "the observables", check.Failed, "must be the id of an entity of this response"},
		{"random ids", func(h http.Handler) http.Handler {
			return altered(h, observe, "", func(status int, body string) (int, string) {
				counter++
				return status, strings.ReplaceAll(body, "transient:sighting-", fmt.Sprintf("transient:sighting-%d", counter))
			})
		}, observe, "sent again", check.Failed, "entries are missing, 1 are new"},
		{"what is asked twice answered twice", func(h http.Handler) http.Handler {
			return altered(h, "/refer/observables", `"evil.example"},{"type":"ip","value":"192.0.2.1"},{`, func(status int, body string) (int, string) {
				return status, strings.Replace(body, `}]}`, `},{"id":"page","title":"Page","description":"A page","url":"https://example.com/domain"}]}`, 1)
			})
		}, "/refer/observables", "each observable twice", check.Failed, "has 2 entries instead of 1"},
		{"verdict on something else", replacing(deliberate, `"evil.example"`, `"good.example"`), deliberate, "the observables", check.Failed, "is not in the request"},
		{"something for nothing", func(h http.Handler) http.Handler {
			return altered(h, "/respond/observables", "[]", func(int, string) (int, string) {
				return 200, `{"data":[{"id":"a","title":"t","description":"d"}]}`
			})
		}, "/respond/observables", "an empty list", check.Failed, "has 1 entries"},
		{"a link without a page", replacing("/refer/observables", `"https://example.com`, `"example.com`), "/refer/observables", "the observables", check.Failed, "must be an http or https URL"},
		{"a parameter that is no string", replacing("/respond/observables", `"list":"a"`, `"list":7`), "/respond/observables", "the observables", check.Failed, "query-params.list: must be a string, is 7"},
		{"an action without a title", replacing("/respond/observables", `"title":"Block",`, ``), "/respond/observables", "the observables", check.Failed, "title: is missing"},
		{"every action taken", func(h http.Handler) http.Handler {
			return altered(h, "/respond/trigger", `"action-id":"relay-check`, func(int, string) (int, string) { return 200, `{"data":{"status":"success"}}` })
		}, "/respond/trigger", "an unknown action", check.Failed, "the relay accepts the request"},
		{"other words for an action", replacing("/respond/trigger", "Unsupported action.", "What?"), "/respond/trigger", "an unknown action", check.Failed, "What?"},
		{"a tile of its own type", replacing("/tiles", `"type":"donut_graph"`, `"type":"pie"`), "/tiles", "the tiles", check.Failed, "[1].type"},
		{"two tiles of one id", replacing("/tiles", `"id":"donut_graph"`, `"id":"markdown"`), "/tiles", "the tiles", check.Failed, "is the id of data[1], too"},
		{"a default period that isn't there", replacing("/tiles", `"default_period":"last_hour"`, `"default_period":"last_60_days"`), "/tiles", "the tiles", check.Failed, "must be one of the tile's periods"},
		{"another tile", replacing("/tiles/tile", `"title":"t"`, `"title":"u"`), "/tiles/tile", "the tile markdown", check.Failed, "differs from the tile in /tiles"},
		{"unknown fields taken", func(h http.Handler) http.Handler {
			return altered(h, "/tiles/tile", "relay-check\":", func(int, string) (int, string) { return 200, `{"data":{}}` })
		}, "/tiles/tile", "an unknown field", check.Failed, "the relay accepts the request"},
		{"an unknown tile is empty", func(h http.Handler) http.Handler {
			return altered(h, "/tiles/tile-data", "relay-check-no-such-tile", func(int, string) (int, string) { return 200, `{"data":{}}` })
		}, "/tiles/tile-data", "an unknown tile", check.Warned, "the relay accepts the request"},
		{"a donut without a label", replacing("/tiles/tile-data", `[["a"],["b","c"]]`, `[["a"],["b"]]`), "/tiles/tile-data", "the data of donut_graph for last_hour", check.Failed, "segments[0].key: is 1, and there are 1 labels"},
		{"no tile", func(h http.Handler) http.Handler {
			return altered(h, "/tiles/tile", `"markdown"`, func(int, string) (int, string) { return 200, `{"data":{}}` })
		}, "/tiles/tile", "the tile markdown", check.Warned, "data: is empty"},
		{"a chart without a key", replacing("/tiles/tile-data", `"values":[{"key":"a"`, `"values":[{"key":"b"`), "/tiles/tile-data", "the data of vertical_bar_chart for last_hour", check.Failed, "must be one of the chart's keys"},
		{"a time that is none", replacing("/tiles/tile-data", `1767322800000`, `"monday"`), "/tiles/tile-data", "the data of line_chart for last_hour", check.Failed, "must be a whole number"},
		{"another period", replacing("/tiles/tile-data", `"period":"last_hour"`, `"period":"last_7_days"`), "/tiles/tile-data", "the data of markdown for last_hour", check.Warned, `data.period: should be "last_hour" as in the request`},
		{"a metric without a unit", replacing("/tiles/tile-data", `,"value_unit":"integer"`, ``), "/tiles/tile-data", "the data of metric_group for last_hour", check.Failed, "value_unit: is missing"},
		{"markdown that is no list", replacing("/tiles/tile-data", `["# Hello"]`, `"# Hello"`), "/tiles/tile-data", "the data of markdown for last_hour", check.Failed, "must be a list"},
		{"unknown paths answered", func(h http.Handler) http.Handler {
			return altered(h, "/relay-check/no-such-route", "", func(int, string) (int, string) { return 200, `{}` })
		}, "/relay-check/no-such-route", "an unknown route", check.Failed, "HTTP status 200 instead of 404"},
		{"no tiles at all", func(h http.Handler) http.Handler {
			return altered(h, "/tiles", "", func(int, string) (int, string) { return 404, `{"message":"Not Found"}` })
		}, "/tiles", "the route exists", check.Warned, "supported-apis"},
		{"a redirect", func(h http.Handler) http.Handler {
			return altered(h, "/health", "", func(int, string) (int, string) { return 307, `` })
		}, "/health", "the third party answers", check.Failed, "a redirect"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			report, err := run(t, tt.broken(routes(everything{})), check.Options{Observables: []ctim.Observable{evil, {Type: "ip", Value: "192.0.2.1"}}})
			if err != nil {
				t.Fatal(err)
			}
			for _, result := range report.Results {
				if result.Route == tt.route && result.Check == tt.check && result.Status == tt.status && strings.Contains(strings.Join(result.Problems, "\n"), tt.tells) {
					return
				}
			}
			for _, result := range report.Results {
				if result.Route == tt.route && result.Check == tt.check || result.Status == check.Failed {
					t.Logf("%+v", result)
				}
			}
			t.Errorf("no result of %s, %s is %s and tells %q", tt.route, tt.check, tt.status, tt.tells)
		})
	}
}

// Relays that the platform works with do not fail, although each leaves
// something out or has it in another form.
func TestWorkingRelaysDoNotFail(t *testing.T) {
	handler := routes(everything{})
	for _, change := range []struct{ path, old, new string }{
		{"/tiles", `,"default_period":"[a-z0-9_]+"`, ``},
		{"/tiles/tile", `^\{"data":.*`, `{"data":{}}`},
		{"/tiles/tile-data", `"tile_id":"[a-z_]+","period":"[a-z0-9_]+",`, ``},
		{"/tiles/tile-data", `"hide_legend":false,`, `"color_scale":"status",`},
		{"/tiles/tile-data", `(_time":"[0-9T:.-]+)Z"`, `$1"`},
		{"/tiles/tile-data", `"value":1,"value_unit":"integer"`, `"value":"1","value-unit":"integer","link_uri":"https://example.com"`},
		{"/tiles/tile-data", `,\["b","c"\]\],"label_headers":\["h","i"\]`, `]`},
		{"/tiles/tile-data", `,"segments":\[[^]]*\]`, ``},
		{"/tiles/tile-data", `"key":"monday",`, ``},
		{"/tiles/tile-data", `"text"`, `"icon_and_text"`},
		{"/tiles/tile-data", `,"hide_filters":false`, ``},
		{"/tiles/tile-data", `"volume":0,`, `"id":1,`},
	} {
		expression, changed, before := regexp.MustCompile(change.old), false, handler
		handler = altered(before, change.path, "", func(status int, body string) (int, string) {
			if strings.Contains(body, `"errors"`) {
				return status, body
			}
			changed = changed || expression.MatchString(body)
			return status, expression.ReplaceAllString(body, change.new)
		})
		defer func() {
			if !changed {
				t.Errorf("%s is nowhere at %s", change.old, change.path)
			}
		}()
	}
	report, err := run(t, handler, check.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, result := range report.Results {
		if result.Status == check.Failed {
			t.Errorf("%+v", result)
		}
	}
	if report.Count(check.Warned) < 10 {
		t.Errorf("%d warnings", report.Count(check.Warned))
	}
}

func TestActionsAreOnlyTakenWhenAsked(t *testing.T) {
	for _, tt := range []struct {
		trigger []string
		taken   int
		status  check.Status
	}{{nil, 0, ""}, {[]string{"block"}, 2, check.Passed}, {[]string{"dance"}, 0, check.Failed}} {
		taken := 0
		report, err := run(t, altered(routes(everything{}), "/respond/trigger", `"block"`, func(status int, body string) (int, string) {
			taken++
			return status, body
		}), check.Options{Trigger: tt.trigger})
		if err != nil {
			t.Fatal(err)
		}
		if taken != tt.taken {
			t.Errorf("%q: taken %d times, want %d", tt.trigger, taken, tt.taken)
		}
		i := slices.IndexFunc(report.Results, func(r check.Result) bool { return strings.HasPrefix(r.Check, "run the action") })
		if tt.status != "" && (i < 0 || report.Results[i].Status != tt.status) {
			t.Errorf("%q: %+v", tt.trigger, report.Results)
		}
	}
}

func TestNothingSecretIsReported(t *testing.T) {
	good := token(t)
	repeated := `{"data":{"status":"` + good + `"},"errors":[{"type":"fatal","code":"unknown","message":"no ` + credential + ` for ` + strings.Split(good, ".")[1] + `"}]}`
	report, err := run(t, altered(routes(everything{}), "/health", "", func(int, string) (int, string) { return 200, repeated }), check.Options{Token: good})
	if err != nil {
		t.Fatal(err)
	}
	raw, _ := json.Marshal(report)
	for _, secret := range append(strings.Split(good, ".")[1:], good, credential) {
		if bytes.Contains(raw, []byte(secret)) {
			t.Errorf("the report has %q", secret)
		}
	}
	if !bytes.Contains(raw, []byte("the response contains the token")) || !bytes.Contains(raw, []byte("[redacted]")) {
		t.Errorf("the leak is not told: %s", raw)
	}
}

func TestRunSaysWhyItCantRun(t *testing.T) {
	for name, tt := range map[string]struct {
		options check.Options
		tells   string
	}{
		"not a token": {check.Options{Token: "secret"}, "not a JWT"},
		"not JSON":    {check.Options{Token: "a.b.c"}, "header"},
	} {
		_, err := run(t, routes(nothing{}), tt.options)
		if err == nil || !errors.As(err, new(console.UsageError)) || !strings.Contains(err.Error(), tt.tells) {
			t.Errorf("%s: %v", name, err)
		}
	}
	_, err := run(t, http.NotFoundHandler(), check.Options{})
	if err == nil || !strings.Contains(err.Error(), "with the stage and without a route") {
		t.Errorf("no relay there: %v", err)
	}
	other, err := auth.Sign(strings.Repeat("x", 64), map[string]any{"key": credential})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := run(t, routes(everything{}), check.Options{Token: other}); err == nil || !strings.Contains(err.Error(), "the relay refuses the token: Authorization failed: Failed to decode") {
		t.Errorf("another key: %v", err)
	}
	_, err = check.Run(t.Context(), check.Options{URL: "http://127.0.0.1:1", Token: token(t), Observables: []ctim.Observable{evil}, Progress: noProgress})
	if err == nil || !strings.Contains(err.Error(), "can't be reached") {
		t.Errorf("nobody there: %v", err)
	}
}

func TestAPlatformsTokenIsForgedAsSuch(t *testing.T) {
	// {"alg":"RS256","kid":"k"} and {"aud":"x"}, with a signature of nobody's.
	const platforms = "eyJhbGciOiJSUzI1NiIsImtpZCI6ImsifQ.eyJhdWQiOiJ4In0.c2lnbmF0dXJlLW9mLW5vYm9keQ"
	var forged []string
	handler := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if header := r.Header.Get("Authorization"); strings.Contains(header, "eyJhdWQiOiJ4In0") && !strings.HasSuffix(header, platforms) {
			forged = append(forged, header)
		}
		_, _ = io.WriteString(w, `{}`)
	})
	if _, err := run(t, handler, check.Options{Token: platforms}); err != nil {
		t.Fatal(err)
	}
	if !slices.ContainsFunc(forged, func(h string) bool {
		return strings.HasPrefix(h, "Bearer eyJhbGciOiJSUzI1NiIsImtpZCI6ImsiLCJ0eXAi") && parts(h) == 3
	}) {
		t.Errorf("no forged RS256 token in %q", forged)
	}
}
