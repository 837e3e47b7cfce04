package entry

import (
	"context"
	"maps"
	"slices"
)

// Editor edits the entries under several keys, and implements the methods of Store
// that do so. It calls edit with the index of each key and the entries under it. The
// keys must differ. edit may be called again for a key, but never concurrently, and
// must not modify before. done reports for each key whether the store now contains
// edit's result. It may be nil if there is an error.
type Editor func(ctx context.Context, keys []Key, edit func(i int, before []Entry) (Edit, error)) (done []bool, err error)

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
func (edit Editor) Put(ctx context.Context, entries []Entry) (total PutResult, err error) {
	byKey := make(map[Key][]Entry, len(entries))
	for i := range entries {
		key := entries[i].Key()
		byKey[key] = append(byKey[key], entries[i])
	}
	keys := slices.SortedFunc(maps.Keys(byKey), Key.compare) // a file is written in order
	results := make([]PutResult, len(keys))
	done, err := edit(ctx, keys, func(i int, before []Entry) (e Edit, err error) {
		e.After, results[i] = Merge(before, byKey[keys[i]])
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
func (edit Editor) Remove(ctx context.Context, keys []Key, remove func(Entry) bool) (all []Entry, err error) {
	keys = slices.Compact(slices.SortedFunc(slices.Values(keys), Key.compare))
	removed := make([][]Entry, len(keys))
	done, err := edit(ctx, keys, func(i int, before []Entry) (e Edit, err error) {
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
func (edit Editor) Change(ctx context.Context, key Key, by Note, change func([]Entry) ([]Entry, error)) (done bool, err error) {
	_, err = edit(ctx, []Key{key}, func(_ int, before []Entry) (e Edit, err error) {
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
