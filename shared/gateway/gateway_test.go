package gateway

import (
	"cmp"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"reflect"
	"strings"
	"testing"

	"github.com/aws/aws-lambda-go/lambdacontext"
	"go.uber.org/zap"

	"github.com/serverless-relay/relay/shared/logging"
)

// echo responds with what the handler saw of a request.
var echo = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	w.Header().Set("Content-Type", "text/plain")
	_, _ = io.WriteString(w, strings.Join([]string{r.Method, r.URL.Path, r.RequestURI, r.Host, r.Header.Get("Authorization"), string(body)}, "|"))
})

// response is what API Gateway gets.
type response struct {
	StatusCode      int               `json:"statusCode"`
	Headers         map[string]string `json:"headers"`
	Body            string            `json:"body"`
	IsBase64Encoded bool              `json:"isBase64Encoded"`
}

// invoke has a function with the route /health answer an event.
func invoke(ctx context.Context, handler http.Handler, event string) (got response, err error) {
	raw, err := Function{handler, "/health"}.Invoke(ctx, []byte(event))
	if err == nil {
		err = json.Unmarshal(raw, &got)
	}
	return got, err
}

func TestEvents(t *testing.T) {
	tests := []struct{ name, event, want string }{
		{"2.0", `{"version":"2.0","routeKey":"POST /health","rawPath":"/health","headers":{"authorization":"Bearer x","host":"claimed.example"},
			"requestContext":{"stage":"$default","domainName":"api.example","http":{"method":"POST"}},"body":"[]"}`,
			"POST|/health|/health|api.example|Bearer x|[]"},
		{"2.0 with a stage", `{"routeKey":"POST /health","rawPath":"/dev/health","requestContext":{"stage":"dev","domainName":"api.example","http":{"method":"POST"}}}`,
			"POST|/health|/dev/health|api.example||"},
		{"2.0 with a trailing slash", `{"routeKey":"POST /observe/observables/{slash+}","rawPath":"/dev/observe/observables/","requestContext":{"stage":"dev","http":{"method":"POST"}}}`,
			"POST|/observe/observables/|/dev/observe/observables/|||"},
		{"2.0 in a stage named as a route", `{"routeKey":"POST /health/{slash+}","rawPath":"/health/health/","requestContext":{"stage":"health","http":{"method":"POST"}}}`,
			"POST|/health/|/health/health/|||"},
		{"2.0 on a custom domain with a base path", `{"routeKey":"POST /tiles/tile","rawPath":"/intel/tiles/tile","requestContext":{"stage":"dev","domainName":"relay.example","http":{"method":"POST"}}}`,
			"POST|/tiles/tile|/intel/tiles/tile|relay.example||"},
		{"2.0 of a provider", `{"routeKey":"POST /{provider}/tiles/tile","rawPath":"/dev/misp/tiles/tile","requestContext":{"stage":"dev","http":{"method":"POST"}}}`,
			"POST|/misp/tiles/tile|/dev/misp/tiles/tile|||"},
		{"2.0 of a provider, on a custom domain with a base path", `{"routeKey":"POST /{provider}/health","rawPath":"/intel/misp/health","requestContext":{"stage":"dev","http":{"method":"POST"}}}`,
			"POST|/misp/health|/intel/misp/health|||"},
		{"2.0 of a provider, with a base path and a trailing slash", `{"routeKey":"POST /{provider}/health/{slash+}","rawPath":"/intel/misp/health/","requestContext":{"stage":"dev","http":{"method":"POST"}}}`,
			"POST|/misp/health/|/intel/misp/health/|||"},
		{"2.0 of a provider, in a stage of its name", `{"routeKey":"POST /{provider}/health","rawPath":"/misp/misp/health","requestContext":{"stage":"misp","http":{"method":"POST"}}}`,
			"POST|/misp/health|/misp/misp/health|||"},
		{"1.0 of a provider", `{"resource":"/{provider}/health","path":"/misp/health","httpMethod":"POST","requestContext":{"stage":"dev","path":"/dev/misp/health"}}`,
			"POST|/misp/health|/dev/misp/health|||"},
		{"2.0 without route key", `{"routeKey":"$default","rawPath":"/dev/health","requestContext":{"stage":"dev","http":{"method":"POST"}}}`,
			"POST|/health|/dev/health|||"},
		{"2.0 in base64", `{"routeKey":"POST /health","rawPath":"/health","requestContext":{"http":{"method":"POST"}},"body":"W10=","isBase64Encoded":true}`,
			"POST|/health|/health|||[]"},
		{"1.0", `{"version":"1.0","resource":"/health","path":"/health","httpMethod":"POST","headers":{"AUTHORIZATION":"Bearer x"},
			"requestContext":{"stage":"dev","path":"/dev/health","domainName":"api.example"},"body":"{}"}`,
			"POST|/health|/dev/health|api.example|Bearer x|{}"},
		{"1.0 without a path in its context", `{"path":"/health","resource":"/health","httpMethod":"POST","requestContext":{"path":null}}`,
			"POST|/health|/health|||"},
		{"1.0 behind a proxy resource", `{"resource":"/{proxy+}","path":"/refer/observables/","httpMethod":"POST","requestContext":{"stage":"dev","path":"/dev/refer/observables/"}}`,
			"POST|/refer/observables/|/dev/refer/observables/|||"},
		{"1.0 with header values apart", `{"resource":"/health","path":"/health","httpMethod":"POST","headers":{"authorization":"last"},"multiValueHeaders":{"authorization":["first","last"],"Host":["h.example"]}}`,
			"POST|/health|/health|h.example|first|"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := invoke(t.Context(), echo, tt.event)
			if err != nil {
				t.Fatal(err)
			}
			if got.Body != tt.want || got.StatusCode != http.StatusOK || got.Headers["Content-Type"] != "text/plain" || got.IsBase64Encoded {
				t.Errorf("got %+v\nwant %s", got, tt.want)
			}
		})
	}
}

