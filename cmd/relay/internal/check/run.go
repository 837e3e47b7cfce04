// Package check tests a live relay. It sends valid requests, and requests that a
// relay must refuse, and compares the responses with the protocol.
//
// It changes nothing, except by the actions that Options.Trigger names. A failure
// violates the protocol. A warning is a difference that the platform tolerates, as
// some working relays show.
package check

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/serverless-relay/relay/shared/console"
	"github.com/serverless-relay/relay/shared/ctim"
	"github.com/serverless-relay/relay/shared/ctim/rules"
	"github.com/serverless-relay/relay/shared/relay"
)

// Options are the parameters of Run.
type Options struct {
	// URL is the relay's base URL without a slash at its end, such as
	// https://relay.example.com/dev.
	URL string
	// Token is a token that the relay accepts: a JWT without "Bearer".
	Token string
	// Observables are sent to each route that takes observables. At least one is
	// required. Those that the relay knows make the check more thorough.
	Observables []ctim.Observable
	// Trigger are the ids of actions to run, each twice for every observable for
	// which it is offered. By default, no action is run.
	Trigger []string
	// Repeat is how often each valid request is sent, at least 2: one response can't
	// show ids that change.
	Repeat int
	// Transport sends the requests. Nil means http.DefaultTransport.
	Transport http.RoundTripper
	// Progress is called before each check.
	Progress func(route, check string)
}

// runner is the state of a check.
type runner struct {
	Options
	token  token
	wrong  []wrongToken
	report Report
	// times are the response times of timed requests by route.
	times map[string][]time.Duration
	// knows is set if the relay knows something about an observable.
	knows bool
}

// errRefused means that the relay refuses the token.
var errRefused = errors.New("the relay refuses the token")

// Run checks a relay. The report contains all checks, passed or not. An error means
// that there is no report: the token is not a JWT (a console.UsageError), the relay
// can't be reached or refuses the token, or ctx ended.
func Run(ctx context.Context, o Options) (Report, error) {
	t, err := parseToken(o.Token)
	if err != nil {
		return Report{}, console.Usage(fmt.Errorf("the token is %w", err))
	}
	r := &runner{Options: o, token: t, wrong: t.wrongTokens(o.URL), times: map[string][]time.Duration{}}
	r.report.URL, r.report.Latency = o.URL, []Latency{}
	if err := r.reach(ctx); err != nil {
		return Report{}, err
	}
	for _, route := range []func(context.Context){
		r.version, r.health, r.observables, r.trigger, r.tiles, r.unknownRoute,
	} {
		route(ctx)
	}
	if err := ctx.Err(); err != nil {
		return Report{}, err
	}
	for _, route := range r.report.Routes() {
		if times := r.times[route]; len(times) > 0 {
			r.report.Latency = append(r.report.Latency, latencyOf(route, times))
		}
	}
	return r.report, nil
}

// reach returns an error if there is no relay, or if it refuses the token. Without
// it, all checks would fail for the same reason.
func (r *runner) reach(ctx context.Context) error {
	r.Progress("/health", "reach the relay")
	version, health := r.send(ctx, request{path: "/version"}), r.send(ctx, r.authorized("/health", ""))
	if err := cmp.Or(version.err, health.err); err != nil {
		return fmt.Errorf("the relay at %s can't be reached: %w", r.URL, err)
	}
	if version.Status == http.StatusNotFound && health.Status == http.StatusNotFound {
		return fmt.Errorf("there is no relay at %s: it has neither /version nor /health. Pass the URL with the stage and without a route", r.URL)
	}
	for _, e := range health.errors() {
		if e.Code == relay.CodeAuthorization && strings.HasPrefix(e.Message, denied) {
			return fmt.Errorf("%w: %s", errRefused, excerpt(r.token.redact(e.Message)))
		}
	}
	return nil
}

// want describes the response that a check expects.
type want struct {
	// expected describes it in words.
	expected string
	// find returns the differences of a response that has the status.
	find func(response) []rules.Problem
	// status is the HTTP status. 0 means 200.
	status int
}

