package entry

import (
	"context"
	"slices"

	"github.com/serverless-relay/relay/shared/ctim"
)

// Remove removes the matching entries of a normalized observable, and the rest of their
// groups. It returns the removed entries. If it fails, repeating it removes the rest.
func Remove(ctx context.Context, store Store, o ctim.Observable, by Note, matching func(Entry) bool) ([]Entry, error) {
	key := KeyOf(o)
	found, err := store.Get(ctx, []Key{key})
	if err != nil {
		return nil, err
	}
	going, _ := split(found[0], matching)
	// The rest comes first: it can't be found without the entry.
	removed, err := RemoveRest(ctx, store, going, by)
	if err != nil {
		return removed, err
	}
	own, err := removeFrom(ctx, store, key, by, matching)
	return append(removed, own...), err
}

// RemoveRest removes the rest of the groups that the entries belong to.
func RemoveRest(ctx context.Context, store Store, entries []Entry, by Note) (removed []Entry, err error) {
	for _, e := range entries {
		for _, part := range e.With {
			others, err := removeFrom(ctx, store, KeyOf(part), by, func(other Entry) bool {
				return other.Source == e.Source && other.Title == e.Title && slices.ContainsFunc(other.With, func(o ctim.Observable) bool { return KeyOf(o) == e.Key() })
			})
			if err != nil {
				return removed, err
			}
			removed = append(removed, others...)
		}
	}
	return removed, nil
}

// removeFrom removes the matching entries under a key.
func removeFrom(ctx context.Context, store Store, key Key, by Note, matching func(Entry) bool) (removed []Entry, err error) {
	_, err = store.Change(ctx, key, by, func(before []Entry) (kept []Entry, err error) {
		removed, kept = split(before, matching)
		return kept, nil
	})
	if err != nil {
		return nil, err
	}
	return removed, nil
}
