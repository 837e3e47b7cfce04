package entry

import (
	"encoding/json"
	"slices"
	"strings"

	"github.com/google/uuid"
)

// Key is where a store keeps the entry.
func (e *Entry) Key() Key { return KeyOf(e.Observable) }

// Identity tells the entry from others under the same key: its source, its
// title, and what it needs beside its own observable. Of two entries with one
// identity the later replaces the earlier.
func (e *Entry) Identity() string {
	parts := []string{e.Source, e.Title}
	for _, o := range e.With {
		parts = append(parts, string(o.Type), o.Value)
	}
	return strings.Join(parts, "\x00")
}

// Place puts more entries among those that are under the same key: each
// replaces the one of its identity, or joins them. A replaced entry's time in
// Added stays; one that joins without such a time gets the present.
func Place(among, more []Entry) (all []Entry, result PutResult) {
	if len(among) == 0 && len(more) == 1 { // as nearly always in the import of a new list
		e := more[0]
		if e.Added.IsZero() {
			e.Added = now()
		}
		return []Entry{e}, PutResult{Added: 1}
	}
	all = slices.Clone(among)
	at := make(map[string]int, len(among)+len(more))
	for i := range among {
		at[among[i].Identity()] = i
	}
	for _, e := range more {
		identity := e.Identity()
		i, there := at[identity]
		if !there {
			if e.Added.IsZero() {
				e.Added = now()
			}
			at[identity] = len(all)
			all = append(all, e)
			result.Added++
			continue
		}
		e.Added = all[i].Added
		if e.equal(&all[i]) {
			result.Unchanged++
			continue
		}
		all[i] = e
		result.Updated++
	}
	return all, result
}

// equal compares entries as they are stored.
func (e *Entry) equal(other *Entry) bool { return e.stored() == other.stored() }

// stored is the entry as it is stored. What can't be is like nothing else.
func (e *Entry) stored() string {
	raw, err := json.Marshal(e)
	if err != nil {
		return err.Error() + uuid.NewString()
	}
	return string(raw)
}
