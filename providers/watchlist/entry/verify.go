package entry

import (
	"context"
	"fmt"
	"maps"
	"time"
)

// Contents is how much a store contains.
type Contents struct {
	Entries int `json:"entries"`
	Changes int `json:"changes"`
}

// Verifier is a Store that can check more than its entries, counters and history.
type Verifier interface {
	// Verify returns an error that wraps ErrDamaged if the store is damaged.
	Verify(ctx context.Context) error
}

// Verify reads everything in a store, and compares the counters with the entries that
// haven't ended. Stores may delete those that have. The error wraps ErrDamaged if the
// store is damaged, or if it is written to during the call.
func Verify(ctx context.Context, store Store) (Contents, error) {
	var found Contents
	now := time.Now()
	counts := Counts{}
	for e, err := range store.All(ctx) {
		if err != nil {
			return found, err
		}
		found.Entries++
		if c := e.counter(Ending); c.Hour.IsZero() || !c.Hour.Before(hour(now)) {
			counts.add(c, 1)
		}
	}
	kept, err := store.Counts(ctx, Ending, now)
	if err == nil {
		_, err = store.Counts(ctx, Added, time.Time{}) // it counts removed entries, too
	}
	if err != nil {
		return found, err
	}
	if !maps.Equal(counts, kept) {
		return found, fmt.Errorf("%w: its counters count %d entries, and don't match its %d by hour, type and disposition", ErrDamaged, kept.Sum(), counts.Sum())
	}
	for _, err := range store.History(ctx) {
		if err != nil {
			return found, err
		}
		found.Changes++
	}
	if store, ok := store.(Verifier); ok {
		return found, store.Verify(ctx)
	}
	return found, nil
}
