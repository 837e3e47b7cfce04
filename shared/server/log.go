package server

import (
	"context"
	"errors"
	"time"

	"go.uber.org/zap"

	"github.com/serverless-relay/relay/shared/logging"
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
		zap.Int("upstream_calls", req.calls.Count()),
		zap.Int("bytes", size),
		zap.Strings("errors", codes),
		zap.Float64("duration_ms", milliseconds(took)),
	}
	if req.Metrics != "" {
		fields = append(fields, req.metrics(req.Metrics, route, took, time.Now())...)
	}
	logging.With(ctx, req.Log).Info("request", fields...)
}

// maxExplained is how many different errors of one request are logged.
const maxExplained = 10

// explain logs the details of an error that the answer omits: the text of an error
// without a code, and the text wrapped around one with a code. The values of the
// claims are redacted. Deadlines are not logged.
func (req *request) explain(ctx context.Context, err error) {
	var known *relay.Error
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
	logging.With(ctx, req.Log).Warn("error", zap.String("error", text))
}
