package check_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/serverless-relay/relay/cmd/relay/internal/check"
	"github.com/serverless-relay/relay/shared/ctim"
)

// slow sends requests to a handler without a network, so that time can be made
// up, and delays those for one path.
type slow struct {
	handler http.Handler
	path    string
	by      time.Duration
}

func (s slow) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.URL.Path == s.path {
		select {
		case <-time.After(s.by):
		case <-r.Context().Done():
			return nil, r.Context().Err()
		}
	}
	recorder := httptest.NewRecorder()
	s.handler.ServeHTTP(recorder, r)
	return recorder.Result(), nil
}

// checkSlow checks a relay over a transport.
func checkSlow(ctx context.Context, t *testing.T, transport http.RoundTripper) (check.Report, error) {
	t.Helper()
	return check.Run(ctx, check.Options{URL: "https://relay.example.com", Token: token(t), Observables: []ctim.Observable{evil}, Transport: transport, Repeat: 3, Progress: noProgress})
}

func TestSlowAnswersFail(t *testing.T) {
	for _, tt := range []struct {
		by     time.Duration
		status check.Status
		tells  string
	}{
		{24 * time.Second, check.Passed, ""},
		{26 * time.Second, check.Failed, "it took 26.0 s"},
		{40 * time.Second, check.Failed, "there is no response"},
	} {
		t.Run(tt.by.String(), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				report, err := checkSlow(t.Context(), t, slow{routes(everything{}), "/tiles", tt.by})
				if err != nil {
					t.Fatal(err)
				}
				for _, result := range report.Results {
					if result.Check == "the tiles" && (result.Status != tt.status || !strings.Contains(strings.Join(result.Problems, " "), tt.tells)) {
						t.Errorf("%+v", result)
					}
				}
				i := slices.IndexFunc(report.Latency, func(l check.Latency) bool { return l.Route == "/tiles" })
				if l := report.Latency[max(i, 0)]; tt.status == check.Passed && (l.Route != "/tiles" || l.P50 != 24000 || l.Max != 24000 || l.Requests != 3) {
					t.Errorf("latency %+v", report.Latency)
				}
			})
		})
	}
}

// A gateway that throttles is waited for, but not for ever.
func TestAThrottledRelayIsAskedAgain(t *testing.T) {
	for _, tt := range []struct {
		refusals int
		status   check.Status
	}{{3, check.Passed}, {4, check.Failed}} {
		synctest.Test(t, func(t *testing.T) {
			relay, refused := routes(everything{}), 0
			report, err := checkSlow(t.Context(), t, slow{handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if r.URL.Path == "/relay-check/no-such-route" && refused < tt.refusals {
					refused++
					w.WriteHeader(http.StatusTooManyRequests)
					return
				}
				relay.ServeHTTP(w, r)
			})})
			if err != nil {
				t.Fatal(err)
			}
			if last := report.Results[len(report.Results)-1]; last.Status != tt.status {
				t.Errorf("after %d refusals: %+v", tt.refusals, last)
			}
		})
	}
}

func TestAnInterruptedCheckEnds(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	relay := routes(everything{})
	_, err := checkSlow(ctx, t, slow{handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/health" {
			cancel()
		}
		relay.ServeHTTP(w, r)
	})})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
}

// Whatever a relay answers, the check tells it and goes on.
func FuzzAnswers(f *testing.F) {
	for _, body := range []string{"", "null", "[]", "{}", `{"data":null}`, `{"errors":[{}]}`, `{"errors":{"type":7}}`, `{"data":{"verdicts":{"count":1,"docs":[null]}}}`,
		`{"data":{"verdicts":{"count":1,"docs":[{"valid_time":7,"observable":[]}]},"relationships":{"docs":[{"source_ref":7}]}}}`,
		`{"data":[{"id":"a","type":"donut_graph","periods":["last_hour"],"default_period":"last_hour","title":"t","description":"","short_description":"","tags":[]}]}`,
		`{"data":{"labels":[],"keys":7,"data":[{"key":9e99,"values":[7]}]}}`, `{"errors":[{"type":"fatal","code":"invalid argument","message":"Invalid JSON payload received. {\"0\":[]}."}]}`} {
		f.Add([]byte(body), 200)
	}
	f.Fuzz(func(t *testing.T, body []byte, status int) {
		if status < 200 || status > 599 {
			status = 200
		}
		report, err := checkSlow(t.Context(), t, slow{handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			if status == http.StatusTooManyRequests {
				status = 200 // no waiting
			}
			w.WriteHeader(status)
			_, _ = w.Write(body)
		})})
		if err != nil { // nothing that looks like a relay
			if status != http.StatusNotFound && !strings.Contains(err.Error(), "refuses the token") {
				t.Error(err)
			}
			return
		}
		if report.Count(check.Failed) == 0 || report.Count(check.Passed)+report.Count(check.Warned)+report.Count(check.Failed)+report.Count(check.Skipped) != len(report.Results) {
			t.Errorf("%+v", report)
		}
	})
}
