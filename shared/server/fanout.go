package server

import (
	"context"
	"fmt"
	"runtime/debug"
)

// outcome is the result of one call. It may have both a partial value and an error.
type outcome[T any] struct {
	value T
	err   error
}

// panicError is a provider's panic with its stack.
type panicError struct {
	value any
	stack []byte
}

func (p *panicError) Error() string { return fmt.Sprintf("panic: %v\n%s", p.value, p.stack) }

// fanOut calls ask for each item, at most limit concurrently, until ctx ends.
// The outcomes are in the order of the items. Items without a result when ctx
// ends get ctx's error. fanOut does not wait for calls that ignore ctx.
func fanOut[I, T any](ctx context.Context, limit int, items []I, ask func(context.Context, I) (T, error)) []outcome[T] {
	type indexed struct {
		i int
		outcome[T]
	}
	next := make(chan int, len(items))
	done := make(chan indexed, len(items)) // buffered, so that late calls don't block
	outcomes := make([]outcome[T], len(items))
	for i := range items {
		outcomes[i].err = context.DeadlineExceeded // unless there is a result
		next <- i
	}
	close(next)
	for range min(limit, len(items)) {
		go func() {
			growStack(0)
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

// growStack grows a new goroutine's stack to the size that most calls need. Otherwise the stack
// would be copied each time that it doubles, which takes a tenth of a short request.
//
//go:noinline
func growStack(i int) byte {
	var frame [12 << 10]byte
	return frame[i]
}

// await is fanOut for a single call.
func await[T any](ctx context.Context, do func(context.Context) (T, error)) (T, error) {
	only := fanOut(ctx, 1, []struct{}{{}}, func(ctx context.Context, _ struct{}) (T, error) { return do(ctx) })[0]
	return only.value, only.err
}

// guarded calls ask. If it panics, the outcome is a panicError.
func guarded[I, T any](ctx context.Context, item I, ask func(context.Context, I) (T, error)) (out outcome[T]) {
	defer func() {
		if p := recover(); p != nil {
			out = outcome[T]{err: &panicError{p, debug.Stack()}}
		}
	}()
	out.value, out.err = ask(ctx, item)
	return out
}
