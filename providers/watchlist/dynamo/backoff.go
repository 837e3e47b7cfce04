package dynamo

import (
	"context"
	"math/rand/v2"
	"time"
)

// maxDelay is the longest wait before something is tried again.
const maxDelay = time.Second

// jitter is how long to wait before another attempt, the first being number 1:
// a random time, the longer the more attempts there were.
func jitter(base time.Duration, attempt int) time.Duration {
	return rand.N(min(maxDelay, base<<min(attempt, 10)))
}

// pause waits before another attempt.
func pause(ctx context.Context, base time.Duration, attempt int) error {
	timer := time.NewTimer(jitter(base, attempt))
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}
