package server

import (
	"context"
	"fmt"
	"runtime/debug"
)

// outcome is the result of one call. The value may be a part of the answer even
// if there is an error.
type outcome[T any] struct {
	value T
	err   error
}

// panicError is a panic in a provider, with its stack.
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
	done := make(chan indexed, len(items)) // never blocks calls that are waited for no longer
	outcomes := make([]outcome[T], len(items))
	for i := range items {
		outcomes[i].err = context.DeadlineExceeded // until there is a result
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

// await calls do and waits for it until ctx ends.
func await[T any](ctx context.Context, do func(context.Context) (T, error)) (T, error) {
	done := make(chan outcome[T], 1) // never blocks a call that is waited for no longer
	go func() {
		done <- guarded(ctx, do, func(ctx context.Context, do func(context.Context) (T, error)) (T, error) { return do(ctx) })
	}()
	select {
	case got := <-done:
		return got.value, got.err
	case <-ctx.Done():
		var none T
		return none, ctx.Err()
	}
}

// guarded calls ask and returns a panic as its error.
func guarded[I, T any](ctx context.Context, item I, ask func(context.Context, I) (T, error)) (out outcome[T]) {
	defer func() {
		if p := recover(); p != nil {
			out = outcome[T]{err: &panicError{p, debug.Stack()}}
		}
	}()
	out.value, out.err = ask(ctx, item)
	return out
}