// The address is the one that API Gateway reports. Clients can write the headers.
func TestRemoteAddr(t *testing.T) {
	from := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { _, _ = io.WriteString(w, r.RemoteAddr) })
	for name, tt := range map[string]struct{ event, want string }{
		"2.0":  {`{"version":"2.0","rawPath":"/health","headers":{"x-forwarded-for":"203.0.113.9"},"requestContext":{"http":{"method":"POST","sourceIp":"192.0.2.7"}}}`, "192.0.2.7"},
		"1.0":  {`{"version":"1.0","path":"/health","httpMethod":"POST","multiValueHeaders":{"X-Forwarded-For":["203.0.113.9"]},"requestContext":{"identity":{"sourceIp":"2001:db8::7"}}}`, "2001:db8::7"},
		"none": {`{"rawPath":"/health","requestContext":{"http":{"method":"POST"}}}`, ""},
	} {
		t.Run(name, func(t *testing.T) {
			if got, err := invoke(t.Context(), from, tt.event); err != nil || got.Body != tt.want {
				t.Errorf("got %q, %v, want %q", got.Body, err, tt.want)
			}
		})
	}
}

// The log has both ids of a request: Lambda's, and API Gateway's from either format.
func TestRequestIDs(t *testing.T) {
	for name, event := range map[string]string{
		"2.0":                 `{"rawPath":"/health","requestContext":{"requestId":"JKJaXmPLvHcESHA=","http":{"method":"POST"}}}`,
		"1.0":                 `{"path":"/health","httpMethod":"POST","requestContext":{"requestId":"JKJaXmPLvHcESHA="}}`,
		"a direct invocation": `{}`,
	} {
		t.Run(name, func(t *testing.T) {
			var out strings.Builder
			handler := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				logging.With(r.Context(), logging.New(&out, zap.InfoLevel)).Info("request")
				_, _ = io.WriteString(w, logging.RequestID(r.Context()))
			})
			ctx := lambdacontext.NewContext(t.Context(), &lambdacontext.LambdaContext{AwsRequestID: "b01a681e"})
			got, err := invoke(ctx, handler, event)
			if err != nil {
				t.Fatal(err)
			}
			ids, body := `"request_id":"b01a681e","api_request_id":"JKJaXmPLvHcESHA="}`, "JKJaXmPLvHcESHA="
			if event == `{}` {
				ids, body = `"request_id":"b01a681e"}`, "b01a681e"
			}
			if !strings.Contains(out.String(), ids) || got.Body != body {
				t.Errorf("got %s and %+v", out.String(), got)
			}
		})
	}
}

// Two spellings of one header are two headers: which one counts must not be
// left to chance.
func TestAHeaderInTwoSpellingsIsTwoHeaders(t *testing.T) {
	count := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.WriteString(w, strings.Repeat("x", len(r.Header.Values("Authorization"))))
	})
	for _, event := range []string{
		`{"path":"/x","httpMethod":"POST","headers":{"Authorization":"a"},"multiValueHeaders":{"Authorization":["a"],"authorization":["b"]}}`,
		`{"rawPath":"/x","requestContext":{"http":{"method":"POST"}},"headers":{"Authorization":"a","authorization":"b"}}`,
	} {
		if got, err := invoke(t.Context(), count, event); err != nil || got.Body != "xx" {
			t.Errorf("%s: %s, %v", event, got.Body, err)
		}
	}
}

