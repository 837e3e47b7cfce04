package main

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/serverless-relay/relay/providers/watchlist"
	"github.com/serverless-relay/relay/providers/watchlist/formats"
)

// fewSkipped is how many values of one reason are named unless all are wanted.
const fewSkipped = 3

// importReport is what came of an import.
type importReport struct {
	Files   []*fileReport `json:"files"`
	Seconds float64       `json:"seconds"`
}

// fileReport is what came of one file.
type fileReport struct {
	Name   string         `json:"name"`
	Format formats.Format `json:"format,omitempty"`
	// Error says why the file could not be read, or not to its end.
	Error string `json:"error,omitempty"`
	Read  int    `json:"read"`
	watchlist.PutResult
	Skipped []skippedValue `json:"skipped,omitempty"`
	// Reasons count what was skipped.
	Reasons map[string]int `json:"reasons,omitempty"`

	keepSkipped bool
}

// skippedValue is something in a file that is no entry.
type skippedValue struct {
	Line   int    `json:"line"`
	Value  string `json:"value"`
	Reason string `json:"reason"`
}

// skip notes something that is no entry. Of each reason only the first few are
// kept unless all are wanted: a file may have millions.
func (f *fileReport) skip(r formats.Record) {
	if f.Reasons == nil {
		f.Reasons = map[string]int{}
	}
	f.Reasons[r.Skipped]++
	if f.keepSkipped || f.Reasons[r.Skipped] <= fewSkipped {
		f.Skipped = append(f.Skipped, skippedValue{r.Line, r.Value, r.Skipped})
	}
}

func (f *fileReport) skipped() int {
	n := 0
	for _, count := range f.Reasons {
		n += count
	}
	return n
}

func (r importReport) failed() int {
	n := 0
	for _, f := range r.Files {
		if f.Error != "" {
			n++
		}
	}
	return n
}

// stored is what came into the watchlist.
func (r importReport) stored() (all watchlist.PutResult) {
	for _, f := range r.Files {
		all = all.Plus(f.PutResult)
	}
	return all
}

// print writes the report for people: what was skipped and why, by file, and
// the totals last.
func (r importReport) print(w io.Writer) {
	var read, skipped int
	for _, f := range r.Files {
		read, skipped = read+f.Read, skipped+f.skipped()
		f.print(w)
	}
	stored := r.stored()
	rate := ""
	if r.Seconds > 0.05 {
		rate = fmt.Sprintf(", %s a second", thousands(int(float64(read)/r.Seconds)))
	}
	fmt.Fprintf(w, "%s read from %s: %s added, %s updated, %s unchanged, %s skipped (%.1f s%s)\n",
		thousands(read), plural(len(r.Files), "file", "files"), thousands(stored.Added), thousands(stored.Updated), thousands(stored.Unchanged), thousands(skipped), r.Seconds, rate)
}

func (f *fileReport) print(w io.Writer) {
	if f.Error != "" {
		where := printable(f.Error)
		if !strings.HasPrefix(f.Error, f.Name+":") { // not told by line
			where = printable(f.Name + ": " + f.Error)
		}
		fmt.Fprintln(w, where)
	}
	for _, reason := range f.reasons() {
		fmt.Fprintf(w, "%s: skipped %s: %s\n", printable(f.Name), thousands(f.Reasons[reason]), reason)
		named := 0
		for _, s := range f.Skipped {
			if s.Reason == reason {
				fmt.Fprintf(w, "  %s:%d: %s\n", printable(f.Name), s.Line, s.Value)
				named++
			}
		}
		if rest := f.Reasons[reason] - named; rest > 0 {
			fmt.Fprintf(w, "  and %s more; --verbose names all\n", thousands(rest))
		}
	}
}

// reasons are the reasons for skipping, in the order in which they turned up.
func (f *fileReport) reasons() []string {
	var reasons []string
	for _, s := range f.Skipped {
		if !slices.Contains(reasons, s.Reason) {
			reasons = append(reasons, s.Reason)
		}
	}
	return reasons
}
