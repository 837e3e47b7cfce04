package formats

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/serverless-relay/relay/providers/watchlist/entry"
	"github.com/serverless-relay/relay/shared/ctim"
	"github.com/serverless-relay/relay/shared/text"
)

// Record is one thing in a file: an entry, or the reason why there is none. An
// indicator or attribute with several observables has a record for each.
type Record struct {
	// Line is the line on which it starts, from 1.
	Line int
	// Entry is valid only if Skipped is empty. Entries of one file may share
	// their slices, so change a copy.
	Entry entry.Entry
	// ID identifies the STIX indicator or MISP attribute in its source. It is
	// empty in lists and tables. Earlier observables with this ID that the file
	// doesn't have any more are withdrawn.
	ID string
	// Withdrawn are observables that the source has withdrawn from ID. Skipped is
	// then the reason, and Entry.Source the source.
	Withdrawn []ctim.Observable
	// Changed reports that an earlier version of ID may have had other observables.
	Changed bool
	// Value is the value in the file's spelling, for messages: at most 100
	// characters without control characters.
	Value string
	// Skipped is the reason why there is no entry, or "". It doesn't contain the
	// value, so that records can be counted by reason.
	Skipped string
}

// FileError reports that a file can't be read. Its text is one line.
type FileError struct {
	// Name is the file's, as given to Read.
	Name string
	// Line is the line of the problem, from 1, or 0 if it is about the whole file.
	Line int
	// Reason describes what is wrong, and what to do about it.
	Reason string
}

// Error implements error: "name:line: reason".
func (e *FileError) Error() string {
	if e.Line == 0 {
		return e.Name + ": " + e.Reason
	}
	return fmt.Sprintf("%s:%d: %s", e.Name, e.Line, e.Reason)
}

// maxShown is how many characters of a value are shown, with the ellipsis.
const maxShown = 100

// shown returns a text on one line, without control characters, shortened to maxShown.
func shown(s string) string {
	s = strings.TrimSpace(s)
	if len(s) <= maxShown && strings.IndexFunc(s, func(r rune) bool { return r <= ' ' || r >= utf8.RuneSelf-1 }) < 0 {
		return s // as usual
	}
	if utf8.RuneCountInString(s) > maxShown {
		s = text.Shorten(s, maxShown-1)
	}
	return strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case !unicode.IsPrint(r):
			return utf8.RuneError
		}
		return r
	}, s)
}
