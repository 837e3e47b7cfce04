// Package entry defines what a watchlist contains: entries about observables, the
// keys under which they are found, the history of changes, and the Store that
// keeps all of it. Packages bolt and dynamo implement Store.
package entry

import (
	"cmp"
	"errors"
	"strings"
	"time"

	"github.com/serverless-relay/relay/shared/ctim"
	"github.com/serverless-relay/relay/shared/threat"
)

// Entry is what one source says about one observable. Sources don't overwrite
// one another: an address that two feeds and an analyst know has three entries,
// and CTIM's verdict rule decides between them.
type Entry struct {
	// Observable is what the entry is about, as normalize.Observable leaves it.
	// An "ip" or "ipv6" may be a network in CIDR form; it stands for every
	// address inside.
	Observable ctim.Observable `json:"observable"`
	// With are further observables that must be asked about in the same request
	// for the entry to count. A STIX pattern "a AND b" becomes an entry for a
	// with b, and one for b with a: half of it alone is not malicious.
	With []ctim.Observable `json:"with,omitempty"`
	// Subdomains makes a domain stand for all domains below it and all URLs on
	// them too.
	Subdomains bool `json:"subdomains,omitempty"`

	Disposition ctim.Disposition `json:"disposition"`
	Severity    ctim.Severity    `json:"severity,omitempty"`
	Confidence  ctim.Confidence  `json:"confidence,omitempty"`
	// Priority is CTIM's, from 0 to 100: ctim.PriorityHuman for what a person
	// added by hand, ctim.PriorityCurated for an imported list.
	Priority int      `json:"priority"`
	TLP      ctim.TLP `json:"tlp,omitempty"`

	// Title names what the entry is part of: the report, event or list. Entries
	// of one source and title share one indicator in an answer.
	Title       string   `json:"title,omitempty"`
	Description string   `json:"description,omitempty"`
	Tags        []string `json:"tags,omitempty"`
	// Source names who says so, and with the observable identifies the entry.
	// SourceURL is where it can be read.
	Source    string `json:"source"`
	SourceURL string `json:"source_url,omitempty"`
	// ExternalIDs name the entry in its source, such as a STIX indicator's id.
	ExternalIDs []string `json:"external_ids,omitempty"`
	// Pattern says that the source gave a detection pattern, not a bare value.
	Pattern bool `json:"pattern,omitempty"`

	// FirstSeen is when the source saw the observable, zero where it doesn't
	// say: no sighting then.
	FirstSeen time.Time `json:"first_seen,omitzero"`
	// ValidFrom and ValidUntil bound the entry; zero means no bound.
	ValidFrom  time.Time `json:"valid_from,omitzero"`
	ValidUntil time.Time `json:"valid_until,omitzero"`

	// Indicates are the malware, actors and techniques that the source connects
	// with the observable.
	Indicates []threat.Threat `json:"indicates,omitempty"`

	// Added is when the entry came into the watchlist. The store sets it.
	Added time.Time `json:"added,omitzero"`
}

// AnalystSource is the source of what a person adds by hand.
const AnalystSource = "analyst"

// SourceName returns the source, or "watchlist" if there is none: a response must
// name one.
func (e *Entry) SourceName() string { return cmp.Or(e.Source, "watchlist") }

// IsMark reports whether the entry is the one that the actions add and change: of
// AnalystSource, without a title.
func (e *Entry) IsMark() bool {
	return e.Source == AnalystSource && e.Title == "" && len(e.With) == 0
}

// IsValid reports whether now is between the entry's bounds. The end is exclusive.
func (e *Entry) IsValid(now time.Time) bool {
	return !e.ValidFrom.After(now) && (e.ValidUntil.IsZero() || now.Before(e.ValidUntil))
}

// Check says why an entry may not be on a list: it would match nearly all.
func (e *Entry) Check() error {
	if e.Subdomains && KeyOf(e.Observable).Kind == KindDomain && !strings.Contains(e.Observable.Value, ".") {
		return errors.New("all names under one without a dot: it would match too much")
	}
	return nil
}
