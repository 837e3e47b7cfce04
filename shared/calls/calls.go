// Package calls counts the calls to third parties that a request makes, for
// its line in the log. Whoever answers the request puts a Counter into its
// context, whoever calls a third party says so; they needn't know each other.
package calls

import (
	"context"
	"sync/atomic"
)

// Counter is how many calls one request made. The zero value is ready, for
// several goroutines at once.
type Counter struct{ made atomic.Int64 }

// Made is the number of calls so far. Each attempt counts: it costs the third
// party as much as the first.
func (c *Counter) Made() int { return int(c.made.Load()) }

type key struct{}

// With gives the context a counter.
func With(ctx context.Context, c *Counter) context.Context {
	return context.WithValue(ctx, key{}, c)
}

// Add counts a call that is about to be made. Without a counter in the context
// it does nothing.
func Add(ctx context.Context) {
	if c, ok := ctx.Value(key{}).(*Counter); ok {
		c.made.Add(1)
	}
}
