// Package logging writes the relay's log as JSON lines with the id of their request.
// Callers must never log tokens, keys, credentials, bodies or observables.
package logging

import (
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

type requestID struct{}

// WithRequestID returns a context with the id of a request.
func WithRequestID(ctx context.Context, id string) context.Context {
	return context.WithValue(ctx, requestID{}, id)
}

// With returns the logger with the request id in the context, if there is one.
func With(ctx context.Context, log *zap.Logger) *zap.Logger {
	if id, ok := ctx.Value(requestID{}).(string); ok {
		return log.With(zap.String("request_id", id))
	}
	return log
}
