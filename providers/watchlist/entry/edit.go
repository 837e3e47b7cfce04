package entry

import (
	"cmp"
	"context"
	"slices"

	"github.com/serverless-relay/relay/shared/ctim"
)

// Editor implements the methods of a Store that edit entries, with the store's Edit. It
// calls Edit through an interface, so that the linker leaves it out of binaries that
// only read.
type Editor struct{ KeyEditor }

// KeyEditor edits the entries under several keys, which differ.
type KeyEditor interface {
	// Edit calls edit with the index of each key and the entries under it, which edit must
	// not modify. It may call edit again for a key, but not concurrently. done reports for
	// each key whether edit's result is stored. If there is an error, it may be nil.
	Edit(ctx context.Context, keys []Key, edit func(i int, before []Entry) (Edit, error)) (done []bool, err error)
}

// Edit is a change of the entries under one key.
type Edit struct {
	// Changed reports whether there is anything to store.
	Changed bool
	// After are the entries to store.
	After []Entry
	// Line is recorded in the history together with the entries, unless it is nil.
	Line *Change
}

// Put implements Store.
func (s Editor) Put(ctx context.Context, entries []Entry) (total PutResult, err error) {
	keyOf, order := make([]Key, len(entries)), make([]int, len(entries))
	for i := range entries {
		keyOf[i], order[i] = entries[i].Key(), i
	}
	slices.SortFunc(order, func(a, b int) int { return cmp.Or(keyOf[a].compare(keyOf[b]), a-b) }) // a file is written in order
	keys := make([]Key, 0, len(order))
	starts := make([]int, 0, len(order)+1) // in order, for each key
	for i, at := range order {
		if i == 0 || keyOf[at] != keys[len(keys)-1] {
			keys, starts = append(keys, keyOf[at]), append(starts, i)
		}
	}
	starts = append(starts, len(order))
	results := make([]PutResult, len(keys))
	done, err := s.Edit(ctx, keys, func(i int, before []Entry) (e Edit, err error) {
		var more []Entry
		for _, at := range order[starts[i]:starts[i+1]] {
			more = append(more, entries[at])
		}
		e.After, results[i] = Merge(before, more)
		e.Changed = results[i].Added+results[i].Updated > 0
		return e, nil
	})
	for i, ok := range done {
		if ok {
			total = total.Plus(results[i])
		}
	}
	return total, err
}

// Remove implements Store.
func (s Editor) Remove(ctx context.Context, keys []Key, remove func(Entry) bool) (all []Entry, err error) {
	keys = slices.Compact(slices.SortedFunc(slices.Values(keys), Key.compare))
	removed := make([][]Entry, len(keys))
	done, err := s.Edit(ctx, keys, func(i int, before []Entry) (e Edit, err error) {
		removed[i], e.After = split(before, remove)
		e.Changed = len(removed[i]) > 0
		return e, nil
	})
	for i, ok := range done {
		if ok {
			all = append(all, removed[i]...)
		}
	}
	return all, err
}

// Change implements Store.
func (s Editor) Change(ctx context.Context, key Key, by Note, change func([]Entry) ([]Entry, error)) (done bool, err error) {
	_, err = s.Edit(ctx, []Key{key}, func(_ int, before []Entry) (e Edit, err error) {
		if e.After, err = change(before); err != nil {
			return Edit{}, err
		}
		line := NewChange(by)
		for i := range e.After {
			if e.After[i].Added.IsZero() {
				e.After[i].Added = line.Time
			}
		}
		line.Before, line.After = without(before, e.After), without(e.After, before)
		if done = len(line.Before)+len(line.After) > 0; done {
			line.Observable = slices.Concat(line.Before, line.After)[0].Observable
			e.Line, e.Changed = &line, true
		}
		return e, nil
	})
	return done && err == nil, err
}

// without returns the entries that are not among the others.
func without(entries, others []Entry) []Entry {
	there := make(map[string]bool, len(others))
	for i := range others {
		there[others[i].stored()] = true
	}
	_, rest := split(entries, func(e Entry) bool { return there[e.stored()] })
	return rest
}

// Remove removes the matching entries of a normalized observable, and the rest of their
// groups. It returns the removed entries. If it fails, repeating it removes the rest.
func Remove(ctx context.Context, store Store, o ctim.Observable, by Note, matching func(Entry) bool) ([]Entry, error) {
	key := KeyOf(o)
	found, err := store.Get(ctx, []Key{key})
	if err != nil {
		return nil, err
	}
	going, _ := split(found[0], matching)
	// The rest first: it can't be found without the entry.
	removed, err := RemoveRest(ctx, store, going, by)
	if err != nil {
		return removed, err
	}
	own, err := removeFrom(ctx, store, key, by, matching)
	return append(removed, own...), err
}

// RemoveRest removes the other parts of the groups that the entries belong to.
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

// split returns the entries that match, and the others.
func split(entries []Entry, matches func(Entry) bool) (matching, others []Entry) {
	for _, e := range entries {
		if matches(e) {
			matching = append(matching, e)
		} else {
			others = append(others, e)
		}
	}
	return matching, others
}
