package importer

import (
	"cmp"
	"errors"
	"slices"

	"github.com/serverless-relay/relay/providers/watchlist/entry"
	"github.com/serverless-relay/relay/providers/watchlist/formats"
)

// Report is the result of an import.
type Report struct {
	Files []*FileReport `json:"files"`
	// PutResult is what was stored, of all files together.
	entry.PutResult
	// Removed is the number of entries that their source revoked.
	Removed int     `json:"removed"`
	Seconds float64 `json:"seconds"`
}

// FileReport is the result of importing one file.
type FileReport struct {
	Name string `json:"name"`
	formats.Layout
	// Error is why the file could not be read to its end.
	Error string `json:"error,omitempty"`
	// Unchanged reports that the file has nothing new since it was last imported,
	// and was not read.
	Unchanged bool `json:"unchanged_since,omitempty"`
	// Read is the number of records: entries, and what was skipped.
	Read int `json:"read"`
	// Skipped are the records without an entry, by reason.
	Skipped []Reason `json:"skipped,omitempty"`
	// Warnings are about records that are imported.
	Warnings []Reason `json:"warnings,omitempty"`

	keepSkipped bool
}

// Reason is why things in a file were skipped.
type Reason struct {
	Text   string  `json:"reason"`
	Count  int     `json:"count"`
	Places []Place `json:"places"`
}

// Place is a place in a file.
type Place struct {
	Line  int    `json:"line"`
	Value string `json:"value"`
}

// fewPlaces is how many places of each reason are kept, unless all are kept: a file may
// have millions.
const fewPlaces = 3

// note adds a record.
func (f *FileReport) note(r formats.Record) {
	f.Read++
	if r.Skipped != "" {
		f.skip(r.Line, r.Value, r.Skipped)
		return
	}
	if reason := entry.TooBroad(r.Entry); reason != "" {
		f.Warnings = count(f.Warnings, Place{r.Line, r.Value}, reason, f.keepSkipped)
	}
}

// end adds the error that ended reading.
func (f *FileReport) end(err error) {
	switch {
	case errors.Is(err, ErrUnchanged):
		f.Unchanged = true
		f.skip(0, "", err.Error())
	case err != nil:
		f.Error = err.Error()
	case f.Read == 0:
		f.skip(0, "", "nothing in it")
	}
}

func (f *FileReport) skip(line int, value, reason string) {
	f.Skipped = count(f.Skipped, Place{line, value}, reason, f.keepSkipped)
}

// count counts a place for a reason. It keeps the first few by line, or all. Places come
// in any order.
func count(reasons []Reason, place Place, text string, keepAll bool) []Reason {
	i := slices.IndexFunc(reasons, func(r Reason) bool { return r.Text == text })
	if i < 0 {
		i = len(reasons)
		reasons = append(reasons, Reason{Text: text})
	}
	r := &reasons[i]
	r.Count++
	if len(r.Places) == fewPlaces && !keepAll && place.Line >= r.Places[fewPlaces-1].Line {
		return reasons
	}
	at, _ := slices.BinarySearchFunc(r.Places, place.Line+1, func(p Place, line int) int { return cmp.Compare(p.Line, line) })
	r.Places = slices.Insert(r.Places, at, place)
	if !keepAll {
		r.Places = r.Places[:min(len(r.Places), fewPlaces)]
	}
	return reasons
}

// Count returns the number of records with one of the reasons.
func Count(reasons []Reason) (n int) {
	for _, r := range reasons {
		n += r.Count
	}
	return n
}

// nothingNew reports whether no file had to be read.
func (r *Report) nothingNew() bool {
	return !slices.ContainsFunc(r.Files, func(f *FileReport) bool { return !f.Unchanged })
}

// Failed returns the number of files that could not be read.
func (r *Report) Failed() (n int) {
	for _, f := range r.Files {
		if f.Error != "" {
			n++
		}
	}
	return n
}
