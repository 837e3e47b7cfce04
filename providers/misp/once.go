package misp

import (
	"context"
	"errors"
	"sync/atomic"
)

// once does the work for the first of concurrent callers. The others wait for it until
// their context ends.
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
