package formats

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
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
	// Entry has only the source if Skipped isn't empty. Entries of one file may share
	// their slices, so change a copy.
	Entry entry.Entry
	// ID identifies the STIX indicator or MISP attribute in its source. It is empty in
	// lists and tables. Earlier observables with this ID that are missing from the file
	// are withdrawn.
	ID string
	// Withdrawn are observables that the source has withdrawn from ID. Skipped is
	// then the reason.
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
	// Name is the name passed to Read.
	Name string
	// Line is the line of the problem, from 1, or 0 if it is about the whole file.
	Line int
	// Reason describes the problem, and what to do about it.
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
		return s // the usual case
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

// Layout describes the detected format of a file.
type Layout struct {
	Format Format `json:"format"`
	// Why is the reason for Format.
	Why string `json:"why"`
	// Encoding is empty for UTF-8.
	Encoding string `json:"encoding,omitempty"`
	// Compression is empty, or "gzip".
	Compression string `json:"compression,omitempty"`
	// HeaderLine is the line of a table's header, from 1, or 0 without one.
	HeaderLine int `json:"header_line,omitempty"`
	// Columns are the columns of a table.
	Columns []ColumnLayout `json:"columns,omitempty"`
}

// ColumnLayout is the detected role of a table's column.
type ColumnLayout struct {
	// Name is the name in the header, empty without one.
	Name string `json:"name,omitempty"`
	// Role is the meaning of its cells, such as "value", "value: sha256" or "first
	// seen". It is "not read" for ignored columns.
	Role string `json:"role"`
	// Why is the reason for a role other than the one of the name, or "".
	Why string `json:"why,omitempty"`
}

func (t table) layout() []ColumnLayout {
	var list []ColumnLayout
	for _, c := range t {
		text := string(c.role)
		switch {
		case c.role == unknownRole:
			text = string(ignoredRole)
		case c.role == valueRole && c.kind != "":
			text += ": " + string(c.kind)
		case c.role == threatRole:
			text = string(c.threat)
		}
		list = append(list, ColumnLayout{Name: shown(c.name), Role: text, Why: c.why})
	}
	return list
}

// ColumnChoice is the role of a table's column.
type ColumnChoice struct {
	// Role is a name that a header may have, such as value, type, comment or
	// sha256.
	Role string
	// Column is its number, from 1, or its name in the header.
	Column string
}

// ParseColumns parses choices such as "type=1,value=2,comment=note".
func ParseColumns(text string) ([]ColumnChoice, error) {
	var choices []ColumnChoice
	for _, part := range strings.Split(text, ",") {
		name, at, found := strings.Cut(part, "=")
		choice := ColumnChoice{strings.TrimSpace(name), strings.TrimSpace(at)}
		switch c, _ := columnNamed(choice.Role); {
		case !found || choice.Column == "":
			return nil, fmt.Errorf("%q is not a column: write it like value=2", part)
		case c.role == unknownRole || c.role == ignoredRole:
			return nil, fmt.Errorf("%q is not a role of a column: use value, type, comment, title, tags, reference, first_seen, valid_until, disposition, malware, or a type such as ip or sha256", choice.Role)
		}
		choices = append(choices, choice)
	}
	return choices, nil
}

// choose sets the roles of the chosen columns. The others are not read.
func (t table) choose(choices []ColumnChoice) error {
	for i := range t {
		t[i].role = unknownRole
	}
	for _, choice := range choices {
		at := slices.IndexFunc(t, func(c column) bool { return strings.EqualFold(c.name, choice.Column) })
		if n, err := strconv.Atoi(choice.Column); at < 0 && err == nil {
			at = n - 1
		}
		if at < 0 || at >= len(t) {
			return fmt.Errorf("there is no column %s: it has %d", choice.Column, len(t))
		}
		c, _ := columnNamed(choice.Role)
		c.name, c.why, c.sample = t[at].name, "chosen", t[at].sample
		t[at] = c
	}
	if !t.hasValue() {
		return errors.New("no column is chosen as the value")
	}
	return nil
}
