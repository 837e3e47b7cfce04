package relay

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"go.uber.org/zap"

	"github.com/serverless-relay/relay/shared/calls"
	"github.com/serverless-relay/relay/shared/ctim"
	"github.com/serverless-relay/relay/shared/logging"
)

// The time that a request may take: what Lambda gives less a second to answer,
// and at most 25 seconds, for API Gateway hangs up after 30.
const (
	maxDuration  = 25 * time.Second
	answerMargin = time.Second
)

// request is one request on its way through the relay.
type request struct {
	relay *Relay
	http  *http.Request
	// claims are there after authenticate, the session after connect.
	claims  Claims
	session Session
	// asked and supported count observables, and errors are what was answered,
	// for the log.
	asked, supported int
	errors           []Error
	calls            calls.Counter
	// explained are the errors that the log has already.
	explained map[string]bool
}

// maxExplained is how many different errors of one request are logged: there
// may be thousands.
const maxExplained = 10

// handle makes a route's handler of the function that answers it. The answer
// is the whole body.
func (r *Relay) handle(route string, answer func(context.Context, *request) []byte) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, hr *http.Request) {
		start := time.Now()
		end := start.Add(maxDuration)
		if given, ok := hr.Context().Deadline(); ok && given.Add(-answerMargin).Before(end) {
			end = given.Add(-answerMargin)
		}
		req := &request{relay: r, http: hr}
		ctx, cancel := context.WithDeadline(calls.With(hr.Context(), &req.calls), end)
		defer cancel()
		body := answer(ctx, req)
		writeJSON(w, http.StatusOK, body)
		req.log(ctx, route, len(body), time.Since(start))
	})
}

// log writes the request's one line.
func (req *request) log(ctx context.Context, route string, size int, took time.Duration) {
	codes := make([]string, len(req.errors))
	for i, e := range req.errors {
		codes[i] = string(e.Code)
	}
	fields := []zap.Field{
		zap.String("route", route),
		zap.String("provider", req.relay.declaration.Name),
		zap.Int("observables", req.asked),
		zap.Int("supported", req.supported),
		zap.Int("upstream_calls", req.calls.Made()),
		zap.Int("bytes", size),
		zap.Strings("errors", codes),
		zap.Float64("duration_ms", milliseconds(took)),
	}
	if namespace := req.relay.metrics; namespace != "" {
		fields = append(fields, req.measured(namespace, route, took, time.Now())...)
	}
	logging.With(ctx, req.relay.log).Info("request", fields...)
}

// authenticate checks the token. It comes before the body is read.
func (req *request) authenticate() error {
	claims, err := req.relay.authenticator.Authenticate(req.http)
	if err != nil {
		return err
	}
	req.claims = claims
	return nil
}

// connect opens the provider's session.
func (req *request) connect(ctx context.Context, all []ctim.Observable) error {
	opened := guarded(ctx, all, func(ctx context.Context, all []ctim.Observable) (Session, error) {
		return req.relay.provider.Connect(ctx, req.claims, all)
	})
	req.session = opened.value
	return opened.err
}

// observables does all that comes before the provider is asked: it
// authenticates, reads the body, drops the types that the provider doesn't
// know, and connects.
func (req *request) observables(ctx context.Context) ([]ctim.Observable, error) {
	if err := req.authenticate(); err != nil {
		return nil, err
	}
	all, err := readObservables(req.http)
	if err != nil {
		return nil, err
	}
	req.asked = len(all)
	supported := slices.DeleteFunc(all, func(o ctim.Observable) bool {
		return !slices.Contains(req.relay.declaration.ObservableTypes, o.Type)
	})
	req.supported = len(supported)
	if len(supported) == 0 {
		return nil, nil
	}
	if err := req.connect(ctx, supported); err != nil {
		return nil, err
	}
	return supported, nil
}

// refuse is the answer to a request that could not be served at all.
func (req *request) refuse(ctx context.Context, data any, err error) []byte {
	req.explain(ctx, err)
	req.errors = []Error{asError(err, Fatal)}
	return envelope{Data: data, Errors: req.errors}.marshal()
}

// explain logs what the platform isn't told of an error, without what the
// claims hold: all of one that nobody gave a code, and the circumstances of
// one that has some around it. That time ran out needs no explanation.
func (req *request) explain(ctx context.Context, err error) {
	var known *Error
	if errors.As(err, &known) && err.Error() == known.Error() || err == context.DeadlineExceeded || err == context.Canceled {
		return
	}
	text := req.claims.Redact(err.Error())
	if req.explained[text] || len(req.explained) == maxExplained {
		return
	}
	if req.explained == nil {
		req.explained = map[string]bool{}
	}
	req.explained[text] = true
	logging.With(ctx, req.relay.log).Warn("error", zap.String("error", text))
}

// values are the outcomes' values in order; what went wrong becomes the
// request's errors, each once with the observables that it is about.
func values[T any](ctx context.Context, req *request, observables []ctim.Observable, outcomes []outcome[T]) []T {
	out := make([]T, len(outcomes))
	var failed []Error
	about := map[Error][]string{}
	failures := 0
	for i, o := range outcomes {
		out[i] = o.value
		if o.err == nil {
			continue
		}
		req.explain(ctx, o.err)
		e := asError(o.err, Failed)
		if e.Type != Warning {
			failures++
		}
		if about[e] == nil {
			failed = append(failed, e)
		}
		about[e] = append(about[e], observables[i].Value)
	}
	for _, e := range failed {
		names := about[e]
		if e.Type == Failed && failures == len(outcomes) {
			e.Type = Fatal
		}
		e.Message += " (" + enumerate(names) + ")"
		req.errors = append(req.errors, e)
	}
	return out
}

// shorten cuts a text to so many characters.
func shorten(text string, longest int) string {
	if runes := []rune(text); len(runes) > longest {
		return string(runes[:longest]) + "…"
	}
	return text
}

// enumerate names the first few of many values, the long ones shortened.
func enumerate(names []string) string {
	const most, longest = 3, 80
	var b strings.Builder
	for i, name := range names[:min(most, len(names))] {
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString(shorten(name, longest))
	}
	if len(names) > most {
		b.WriteString(" and " + strconv.Itoa(len(names)-most) + " more")
	}
	return b.String()
}
