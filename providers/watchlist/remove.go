package watchlist

import (
	"context"
	"slices"

	"github.com/serverless-relay/relay/shared/ctim"
)

// Remove takes a normalized observable off the list: those of its entries that
// match, and the other halves of the groups that they belong to. It returns
// what it removed. Where it fails in between, the same again removes the rest.
func Remove(ctx context.Context, store Store, o ctim.Observable, by Note, matching func(Entry) bool) ([]Entry, error) {
	key := KeyOf(o)
	found, err := store.Get(ctx, []Key{key})
	if err != nil {
		return nil, err
	}
	var removed []Entry
	for _, e := range found[0] {
		if !matching(e) {
			continue
		}
		for _, other := range e.With { // first: they can't be found without the entry
			halves, err := removeFrom(ctx, store, KeyOf(other), by, func(half Entry) bool {
				return half.Source == e.Source && half.Title == e.Title && slices.ContainsFunc(half.With, func(o ctim.Observable) bool { return KeyOf(o) == key })
			})
			if err != nil {
				return removed, err
			}
			removed = append(removed, halves...)
		}
	}
	own, err := removeFrom(ctx, store, key, by, matching)
	return append(removed, own...), err
}

// removeFrom removes those entries under a key that match.
func removeFrom(ctx context.Context, store Store, key Key, by Note, matching func(Entry) bool) (removed []Entry, err error) {
	_, err = store.Change(ctx, key, by, func(before []Entry) (kept []Entry, err error) {
		removed = nil // it may be tried again
		for _, e := range before {
			if matching(e) {
				removed = append(removed, e)
			} else {
				kept = append(kept, e)
			}
		}
		return kept, nil
	})
	if err != nil {
		return nil, err
	}
	return removed, nil
}
