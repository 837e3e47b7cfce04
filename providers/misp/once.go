package misp

import (
	"context"
	"errors"
	"sync/atomic"
)

// once does something for the first of many concurrent callers. The others wait
// for it, but no longer than their context allows.
type once struct {
	started atomic.Bool
	done    chan struct{}
	err     error
}

func newOnce() *once {
	return &once{done: make(chan struct{}), err: errors.New("misp: ended by a panic")}
}

// do returns the error of the only call of work.
func (o *once) do(ctx context.Context, work func() error) error {
	if o.started.CompareAndSwap(false, true) {
		defer close(o.done)
		o.err = work()
		return o.err
	}
	select {
	case <-o.done:
		return o.err
	case <-ctx.Done():
		return ctx.Err()
	}
}
