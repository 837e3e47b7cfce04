package server

import (
	"context"
	"errors"
	"maps"
	"slices"
	"time"

	"go.uber.org/zap"

	"github.com/serverless-relay/relay/shared/logging"
	"github.com/serverless-relay/relay/shared/redact"
	"github.com/serverless-relay/relay/shared/relay"
)

// log writes the request's log line.
func (req *request) log(ctx context.Context, route string, size int, took time.Duration) {
	codes := make([]string, len(req.errors))
	for i, e := range req.errors {
		codes[i] = string(e.Code)
	}
	fields := []zap.Field{
		zap.String("route", route),
		zap.String("provider", req.Declaration.Name),
		zap.Int("observables", req.requested),
		zap.Int("supported", req.supported),
		zap.Int("bytes", size),
		zap.Strings("errors", codes),
		zap.Float64("duration_ms", logging.Milliseconds(took)),
	}
	if calls, _ := req.calls.Total(); calls > 0 {
		fields = append(fields, zap.Object("calls", &req.calls))
	}
	if req.Metrics != "" {
		fields = append(fields, req.metrics(route, took, time.Now())...)
	}
	logging.With(ctx, req.Log).Info("request", fields...)
}

// maxExplained is how many different errors of one request are logged at most.
const maxExplained = 10

// explain logs the details of an error that the answer omits: the text of an error
// without a code, and the text wrapped around one with a code. The values of the
// claims and the observables are redacted. Deadlines are not logged.
func (req *request) explain(ctx context.Context, err error) {
	var known *relay.Error
	if errors.As(err, &known) && err.Error() == known.Error() || err == context.DeadlineExceeded || err == context.Canceled {
		return
	}
	text := err.Error()
	if _, again := req.explained[text]; again || len(req.explained) == maxExplained {
		return
	}
	if req.explained == nil {
		req.explained = map[string]string{}
		req.details = redact.New(append(req.claims.Texts(), req.observed...)...)
	}
	redacted := req.details.Text(text)
	isNew := !slices.Contains(slices.Collect(maps.Values(req.explained)), redacted)
	req.explained[text] = redacted
	if isNew {
		logging.With(ctx, req.Log).Warn("error", zap.String("error", redacted))
	}
}

// asError converts any error into one for the platform. Errors without a code
// become "unknown". Their text is not sent: it may contain secrets. Credentials in
// a message, which may quote the third party, are redacted.
func (req *request) asError(err error, severity relay.ErrorType) relay.Error {
	var known *relay.Error
	switch {
	case errors.As(err, &known):
		var credentials []string
		for _, c := range req.Declaration.Credentials {
			credentials = append(credentials, req.claims.Get(c.Name))
		}
		out := relay.Error{Type: severity, Code: known.Code, Message: redact.New(credentials...).Text(known.Message)}
		if known.Type != "" {
			out.Type = known.Type
		}
		return out
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled):
		return relay.Error{Type: severity, Code: relay.CodeTimeout, Message: "The answer was not ready in time. Try again."}
	default:
		return relay.Error{Type: severity, Code: relay.CodeUnknown, Message: "Something unexpected happened. The relay's log has the details."}
	}
}
