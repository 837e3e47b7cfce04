// Package logging writes the relay's log: JSON lines, each with the id of its
// request.
//
// Tokens, keys, credentials, bodies and observables are never logged.
package logging

import (
	"context"
	"io"

	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
)

// New returns a logger that writes JSON lines of the level and above to w.
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

// WithRequestID returns a context with the id of its request.
func WithRequestID(ctx context.Context, id string) context.Context {
	return context.WithValue(ctx, requestID{}, id)
}

// With returns the logger with the id of the context's request, if it has one.
func With(ctx context.Context, log *zap.Logger) *zap.Logger {
	if id, ok := ctx.Value(requestID{}).(string); ok {
		return log.With(zap.String("request_id", id))
	}
	return log
}
