package formats

import (
	"cmp"
	"slices"
	"strings"
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

// Options configure Read. The zero value detects everything.
type Options struct {
	// Format is the file's format. If it is empty, Read detects it.
	Format Format
	// Columns are the roles of a table's columns. If there are none, Read detects
	// them.
	Columns []ColumnChoice
	// Type is the type of the values in a list, or in a table without types. If it is
	// empty, each value shows its type.
	Type ctim.ObservableType
	// Source overrides the source in the file: the creator of a STIX indicator, a MISP
	// event's organisation, or a row's source. Entries without one have the file's name
	// without folder and extension.
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
	// Subdomains makes every domain match its subdomains too. Domains without a dot
	// are then skipped.
	Subdomains bool

	// All includes MISP attributes that aren't marked for detection, as Suspicious
	// with low confidence.
	All bool
}

// complete applies the options to an entry. problem is the reason why it is invalid, or
// "".
func (o *Options) complete(e *entry.Entry) (problem string) {
	e.Disposition = cmp.Or(o.Disposition, e.Disposition, ctim.Malicious)
	e.Severity = cmp.Or(e.Severity, o.Severity)
	e.Confidence = cmp.Or(e.Confidence, o.Confidence)
	e.TLP = cmp.Or(e.TLP, o.TLP)
	e.ValidUntil = cmp.Or(e.ValidUntil, o.ValidUntil)
	e.Tags = union(e.Tags, o.Tags)
	e.Subdomains = e.Subdomains || o.Subdomains && isDomain(e.Observable.Type)
	if err := e.Check(); err != nil {
		return err.Error()
	}
	return ""
}

// blank returns an entry with the priority only.
func (o *Options) blank() entry.Entry {
	return entry.Entry{Priority: cmp.Or(o.Priority, ctim.PriorityCurated)}
}

func isDomain(t ctim.ObservableType) bool {
	return t == ctim.TypeDomain || t == ctim.TypeHostname
}

// isOneLabel reports whether an observable is a name without a dot.
func isOneLabel(o ctim.Observable) bool { return isDomain(o.Type) && !strings.Contains(o.Value, ".") }

// union appends to a the items of b that a doesn't contain.
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
