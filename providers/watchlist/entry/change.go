package entry

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/serverless-relay/relay/shared/ctim"
	"github.com/serverless-relay/relay/shared/text"
)

// Change is a line of the history: who did what to an observable, or to the
// watchlist as a whole.
type Change struct {
	// ID names the line; of two IDs the later one is the greater.
	ID   string    `json:"id"`
	Time time.Time `json:"time"`
	Note
	// Observable is what was changed; zero where it was more than one.
	Observable ctim.Observable `json:"observable,omitzero"`
	// Before are the entries that were replaced or removed, After those that
	// took their places or joined.
	Before []Entry `json:"before,omitempty"`
	After  []Entry `json:"after,omitempty"`
	// Fetched says what was read from servers, for the next import from there.
	Fetched []Fetched `json:"fetched,omitempty"`
}

// Fetched is how far a list on a server was read.
type Fetched struct {
	// Source identifies the list: a hash of its URL, which may have a secret in it.
	Source string `json:"source"`
	// ETag and LastModified are those of the answer, to ask whether there is a
	// newer one.
	ETag         string `json:"etag,omitempty"`
	LastModified string `json:"last_modified,omitempty"`
	// AddedAfter is when the newest object of a TAXII collection was added to it.
	AddedAfter string `json:"added_after,omitempty"`
}

// Note says who changes something, and what it is in words.
type Note struct {
	// Who is a person's name, as far as it is known.
	Who string `json:"who,omitempty"`
	// What was done, such as "marked as malicious".
	What string `json:"what"`
}

// NewChange is a line about what is done now.
func NewChange(by Note) Change {
	return Change{ID: uuid.Must(uuid.NewV7()).String(), Time: now(), Note: by}
}

// now is the present as it is stored: no store keeps more than milliseconds.
func now() time.Time { return time.Now().UTC().Truncate(time.Millisecond) }

// Apply has edit make of the entries under a key those that shall be there, as
// Store.Change does, and tells what is different. It returns false where
// nothing is.
func Apply(by Note, before []Entry, edit func([]Entry) ([]Entry, error)) (after []Entry, line Change, changed bool, err error) {
	after, err = edit(before)
	if err != nil {
		return nil, Change{}, false, err
	}
	line = NewChange(by)
	for i := range after {
		if after[i].Added.IsZero() {
			after[i].Added = line.Time
		}
	}
	line.Before, line.After = without(before, after), without(after, before)
	if len(line.Before)+len(line.After) == 0 {
		return before, Change{}, false, nil
	}
	line.Observable = slices.Concat(line.Before, line.After)[0].Observable
	return after, line, true, nil
}

// without are those entries that are not among the others.
func without(entries, others []Entry) []Entry {
	there := make(map[string]bool, len(others))
	for i := range others {
		there[others[i].stored()] = true
	}
	var rest []Entry
	for i := range entries {
		if !there[entries[i].stored()] {
			rest = append(rest, entries[i])
		}
	}
	return rest
}

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
