package watchlist

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

// Verifier is a Store with more to verify than its entries, counters and history.
type Verifier interface {
	// Verify returns an error that wraps ErrDamaged if the store is damaged.
	Verify(ctx context.Context) error
}

// Verify reads everything in a store and compares the counters with the entries.
// It returns an error that wraps ErrDamaged if the store is damaged. Nobody may
// write to the store in the meantime.
func Verify(ctx context.Context, store Store) (Contents, error) {
	var found Contents
	counts := Counts{}
	for e, err := range store.All(ctx) {
		if err != nil {
			return found, err
		}
		found.Entries++
		counts.Replace(nil, []Entry{e})
	}
	maps.DeleteFunc(counts, func(c Counter, _ int) bool { return c.Event == Added }) // what was removed is counted there too
	kept, err := store.Counts(ctx, Ending, time.Time{})
	if err != nil {
		return found, err
	}
	if !maps.Equal(counts, kept) {
		return found, fmt.Errorf("%w: the counters count %d entries, and they don't match the %d entries by hour, type and disposition", ErrDamaged, kept.Sum(), found.Entries)
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
