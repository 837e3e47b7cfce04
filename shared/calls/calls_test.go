package calls_test

import (
	"context"
	"sync"
	"testing"

	"github.com/serverless-relay/relay/shared/calls"
)

func TestEachRequestHasItsOwnCount(t *testing.T) {
	var first, second calls.Counter
	var wg sync.WaitGroup
	for i := range 30 {
		wg.Go(func() {
			ctx := calls.With(t.Context(), &first)
			if i%3 == 0 {
				ctx = calls.With(ctx, &second)
			}
			calls.Add(context.WithoutCancel(ctx))
		})
	}
	wg.Wait()
	calls.Add(t.Context()) // nobody counts: no harm
	if first.Made() != 20 || second.Made() != 10 {
		t.Errorf("got %d and %d", first.Made(), second.Made())
	}
}