// optional makes all differences warnings.
func (w want) optional() want {
	find := w.find
	w.find = func(a response) []rules.Problem {
		problems := find(a)
		for i := range problems {
			problems[i].Warning = true
		}
		return problems
	}
	return w
}

// check sends a request, and adds the result to the report.
func (r *runner) check(ctx context.Context, name string, q request, w want) response {
	r.Progress(q.route(), name)
	a := r.send(ctx, q)
	if ctx.Err() != nil {
		return a
	}
	problems := a.problems(cmp.Or(w.status, http.StatusOK))
	if r.token.isIn(a.Body) {
		problems = append(problems, problem("", "the response contains the token, which logs would keep")...)
	}
	if len(rules.Errors(problems)) == 0 {
		problems = append(problems, w.find(a)...)
	}
	result := Result{Route: q.route(), Check: name, Status: statusOf(problems), Sent: q.String(), Expected: w.expected}
	if result.Status != Passed {
		result.Got = a.describe(r.token)
		result.Problems = r.texts(problems)
	}
	r.report.Results = append(r.report.Results, result)
	return a
}

// repeat sends a valid request again, so that it is sent Repeat times.
func (r *runner) repeat(ctx context.Context, path, body string, w want) {
	for range r.Repeat - 1 {
		r.check(ctx, "sent again", r.timed(path, body), w)
	}
}

// maxProblems is how many problems of a response are reported.
const maxProblems = 5

// texts describes the first few problems, failures first.
func (r *runner) texts(problems []rules.Problem) []string {
	failures := rules.Errors(problems)
	problems = append(failures, slices.DeleteFunc(slices.Clone(problems), func(p rules.Problem) bool { return !p.Warning })...)
	var texts []string
	for _, p := range problems[:min(len(problems), maxProblems)] {
		texts = append(texts, r.token.redact(p.String()))
	}
	if more := len(problems) - maxProblems; more > 0 {
		texts = append(texts, "and "+strconv.Itoa(more)+" more")
	}
	return texts
}

// isServed reports whether the relay has a route, and checks that it refuses wrong
// tokens. A missing route is a warning, because a relay need not have them all. The
// body must have no effect.
func (r *runner) isServed(ctx context.Context, path, body string) bool {
	q := r.authorized(path, body)
	r.Progress(path, "served")
	a := r.send(ctx, q)
	if a.err != nil || a.Status != http.StatusNotFound {
		r.refusesTokens(ctx, path, body)
		return true
	}
	r.report.Results = append(r.report.Results, Result{
		Route: path, Check: "the route exists", Status: Warned, Sent: q.String(), Expected: "a response, even an empty one",
		Got: a.describe(r.token), Problems: []string{"the relay doesn't have this route: the module's supported-apis must not list it"},
	})
	return false
}

// version checks /version, which needs no token and has no envelope.
func (r *runner) version(ctx context.Context) {
	valid := want{expected: `{"version": "1.2.3"}`, find: func(a response) []rules.Problem { return rules.Answer("/version", a.Body) }}
	a := r.check(ctx, "without a token", request{path: "/version", timed: true}, valid)
	if members, ok := a.value.(map[string]any); ok && a.Status == http.StatusOK {
		version, _ := members["version"].(string)
		r.report.Version = excerpt(r.token.redact(version))
	}
	r.check(ctx, "with a slash at the end", request{path: "/version/"}, valid)
}

// health checks /health, for which a relay calls the third party.
func (r *runner) health(ctx context.Context) {
	const path = "/health"
	r.refusesTokens(ctx, path, "")
	healthy := answeredStatus(path, "ok")
	r.check(ctx, "the third party answers", r.timed(path, ""), healthy)
	r.repeat(ctx, path, "", healthy)
	r.check(ctx, "with a slash at the end", r.authorized(path+"/", ""), healthy)
	r.check(ctx, "with a body", r.authorized(path, "{}"), healthy)
}

// unknownRoute checks a path that no relay has.
func (r *runner) unknownRoute(ctx context.Context) {
	r.check(ctx, "an unknown route", r.authorized("/relay-check/no-such-route", "[]"), want{
		expected: "HTTP 404 from the gateway",
		status:   http.StatusNotFound,
		find:     func(response) []rules.Problem { return nil },
	})
}
