package relay

import (
	"context"
	"fmt"
	"runtime/debug"
)

// outcome is what came of asking about one item. The value may hold a part of
// the answer although there is an error.
type outcome[T any] struct {
	value T
	err   error
}

// panicError is a panic in a provider, with where it happened.
type panicError struct {
	value any
	stack []byte
}

func (p *panicError) Error() string { return fmt.Sprintf("panic: %v\n%s", p.value, p.stack) }

// fanOut asks about each item, at most limit at once, until the context ends.
// The outcomes stand in the order of the items. What isn't there when the
// context ends has its deadline's error; a provider that doesn't stop then is
// left behind and waited for no longer.
func fanOut[I, T any](ctx context.Context, limit int, items []I, ask func(context.Context, I) (T, error)) []outcome[T] {
	type indexed struct {
		i int
		outcome[T]
	}
	next := make(chan int, len(items))
	done := make(chan indexed, len(items)) // never blocks those left behind
	outcomes := make([]outcome[T], len(items))
	for i := range items {
		outcomes[i].err = context.DeadlineExceeded // until it is answered
		next <- i
	}
	close(next)
	for range min(limit, len(items)) {
		go func() {
			for i := range next {
				if ctx.Err() != nil {
					return
				}
				done <- indexed{i, guarded(ctx, items[i], ask)}
			}
		}()
	}
	for range items {
		select {
		case got := <-done:
			outcomes[got.i] = got.outcome
		case <-ctx.Done():
			for len(done) > 0 {
				got := <-done
				outcomes[got.i] = got.outcome
			}
			return outcomes
		}
	}
	return outcomes
}

// await does one thing under the rules of fanOut.
func await(ctx context.Context, do func(context.Context) error) error {
	once := []struct{}{{}}
	return fanOut(ctx, 1, once, func(ctx context.Context, _ struct{}) (struct{}, error) { return struct{}{}, do(ctx) })[0].err
}

// guarded asks about one item and turns a panic into its error.
func guarded[I, T any](ctx context.Context, item I, ask func(context.Context, I) (T, error)) (out outcome[T]) {
	defer func() {
		if p := recover(); p != nil {
			out = outcome[T]{err: &panicError{p, debug.Stack()}}
		}
	}()
	out.value, out.err = ask(ctx, item)
	return out
}
