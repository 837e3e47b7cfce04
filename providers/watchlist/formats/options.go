package formats

import (
	"cmp"
	"slices"
	"time"

	"github.com/serverless-relay/relay/providers/watchlist/entry"
	"github.com/serverless-relay/relay/shared/ctim"
)

// Format is a kind of file.
type Format string

// The formats that Read knows.
const (
	STIX Format = "stix"
	MISP Format = "misp"
	JSON Format = "json" // objects whose keys are columns
	CSV  Format = "csv"
	List Format = "list"
)

// Options say how to read a file. The zero value takes everything from the
// file.
type Options struct {
	// Format is what the file is. If it is empty, Read finds out.
	Format Format
	// Columns say which columns of a table are what. If there are none, Read finds
	// out.
	Columns []ColumnChoice
	// Type is what the values of a list are, and those of a table that doesn't say.
	// It is a type of CTIM, or empty if each value shows it.
	Type ctim.ObservableType
	// Source overrides the source. Otherwise it is the identity that created a STIX
	// indicator, a MISP event's organisation, the source in a table's row, or the
	// file's name without folder and extension.
	Source string
	// Disposition overrides the file's. An entry without either is Malicious.
	Disposition ctim.Disposition
	// Priority overrides ctim.PriorityCurated.
	Priority int

	// Severity, Confidence, TLP and ValidUntil are for entries that have none in
	// the file.
	Severity   ctim.Severity
	Confidence ctim.Confidence
	TLP        ctim.TLP
	ValidUntil time.Time
	// Tags are added to those in the file.
	Tags []string
	// Subdomains makes every domain stand for all below it too. One without a
	// dot is skipped then.
	Subdomains bool

	// All reads MISP attributes that aren't meant for detection too. They are
	// Suspicious, with low confidence.
	All bool
}

// complete fills in what an entry's file left open. The problem is why there can
// be no such entry, and empty if there can.
func (o *Options) complete(e *entry.Entry) (problem string) {
	e.Disposition = cmp.Or(o.Disposition, e.Disposition, ctim.Malicious)
	e.Severity = cmp.Or(e.Severity, o.Severity)
	e.Confidence = cmp.Or(e.Confidence, o.Confidence)
	e.TLP = cmp.Or(e.TLP, o.TLP)
	if e.ValidUntil.IsZero() {
		e.ValidUntil = o.ValidUntil
	}
	e.Tags = union(e.Tags, o.Tags)
	if isDomain(e.Observable.Type) {
		e.Subdomains = e.Subdomains || o.Subdomains
	}
	if err := e.Check(); err != nil {
		return err.Error()
	}
	return ""
}

// blank is an entry to start from.
func (o *Options) blank() entry.Entry {
	return entry.Entry{Priority: cmp.Or(o.Priority, ctim.PriorityCurated)}
}

func isDomain(t ctim.ObservableType) bool {
	return t == ctim.TypeDomain || t == ctim.TypeHostname
}

// union appends to a what is in b but not in a.
func union(a, b []string) []string {
	if len(a) == 0 {
		return b
	}
	for _, text := range b {
		if !slices.Contains(a, text) {
			a = append(slices.Clip(a), text)
		}
	}
	return a
}
