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

	"github.com/serverless-relay/relay/shared/ctim"
	"github.com/serverless-relay/relay/shared/ctim/rules"
	"github.com/serverless-relay/relay/shared/relay"
)

// DefaultRepeat is how often each real question is asked unless Options say
// otherwise.
const DefaultRepeat = 3

// Options say what to check.
type Options struct {
	// URL is the relay's base URL, such as https://relay.example.com/dev.
	URL string
	// Token is a token that the relay accepts, a JWT without "Bearer".
	Token string
	// Observables are asked about. At least one is required; those that the
	// relay knows something about make the check worth more.
	Observables []ctim.Observable
	// Trigger are the ids of actions to take, each for every observable that
	// it is offered for, and each twice. Without any, no action is taken.
	Trigger []string
	// Repeat is how often each real question is asked; 0 means DefaultRepeat,
	// and less than 2 means 2: ids that change can't be seen in one answer.
	Repeat int
	// Transport sends the requests; nil means http.DefaultTransport.
	Transport http.RoundTripper
	// Progress is told what is being done; nil means nobody is.
	Progress func(route, check string)
}

// runner is a check under way.
type runner struct {
	Options
	client *http.Client
	token  token
	hide   redactor
	report Report
	took   map[string][]time.Duration
	// knowing says that the relay knew something about an observable.
	knowing bool
}

// errRefused means that the relay refuses the token.
var errRefused = errors.New("the relay refuses the token")

// Run checks a relay. The report has every check, good or bad. The error says
// that there is none: the options are wrong (ErrToken), no relay is reached, it
// refuses the token, or the context ended.
func Run(ctx context.Context, o Options) (Report, error) {
	t, err := parseToken(o.Token)
	if err != nil {
		return Report{}, err
	}
	if len(o.Observables) == 0 {
		return Report{}, errors.New("there are no observables to ask about")
	}
	if o.Repeat == 0 {
		o.Repeat = DefaultRepeat
	}
	o.Repeat = max(o.Repeat, 2)
	if o.Progress == nil {
		o.Progress = func(string, string) {}
	}
	o.URL = strings.TrimRight(o.URL, "/")
	r := &runner{Options: o, client: newClient(o.Transport), token: t, hide: redactor{t}, took: map[string][]time.Duration{}}
	r.report.URL, r.report.Latency = o.URL, []Latency{}
	if err := r.reach(ctx); err != nil {
		return Report{}, err
	}
	wrong := r.wrongTokens()
	for _, route := range []func(context.Context, []wrongToken){
		r.version, r.health, r.deliberate, r.observe, r.refer, r.actions, r.trigger, r.tiles, r.elsewhere,
	} {
		route(ctx, wrong)
		if err := ctx.Err(); err != nil {
			return Report{}, err
		}
	}
	for _, route := range r.report.Routes() {
		if took := r.took[route]; len(took) > 0 {
			r.report.Latency = append(r.report.Latency, latencyOf(route, took))
		}
	}
	return r.report, nil
}

// reach finds out whether there is a relay at all that takes the token, before
// a hundred checks fail for one reason.
func (r *runner) reach(ctx context.Context) error {
	r.Progress("/health", "reach the relay")
	version, health := r.ask(ctx, question{path: "/version"}), r.ask(ctx, r.good("/health", ""))
	if err := cmp.Or(version.err, health.err); err != nil {
		return fmt.Errorf("the relay at %s can't be reached: %w", r.URL, err)
	}
	if version.status == http.StatusNotFound && health.status == http.StatusNotFound {
		return fmt.Errorf("there is no relay at %s: it has neither /version nor /health. Is something missing in the URL, or is there a path too many?", r.URL)
	}
	for _, e := range health.errors() {
		if e.Code == relay.CodeAuthorization && strings.HasPrefix(e.Message, denial) {
			return fmt.Errorf("%w: %s", errRefused, excerpt(r.hide.from(e.Message)))
		}
	}
	return nil
}

// want is what an answer should be.
type want struct {
	// expected says it in words, and find finds what is not so.
	expected string
	find     func(answer) []rules.Problem
	// status is the HTTP status; 0 means 200.
	status int
}

// check asks a question and notes what is wrong with the answer.
func (r *runner) check(ctx context.Context, name string, q question, w want) answer {
	r.Progress(q.route(), name)
	a := r.ask(ctx, q)
	if ctx.Err() != nil {
		return a
	}
	problems := slices.Concat(a.problems(w.status), r.leaks(a))
	if len(rules.Errors(problems)) == 0 {
		problems = append(problems, w.find(a)...)
	}
	result := Result{Route: q.route(), Check: name, Status: statusOf(problems), Sent: q.String(), Expected: w.expected}
	if result.Status != Passed {
		result.Got = r.hide.from(a.hidden(r.hide).String())
		result.Problems = r.texts(problems)
	}
	r.report.Results = append(r.report.Results, result)
	return a
}

// texts are the first few problems for people, the failures first.
func (r *runner) texts(problems []rules.Problem) []string {
	slices.SortStableFunc(problems, func(a, b rules.Problem) int {
		switch {
		case a.Warning == b.Warning:
			return 0
		case b.Warning:
			return -1
		default:
			return 1
		}
	})
	var texts []string
	for _, p := range problems[:min(len(problems), maxProblems)] {
		texts = append(texts, r.hide.from(p.String()))
	}
	if more := len(problems) - maxProblems; more > 0 {
		texts = append(texts, "and "+strconv.Itoa(more)+" more")
	}
	return texts
}

// skip notes a check that can't be made.
func (r *runner) skip(route, name, expected, why string) {
	r.report.Results = append(r.report.Results, Result{Route: route, Check: name, Status: Skipped, Expected: expected, Got: why})
}

// served says whether the relay has the route. One that it hasn't is a warning,
// for a relay need not serve them all.
func (r *runner) served(ctx context.Context, path, body string) bool {
	q := r.good(path, body)
	r.Progress(path, "served")
	a := r.ask(ctx, q)
	if a.err != nil || a.status != http.StatusNotFound {
		return true
	}
	r.report.Results = append(r.report.Results, Result{
		Route: path, Check: "the route is served", Status: Warned, Sent: q.String(), Expected: "an answer, if only an empty one",
		Got: r.hide.from(a.String()), Problems: []string{"the relay doesn't serve this route: it must not be among the module's supported-apis"},
	})
	return false
}
