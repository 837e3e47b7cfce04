package formats

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/serverless-relay/relay/providers/watchlist/entry"
	"github.com/serverless-relay/relay/shared/ctim"
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
	// empty in lists and tables. What the source said under this ID before, and
	// doesn't say now, it has taken back.
	ID string
	// Withdrawn are the observables about which the source says nothing under ID
	// any more. Skipped is the reason then, and Entry.Source the source.
	Withdrawn []ctim.Observable
	// Changed reports that an earlier version may have named other observables
	// under ID.
	Changed bool
	// Value is the value as the file has it, fit to be shown: at most 100
	// characters, none of them a control character.
	Value string
	// Skipped is the reason why there is no entry, empty for an entry. It doesn't
	// contain the value, so that records can be counted by reason.
	Skipped string
}

// FileError reports that a file as a whole can't be read. It fits on one line.
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

// maxShown is how many characters of a value are shown.
const maxShown = 100

// shown makes a text from a file fit for a terminal's line.
func shown(text string) string {
	text = strings.TrimSpace(text)
	if len(text) <= maxShown && strings.IndexFunc(text, func(r rune) bool { return r <= ' ' || r >= utf8.RuneSelf-1 }) < 0 {
		return text
	}
	cut := false
	if len(text) > maxShown {
		if start := []rune(text[:min(len(text), utf8.UTFMax*maxShown)]); len(start) > maxShown || len(text) > utf8.UTFMax*maxShown {
			text, cut = string(start[:maxShown-1]), true
		}
	}
	text = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case !unicode.IsPrint(r):
			return utf8.RuneError
		}
		return r
	}, text)
	if cut {
		text += "…"
	}
	return text
}
