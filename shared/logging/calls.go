package logging

import (
	"context"
	"sync/atomic"
)

// Calls counts one request's calls to third parties, for its log line. The zero value
// is ready. It is safe for concurrent use.
type Calls struct{ n atomic.Int64 }

// Count returns the number of calls so far, including retries.
func (c *Calls) Count() int { return int(c.n.Load()) }

type callsKey struct{}

// WithCalls returns a context with a counter for AddCall.
func WithCalls(ctx context.Context, c *Calls) context.Context {
	return context.WithValue(ctx, callsKey{}, c)
}

// AddCall counts a call. Without a counter in the context it does nothing.
func AddCall(ctx context.Context) {
	if c, ok := ctx.Value(callsKey{}).(*Calls); ok {
		c.n.Add(1)
	}
}
