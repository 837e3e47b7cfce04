package logging

import (
	"context"
	"sync/atomic"
)

// Calls counts the calls to third parties that one request makes, for its line
// in the log. The zero value is ready, also for several goroutines.
type Calls struct{ made atomic.Int64 }

// Count returns the number of calls so far. Each attempt counts: it costs the
// third party as much as the first.
func (c *Calls) Count() int { return int(c.made.Load()) }

type callsKey struct{}

// WithCalls gives the context a counter for AddCall.
func WithCalls(ctx context.Context, c *Calls) context.Context {
	return context.WithValue(ctx, callsKey{}, c)
}

// AddCall counts a call that is about to be made. Without a counter in the
// context it does nothing.
func AddCall(ctx context.Context) {
	if c, ok := ctx.Value(callsKey{}).(*Calls); ok {
		c.made.Add(1)
	}
}
