package server

import (
	"context"
	"net/http"
	"slices"
	"time"

	"github.com/serverless-relay/relay/shared/ctim"
	"github.com/serverless-relay/relay/shared/logging"
	"github.com/serverless-relay/relay/shared/redact"
	"github.com/serverless-relay/relay/shared/relay"
)

// A request ends after maxDuration, or answerMargin before Lambda's deadline. API
// Gateway closes the connection after 30 seconds.
const (
	maxDuration  = 25 * time.Second
	answerMargin = time.Second
)

// request is the state of one request.
type request struct {
	*Server
	http    *http.Request
	start   time.Time
	claims  relay.Claims
	session relay.Session // set by connect
	// requested is the number of observables in the request. supported counts those of
	// supported types.
	requested, supported int
	errors               []relay.Error // in the answer
	calls                logging.Calls
	// observed are the values of all observables in the request.
	observed []string
	// explained are the errors that were logged, redacted, by their whole text.
	explained map[string]string
	details   redact.Redactor
}

// handle returns the handler of a route. It checks the token, which the protocol requires
// before the body is read. answer returns the data of the answer, which may come with an
// error.
func (s *Server) handle(route string, answer func(context.Context, *request) (data any, err error)) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, hr *http.Request) {
		start := time.Now()
		end := start.Add(maxDuration)
		if deadline, ok := hr.Context().Deadline(); ok && deadline.Add(-answerMargin).Before(end) {
			end = deadline.Add(-answerMargin)
		}
		req := &request{Server: s, http: hr, start: s.Now()}
		ctx, cancel := context.WithDeadline(logging.WithCalls(hr.Context(), &req.calls), end)
		defer cancel()
		claims, err := s.Authenticator.Authenticate(hr)
		var data any
		if err == nil {
			req.claims = claims
			data, err = answer(ctx, req)
		}
		body := req.body(ctx, data, err)
		writeJSON(w, http.StatusOK, body)
		req.log(ctx, route, len(body), time.Since(start))
	})
}

// connect opens a session of the service.
func (req *request) connect(ctx context.Context, observables []ctim.Observable) error {
	opened := guarded(ctx, relay.Request{Claims: req.claims, Observables: observables, Time: req.start}, req.Service.Connect)
	req.session = opened.value
	return opened.err
}

// supports reports whether the provider supports an observable type.
func (req *request) supports(t ctim.ObservableType) bool {
	return slices.Contains(req.Declaration.ObservableTypes, t)
}

// body returns the answer with the data, which is content if it may have to be cut. err is
// the error of the request as a whole, or a warning.
func (req *request) body(ctx context.Context, data any, err error) []byte {
	if err != nil {
		req.explain(ctx, err)
		req.errors = append(req.errors, req.asError(err, relay.Fatal))
	}
	if c, ok := data.(content); ok {
		return fit(c, req.errors, req.maxAnswer)
	}
	return envelope{data, req.errors}.marshal()
}
