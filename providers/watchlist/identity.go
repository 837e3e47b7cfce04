package watchlist

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
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

// Place puts the entry among those under its key: it replaces the one of the
// same identity, or joins them. A replaced entry keeps its time in Added.
func (e Entry) Place(among []Entry) (all []Entry, result PutResult) {
	identity := e.Identity()
	at := slices.IndexFunc(among, func(other Entry) bool { return other.Identity() == identity })
	if at < 0 {
		return append(among, e), PutResult{Added: 1}
	}
	e.Added = among[at].Added
	if e.equal(among[at]) {
		return among, PutResult{Unchanged: 1}
	}
	among[at] = e
	return among, PutResult{Updated: 1}
}

// equal compares entries as they are stored.
func (e Entry) equal(other Entry) bool {
	a, errA := json.Marshal(e)
	b, errB := json.Marshal(other)
	return errA == nil && errB == nil && bytes.Equal(a, b)
}
