package entry

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
	going := slices.DeleteFunc(slices.Clone(found[0]), func(e Entry) bool { return !matching(e) })
	// First: they can't be found without the entry.
	removed, err := RemoveRest(ctx, store, going, by)
	if err != nil {
		return removed, err
	}
	own, err := removeFrom(ctx, store, key, by, matching)
	return append(removed, own...), err
}

// RemoveRest removes the other halves of the groups that the entries belong
// to.
func RemoveRest(ctx context.Context, store Store, entries []Entry, by Note) (removed []Entry, err error) {
	for _, e := range entries {
		for _, other := range e.With {
			halves, err := removeFrom(ctx, store, KeyOf(other), by, func(half Entry) bool {
				return half.Source == e.Source && half.Title == e.Title && slices.ContainsFunc(half.With, func(o ctim.Observable) bool { return KeyOf(o) == e.Key() })
			})
			if err != nil {
				return removed, err
			}
			removed = append(removed, halves...)
		}
	}
	return removed, nil
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
