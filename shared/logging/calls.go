package logging

import (
	"context"
	"maps"
	"slices"
	"sync"
	"time"

	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
)

// Calls counts and times one request's calls to third parties, for its log line. The
// zero value is ready. It is safe for concurrent use.
type Calls struct {
	mu     sync.Mutex
	since  time.Time // of the first call
	byName map[string]*named
}

// named are the calls to one third party.
type named struct {
	count, running int
	// took is the time of the calls that have ended, minus the sum of the others' starts.
	took time.Duration
}

type callsKey struct{}

// WithCalls returns a context with c for StartCall.
func WithCalls(ctx context.Context, c *Calls) context.Context {
	return context.WithValue(ctx, callsKey{}, c)
}

// StartCall counts a call to the third party of that name, such as "GreyNoise". The
// caller must call end when the call ends. Each retry is a call. Without Calls in the
// context nothing is counted.
func StartCall(ctx context.Context, name string) (end func()) {
	c, ok := ctx.Value(callsKey{}).(*Calls)
	if !ok {
		return func() {}
	}
	n := c.start(name)
	return func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		n.running--
		n.took += time.Since(c.since)
	}
}

func (c *Calls) start(name string) *named {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.byName == nil {
		c.since, c.byName = time.Now(), map[string]*named{}
	}
	n := c.byName[name]
	if n == nil {
		n = &named{}
		c.byName[name] = n
	}
	n.count++
	n.running++
	n.took -= time.Since(c.since)
	return n
}

// Total returns the number of calls so far, including retries, and the sum of their
// durations. Calls that have not ended count with the time until now.
func (c *Calls) Total() (count int, took time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, n := range c.byName {
		count += n.count
		took += c.took(n)
	}
	return count, took
}

func (c *Calls) took(n *named) time.Duration {
	return n.took + time.Duration(n.running)*time.Since(c.since)
}

// MarshalLogObject implements zapcore.ObjectMarshaler. It writes the count and the sum
// of the durations, in milliseconds, for each third party, sorted by name.
func (c *Calls) MarshalLogObject(out zapcore.ObjectEncoder) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, name := range slices.Sorted(maps.Keys(c.byName)) {
		n := c.byName[name]
		zap.Dict(name, zap.Int("count", n.count), zap.Float64("ms", Milliseconds(c.took(n)))).AddTo(out)
	}
	return nil
}

// Milliseconds returns a duration as the log shows it, with three decimals at most.
func Milliseconds(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