func TestWhatIsNoEventIsAnError(t *testing.T) {
	for _, event := range []string{``, `[]`, `"x"`, `{"Records":[]}`, `{"rawPath":"/health"`, `{"httpMethod":"POST"}`,
		`{"rawPath":"/health","requestContext":{"http":{"method":"POST"}},"body":{}}`,
		`{"rawPath":"/health","requestContext":{"http":{"method":"POST"}},"headers":{"authorization":1}}`,
		`{"rawPath":"/health","requestContext":{"http":{"method":"POST"}},"body":"%%%","isBase64Encoded":true}`} {
		if got, err := invoke(t.Context(), echo, event); err == nil {
			t.Errorf("%s: got %+v, want an error", event, got)
		}
	}
}

// An event of `sls invoke` is a request for the function's route. Events of other
// services are refused.
func TestADirectInvocation(t *testing.T) {
	tests := []struct{ name, event, want string }{
		{"nothing", `{}`, "POST|/health|/health|||"},
		{"a token", `{"headers":{"Authorization":"Bearer x"}}`, "POST|/health|/health||Bearer x|"},
		{"a token and a body", `{"headers":{"authorization":"Bearer x"},"body":"[]"}`, "POST|/health|/health||Bearer x|[]"},
		{"another route", `{"rawPath":"/version","requestContext":{"http":{"method":"POST"}}}`, "POST|/version|/version|||"},
		{"a queue's event", `{"Records":[]}`, ""},
		{"a schedule's event", `{"source":"aws.events","detail-type":"Scheduled Event","detail":{}}`, ""},
		{"a method alone", `{"httpMethod":"POST"}`, ""},
		{"a list", `[]`, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := invoke(t.Context(), echo, tt.event)
			if got.Body != tt.want || (err != nil) != (tt.want == "") {
				t.Errorf("got %+v, %v, want %q", got, err, tt.want)
			}
		})
	}
}

func TestStatusAndHeadersComeBack(t *testing.T) {
	handler := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Add("X-Two", "1")
		w.Header().Add("X-Two", "2")
		w.WriteHeader(http.StatusNotFound)
		w.WriteHeader(http.StatusOK) // too late
	})
	got, err := invoke(t.Context(), handler, `{"rawPath":"/x","requestContext":{"http":{"method":"POST"}}}`)
	if err != nil || got.StatusCode != http.StatusNotFound || got.Headers["X-Two"] != "1, 2" {
		t.Errorf("got %+v, %v", got, err)
	}
}

func FuzzInvoke(f *testing.F) {
	f.Add([]byte(`{"rawPath":"/dev/health","routeKey":"POST /health/{slash+}","requestContext":{"stage":"dev","http":{"method":"POST"}},"body":"W10=","isBase64Encoded":true}`))
	f.Add([]byte(`{"resource":"/{proxy+}","path":"/a","httpMethod":"POST","multiValueHeaders":{"a":null}}`))
	f.Fuzz(func(t *testing.T, event []byte) {
		sent, err := Function{echo, "/health"}.Invoke(t.Context(), event)
		if err == nil && !json.Valid(sent) {
			t.Errorf("sent %q", sent)
		}
	})
}

// The response is the same as with encoding/json.
func FuzzResponse(f *testing.F) {
	f.Add(200, `{"data":{"a":"\\ <b> é"}}`)
	f.Add(404, "line\n\x7f\u2028\xff")
	f.Add(0, "")
	f.Fuzz(func(t *testing.T, status int, body string) {
		const contentType = "text/plain; <&>\""
		handler := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", contentType)
			w.WriteHeader(status)
			_, _ = io.WriteString(w, body)
		})
		got, err := invoke(t.Context(), handler, `{}`)
		if err != nil {
			t.Fatal(err)
		}
		want := response{cmp.Or(status, http.StatusOK), map[string]string{"Content-Type": contentType}, string([]rune(body)), false}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("got %+v, want %+v", got, want)
		}
	})
}

// A function with few headers, or none, has the same response.
func TestNoHeaders(t *testing.T) {
	got, err := invoke(t.Context(), http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}), `{}`)
	if want := (response{StatusCode: http.StatusOK, Headers: map[string]string{}}); err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, %v", got, err)
	}
}
