package formats

import (
	"encoding/json"
	"errors"
	"slices"
	"strconv"
	"time"

	"github.com/serverless-relay/relay/providers/watchlist/entry"
	"github.com/serverless-relay/relay/shared/ctim"
	"github.com/serverless-relay/relay/shared/lenient"
	"github.com/serverless-relay/relay/shared/normalize"
)

const (
	// extensionID identifies the extension of exported indicators. Don't change it.
	extensionID = "extension-definition--3f0c7f0e-52a4-5d0b-9d6e-6a1f5f0b7c21"
	// extensionName is the name of the relay in a bundle.
	extensionName = "serverless-relay"
	// extensionObject is the type of object in patterns for observables that STIX
	// doesn't have. Its properties are CTIM's types.
	extensionObject = "x-ctim-observable"
)

// entryExtension has the properties of an entry that STIX doesn't have, so that an
// exported indicator can be read back as the same entry: the one about the pattern's
// first observable.
type entryExtension struct {
	ExtensionType string `json:"extension_type"`
	// Types are the types of the pattern's observables, if its paths don't show them.
	Types       []ctim.ObservableType `json:"observable_types,omitempty"`
	Disposition ctim.Disposition      `json:"disposition"`
	Severity    ctim.Severity         `json:"severity,omitempty"`
	Confidence  ctim.Confidence       `json:"confidence,omitempty"`
	Priority    int                   `json:"priority"`
	Subdomains  bool                  `json:"subdomains,omitempty"`
	Title       string                `json:"title,omitempty"`
	SourceURL   string                `json:"source_url,omitempty"`
	ExternalIDs []string              `json:"external_ids,omitempty"`
	Pattern     bool                  `json:"from_pattern,omitempty"`
	FirstSeen   time.Time             `json:"first_seen,omitzero"`
	ValidFrom   time.Time             `json:"valid_from,omitzero"`
	Added       time.Time             `json:"added,omitzero"`
}

// extension returns the relay's extension of an indicator, or nil.
func (o *stixObject) extension() *entryExtension {
	raw, ok := o.Extensions[extensionID]
	if !ok {
		return nil
	}
	var x entryExtension
	if err := json.Unmarshal(raw, &x); err != nil {
		return nil // not written by a relay
	}
	return &x
}

// extend returns the extension of an entry's indicator.
func extend(e *entry.Entry, members []ctim.Observable) entryExtension {
	x := entryExtension{
		ExtensionType: "property-extension",
		Disposition:   e.Disposition,
		Severity:      e.Severity,
		Confidence:    e.Confidence,
		Priority:      e.Priority,
		Subdomains:    e.Subdomains,
		Title:         e.Title,
		SourceURL:     e.SourceURL,
		ExternalIDs:   e.ExternalIDs,
		Pattern:       e.Pattern,
		FirstSeen:     e.FirstSeen,
		ValidFrom:     e.ValidFrom,
		Added:         e.Added,
	}
	if slices.ContainsFunc(members, func(o ctim.Observable) bool { return o.Type == ctim.TypeHostname }) {
		for _, o := range members {
			x.Types = append(x.Types, o.Type)
		}
	}
	return x
}

// apply sets an entry's properties to the extension's, except invalid ones: anybody may
// have written it.
func (x *entryExtension) apply(e *entry.Entry) {
	e.Disposition, _ = ParseDisposition(strconv.Itoa(int(x.Disposition)))
	e.Severity, _ = ParseSeverity(string(x.Severity))
	e.Confidence, _ = ParseConfidence(string(x.Confidence))
	e.Priority = min(max(x.Priority, 0), 100)
	e.Subdomains = x.Subdomains
	e.Title = x.Title
	e.SourceURL = normalize.WebURL(x.SourceURL)
	e.ExternalIDs = x.ExternalIDs
	e.Pattern = x.Pattern
	e.FirstSeen, _ = lenient.Writable(x.FirstSeen)
	e.ValidFrom, _ = lenient.Writable(x.ValidFrom)
	e.Added, _ = lenient.Writable(x.Added)
}

// retype sets the types of a match's observables to the extension's.
func (x *entryExtension) retype(m *match) error {
	if x == nil || len(m.groups) != 1 || len(x.Types) != len(m.groups[0]) {
		return nil
	}
	for i, t := range x.Types {
		if !isObservableType(t) {
			return errors.New(typeProblem(string(t)))
		}
		retyped, err := normalize.Observable(ctim.Observable{Type: t, Value: m.groups[0][i].Value})
		if err != nil {
			return err
		}
		m.groups[0][i] = retyped
	}
	return nil
}
