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
	claims  relay.Claims  // set by authenticate
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

// handle returns the handler of a route. answer returns the response's body.
func (s *Server) handle(route string, answer func(context.Context, *request) []byte) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, hr *http.Request) {
		start := time.Now()
		end := start.Add(maxDuration)
		if deadline, ok := hr.Context().Deadline(); ok && deadline.Add(-answerMargin).Before(end) {
			end = deadline.Add(-answerMargin)
		}
		req := &request{Server: s, http: hr, start: s.Now()}
		ctx, cancel := context.WithDeadline(logging.WithCalls(hr.Context(), &req.calls), end)
		defer cancel()
		body := answer(ctx, req)
		writeJSON(w, http.StatusOK, body)
		req.log(ctx, route, len(body), time.Since(start))
	})
}

// authenticate checks the token. The protocol requires it before the body is read.
func (req *request) authenticate() error {
	claims, err := req.Authenticator.Authenticate(req.http)
	if err != nil {
		return err
	}
	req.claims = claims
	return nil
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

// refuse returns the answer to a request that failed as a whole, or that has nothing
// but a warning to say.
func (req *request) refuse(ctx context.Context, data any, err error) []byte {
	req.explain(ctx, err)
	req.errors = []relay.Error{req.asError(err, relay.Fatal)}
	return envelope{Data: data, Errors: req.errors}.marshal()
}
