// Package entry defines what a watchlist contains: entries about observables, the
// keys under which they are found, the history of changes, and the Store that
// keeps all of it. Packages bolt and dynamo implement Store.
package entry

import (
	"cmp"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/serverless-relay/relay/shared/ctim"
	"github.com/serverless-relay/relay/shared/threat"
)

// Entry is one source's statement about one observable. Sources never overwrite one
// another: an address in two feeds and in an analyst's list has three entries, and CTIM's
// verdict rule decides between them.
type Entry struct {
	// Observable is normalized. An "ip" or "ipv6" may be a network in CIDR form. Then
	// the entry covers every address in it.
	Observable ctim.Observable `json:"observable"`
	// With are other observables that the same request must contain for the entry to
	// count. The STIX pattern "a AND b" becomes an entry for a with b, and one for b
	// with a: one of them alone is not malicious.
	With []ctim.Observable `json:"with,omitempty"`
	// Subdomains makes the entry cover all subdomains of a domain, and the URLs on them.
	Subdomains bool `json:"subdomains,omitempty"`

	Disposition ctim.Disposition `json:"disposition"`
	Severity    ctim.Severity    `json:"severity,omitempty"`
	Confidence  ctim.Confidence  `json:"confidence,omitempty"`
	// Priority is CTIM's, from 0 to 100: ctim.PriorityHuman for entries of a person,
	// ctim.PriorityCurated for imported ones.
	Priority int      `json:"priority"`
	TLP      ctim.TLP `json:"tlp,omitempty"`

	// Title is that of the report, event or list that the entry is part of.
	Title       string   `json:"title,omitempty"`
	Description string   `json:"description,omitempty"`
	Tags        []string `json:"tags,omitempty"`
	// Source is the name of the feed or organisation. SourceURL is its page about the
	// entry. Source, title and observables identify the entry: see Identity.
	Source    string `json:"source"`
	SourceURL string `json:"source_url,omitempty"`
	// ExternalIDs identify the entry in its source, such as a STIX indicator's id.
	ExternalIDs []string `json:"external_ids,omitempty"`
	// Pattern reports that the source published a detection pattern, not only a value.
	Pattern bool `json:"pattern,omitempty"`

	// FirstSeen is when the source saw the observable. If it is zero, there is no
	// sighting.
	FirstSeen time.Time `json:"first_seen,omitzero"`
	// ValidFrom and ValidUntil bound the entry. Zero is no bound.
	ValidFrom  time.Time `json:"valid_from,omitzero"`
	ValidUntil time.Time `json:"valid_until,omitzero"`

	// Indicates are the malware, actors and techniques that the observable indicates.
	Indicates []threat.Threat `json:"indicates,omitempty"`

	// Added is when the entry was added to the watchlist. The store sets it.
	Added time.Time `json:"added,omitzero"`
}

// AnalystSource is the source of entries that a person adds by hand.
const AnalystSource = "analyst"

// SourceName returns the source or, if there is none, "watchlist": a response must name
// one.
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

// Check returns an error if the entry would match nearly everything.
func (e *Entry) Check() error {
	if e.Subdomains && KeyOf(e.Observable).Kind == KindDomain && !strings.Contains(e.Observable.Value, ".") {
		return errors.New("all subdomains of a name without a dot: it would match too much")
	}
	return nil
}

// Key returns the entry's key.
func (e *Entry) Key() Key { return KeyOf(e.Observable) }

// Identity identifies the entry among those with its key, by its source, title and
// With. An entry replaces the one with the same identity.
func (e *Entry) Identity() string {
	parts := []string{e.Source, e.Title}
	for _, o := range e.With {
		parts = append(parts, string(o.Type), o.Value)
	}
	return strings.Join(parts, "\x00")
}

// Merge merges more entries into those with the same key. An entry replaces the one
// with the same identity and keeps its time in Added. New entries with a zero Added get
// the current time.
func Merge(among, more []Entry) (all []Entry, result PutResult) {
	if len(among) == 0 && len(more) == 1 { // without a map, since imports do this most
		e := more[0]
		if e.Added.IsZero() {
			e.Added = now()
		}
		return []Entry{e}, PutResult{Added: 1}
	}
	all = slices.Clone(among)
	at := make(map[string]int, len(among)+len(more))
	for i := range among {
		at[among[i].Identity()] = i
	}
	for _, e := range more {
		identity := e.Identity()
		i, there := at[identity]
		if !there {
			if e.Added.IsZero() {
				e.Added = now()
			}
			at[identity] = len(all)
			all = append(all, e)
			result.Added++
			continue
		}
		e.Added = all[i].Added
		if e.stored() == all[i].stored() {
			result.Unchanged++
			continue
		}
		all[i] = e
		result.Updated++
	}
	return all, result
}

// stored returns the entry as stores keep it.
func (e *Entry) stored() string { return string(AppendBinary(nil, "", *e)) }
