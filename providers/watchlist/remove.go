package watchlist

import (
	"context"
	"slices"

	"github.com/serverless-relay/relay/shared/ctim"
)

// Remove takes a normalized observable off the list: those of its entries that
// match, and the other halves of the groups that they belong to. It returns
// what it removed.
func Remove(ctx context.Context, store Store, o ctim.Observable, matching func(Entry) bool) ([]Entry, error) {
	key := KeyOf(o)
	removed, err := store.Remove(ctx, []Key{key}, matching)
	if err != nil {
		return nil, err
	}
	for _, e := range removed {
		for _, other := range e.With {
			halves, err := store.Remove(ctx, []Key{KeyOf(other)}, func(half Entry) bool {
				return half.Source == e.Source && half.Title == e.Title && slices.ContainsFunc(half.With, func(o ctim.Observable) bool { return KeyOf(o) == key })
			})
			if err != nil {
				return removed, err
			}
			removed = append(removed, halves...)
		}
	}
	return removed, nil
}
