package entry

import (
	"cmp"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/serverless-relay/relay/shared/ctim"
	"github.com/serverless-relay/relay/shared/text"
)

// Change is a line of the history.
type Change struct {
	// ID is a UUID. IDs sort by time.
	ID   string    `json:"id"`
	Time time.Time `json:"time"`
	Note
	// Observable is zero if the change is about several observables.
	Observable ctim.Observable `json:"observable,omitzero"`
	// Before are the entries that were replaced or removed, and After those that were
	// added.
	Before []Entry `json:"before,omitempty"`
	After  []Entry `json:"after,omitempty"`
	// Fetched is the state of lists on servers, for the next import.
	Fetched []Fetched `json:"fetched,omitempty"`
}

// Fetched is the state of a list on a server when it was last read.
type Fetched struct {
	// Source is a hash of the list's URL, which may contain a secret.
	Source string `json:"source"`
	// ETag and LastModified are the response's, for a conditional request.
	ETag         string `json:"etag,omitempty"`
	LastModified string `json:"last_modified,omitempty"`
	// AddedAfter is when the newest object was added to a TAXII collection.
	AddedAfter string `json:"added_after,omitempty"`
}

// Note describes a change.
type Note struct {
	// Who is a person's name, or "" if it is unknown.
	Who string `json:"who,omitempty"`
	// What describes the change, such as "marked as malicious".
	What string `json:"what"`
}

// NewChange returns a Change that is made now.
func NewChange(by Note) Change {
	return Change{ID: uuid.Must(uuid.NewV7()).String(), Time: now(), Note: by}
}

// maxRemembered is the most removed entries that a change keeps.
const maxRemembered = 100

// NewRemoval returns a Change that removes entries now. It keeps the first 100 of them.
func NewRemoval(by Note, removed []Entry) Change {
	c := NewChange(by)
	c.Before = removed[:min(len(removed), maxRemembered)]
	if len(removed) == 1 {
		c.Observable = removed[0].Observable
	}
	return c
}

// now returns the current time in milliseconds, the resolution of the stores.
func now() time.Time { return time.Now().UTC().Truncate(time.Millisecond) }

// Summary describes the entries before and after the change by disposition, end
// and source, such as "clean by analyst -> malicious until 2026-12-31 by analyst".
// It is empty if the change names no entries.
func (c Change) Summary() string {
	if len(c.Before)+len(c.After) == 0 {
		return ""
	}
	return describe(c.Before) + " -> " + describe(c.After)
}

func describe(entries []Entry) string {
	var words []string
	for _, e := range entries {
		word := strings.ToLower(e.Disposition.String())
		if !e.ValidUntil.IsZero() {
			word += " until " + e.ValidUntil.UTC().Format(time.DateOnly)
		}
		words = append(words, word+" by "+e.SourceName())
	}
	return cmp.Or(text.List(words, 3), "not listed")
}
