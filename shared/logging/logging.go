// Package logging writes the relay's log as JSON lines with the id of their request.
// Callers must never log tokens, keys, credentials, bodies or observables.
package logging

import (
	"cmp"
	"context"
	"io"

	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
)

// New returns a logger that writes JSON lines to w, from the level up.
func New(w io.Writer, level zapcore.Level) *zap.Logger {
	encoding := zapcore.EncoderConfig{
		TimeKey:     "time",
		LevelKey:    "level",
		MessageKey:  "message",
		EncodeTime:  zapcore.RFC3339NanoTimeEncoder,
		EncodeLevel: zapcore.LowercaseLevelEncoder,
	}
	return zap.New(zapcore.NewCore(zapcore.NewJSONEncoder(encoding), zapcore.Lock(zapcore.AddSync(w)), level))
}

type requestIDKey struct{}

type requestID struct{ own, api string }

// WithRequestID returns a context with the ids of a request: own is the relay's, or
// Lambda's. api is API Gateway's, or "" if the request didn't come from there.
func WithRequestID(ctx context.Context, own, api string) context.Context {
	return context.WithValue(ctx, requestIDKey{}, requestID{own, api})
}

// RequestID returns the id under which other systems know the request: API Gateway's,
// otherwise the relay's own. It is "" if the context has none.
func RequestID(ctx context.Context) string {
	id, _ := ctx.Value(requestIDKey{}).(requestID)
	return cmp.Or(id.api, id.own)
}

// With returns the logger with the request ids in the context, if there are any. A
// trace id would be added here, and its span opened where the server handles a request
// and where StartCall is called.
func With(ctx context.Context, log *zap.Logger) *zap.Logger {
	id, ok := ctx.Value(requestIDKey{}).(requestID)
	if !ok {
		return log
	}
	fields := append(make([]zap.Field, 0, 2), zap.String("request_id", id.own))
	if id.api != "" {
		fields = append(fields, zap.String("api_request_id", id.api))
	}
	return log.With(fields...)
}
