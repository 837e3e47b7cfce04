package entry

import (
	"encoding/json"
	"slices"
	"strings"

	"github.com/google/uuid"
)

// Key returns the entry's key.
func (e *Entry) Key() Key { return KeyOf(e.Observable) }

// Identity identifies the entry among those with its key, by its source, title and
// With. An entry replaces the one with the same identity.
func (e *Entry) Identity() string {
	parts := []string{e.Source, e.Title}
	for _, o := range e.With {
		parts = append(parts, string(o.Type), o.Value)
	}
	return strings.Join(parts, "\x00")
}

// Merge merges more entries into those with the same key. An entry replaces the one
// with the same identity and keeps its time in Added. New entries with a zero Added get
// the current time.
func Merge(among, more []Entry) (all []Entry, result PutResult) {
	if len(among) == 0 && len(more) == 1 { // fast, for the import of a new list
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

// equal reports whether both entries are stored alike.
func (e *Entry) equal(other *Entry) bool { return e.stored() == other.stored() }

// stored returns the entry as JSON. An entry that can't be encoded equals no other.
func (e *Entry) stored() string {
	raw, err := json.Marshal(e)
	if err != nil {
		return err.Error() + uuid.NewString()
	}
	return string(raw)
}
