package misp

import (
	"cmp"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/serverless-relay/relay/providers/misp/internal/client"
	"github.com/serverless-relay/relay/shared/ctim"
	"github.com/serverless-relay/relay/shared/misp"
	"github.com/serverless-relay/relay/shared/normalize"
	"github.com/serverless-relay/relay/shared/threat"
)

// externalIDPrefix begins the external ids of all that the provider says.
const externalIDPrefix = "misp"

// priority is below what CTIM recommends for automated systems: some events are
// made by people, some by machines.
const priority = 85

// How many of the pages that an event refers to, and of the threats that it
// names, go with it. Some name all that there is.
const (
	maxLinks   = 10
	maxThreats = 50
)

// finding is an event in which the observable is.
type finding struct {
	event  *misp.Event
	target target
	// page is where people read the event, empty where it can't be told.
	page string
	// matches are at least one.
	matches []match
	now     time.Time
}

// eventPage is the page of an event, empty for one without an id.
func (s *session) eventPage(e *misp.Event) string {
	if e.UUID == "" {
		return ""
	}
	return s.client.Page("/events/view/" + url.PathEscape(string(e.UUID)))
}

// addTo adds all that the event says about the observable, but for a verdict.
func (f finding) addTo(b *ctim.Bundle) {
	judgement, report, indicator := f.judgement(), f.report(), f.indicator()
	b.Judgements = append(b.Judgements, judgement)
	b.Sightings = append(b.Sightings, report)
	b.Indicators = append(b.Indicators, indicator)
	b.Relationships = append(b.Relationships,
		ctim.Relate(judgement.ID, ctim.ElementOf, indicator.ID), ctim.Relate(report.ID, ctim.MemberOf, indicator.ID))
	if seen, ok := f.seen(); ok {
		b.Sightings = append(b.Sightings, seen)
		b.Relationships = append(b.Relationships, ctim.Relate(seen.ID, ctim.MemberOf, indicator.ID))
	}
	for _, t := range f.threats() {
		if id, ok := t.AddTo(b, externalIDPrefix, client.Title); ok {
			b.Relationships = append(b.Relationships, ctim.Relate(indicator.ID, ctim.Indicates, id))
		}
	}
}

// judgement is what the event says about the observable.
func (f finding) judgement() ctim.Judgement {
	worst := f.worst()
	base := f.base("judgement", worst.disposition.String())
	for _, m := range f.matches {
		if m.attribute.UUID != "" {
			base.ExternalIDs = append(base.ExternalIDs, string(m.attribute.UUID))
		}
	}
	return ctim.Judgement{
		Base:        base,
		Observable:  f.target.asked,
		Disposition: worst.disposition,
		Severity:    cmp.Or(f.event.Severity(), ctim.SeverityUnknown),
		Confidence:  worst.confidence,
		Priority:    priority,
		ValidTime:   worst.valid,
		Reason:      ctim.ShortString(strings.Join(append([]string{"In the MISP event " + f.title()}, worst.remarks...), "; ")),
		ReasonURI:   f.page,
	}
}

// report is that the event has the observable.
func (f finding) report() ctim.Sighting {
	var categories, comments []string
	var relations []ctim.Relation
	confidence := ctim.ConfidenceLow
	observed := ctim.ObservedTime{Start: ctim.At(f.day())}
	for _, m := range f.matches {
		categories = appendNew(categories, string(m.attribute.Category))
		comments = appendNew(comments, string(m.attribute.Comment))
		comments = appendNew(comments, m.part.Note)
		relations = append(relations, f.resolved(m)...)
		if bool(m.attribute.ToIDs) && !m.part.Weak {
			confidence = ctim.ConfidenceHigh
		}
	}
	if a := f.matches[0].attribute; !a.FirstSeen.IsZero() {
		observed.Start = ctim.At(a.FirstSeen.Time)
		if a.LastSeen.After(a.FirstSeen.Time) {
			observed.End = ctim.At(a.LastSeen.Time)
		}
	}
	return ctim.Sighting{
		Base: f.base("sighting", "report"),
		Text: ctim.Text{
			Title:            ctim.ShortString(f.title()),
			ShortDescription: ctim.MedString(strings.Join(comments, "; ")),
			Description:      ctim.LongString("Category: " + cmp.Or(strings.Join(categories, ", "), "none")),
		},
		Confidence:   confidence,
		Severity:     f.event.Severity(),
		Count:        1,
		ObservedTime: observed,
		Observables:  []ctim.Observable{f.target.asked},
		Relations:    relations,
	}
}

// seen is that organisations saw the observable, if any did.
func (f finding) seen() (ctim.Sighting, bool) {
	var count int
	var first, last time.Time
	var organisations, sources []string
	for _, m := range f.matches {
		for _, s := range m.attribute.Sightings {
			if s.Type != misp.Seen || s.Date.IsZero() {
				continue
			}
			count++
			if first.IsZero() || s.Date.Before(first) {
				first = s.Date.Time
			}
			if s.Date.After(last) {
				last = s.Date.Time
			}
			organisations = appendNew(organisations, string(s.Org.Name))
			sources = appendNew(sources, string(s.Source))
		}
	}
	if count == 0 {
		return ctim.Sighting{}, false
	}
	description := "Seen" + by(organisations)
	if len(sources) > 0 {
		description += "\n\nSources: " + strings.Join(sources, ", ")
	}
	return ctim.Sighting{
		Base:         f.base("sighting", "seen"),
		Text:         ctim.Text{Title: "Sightings in MISP", Description: ctim.LongString(description)},
		Confidence:   ctim.ConfidenceHigh,
		Count:        count,
		ObservedTime: ctim.ObservedTime{Start: ctim.At(first), End: ctim.At(last)},
		Observables:  []ctim.Observable{f.target.asked},
	}, true
}

// indicator is the event. It says the same whatever observable was asked about.
func (f finding) indicator() ctim.Indicator {
	e := f.event
	indicator := ctim.Indicator{
		Base: ctim.Base{
			ID:          ctim.NewID("indicator", f.identity()...),
			ExternalIDs: []string{ctim.NewExternalID(externalIDPrefix, "indicator", f.identity()...)},
			Source:      client.Title,
			SourceURI:   f.page,
			TLP:         misp.TLP(e.Tags),
			Timestamp:   ctim.At(e.Timestamp.Time),
		},
		Text:      ctim.Text{Title: ctim.ShortString(f.title())},
		Producer:  ctim.ShortString(cmp.Or(e.Producer(), client.Title)),
		ValidTime: ctim.Between(f.day(), ctim.Forever().Time),
		Severity:  e.Severity(),
	}
	if e.UUID != "" {
		indicator.ExternalIDs = append(indicator.ExternalIDs, string(e.UUID))
		indicator.ExternalReferences = []ctim.ExternalReference{{SourceName: client.Title, ExternalID: string(e.UUID), URL: f.page}}
	}
	links := e.Links()
	for _, page := range links[:min(len(links), maxLinks)] {
		indicator.ExternalReferences = append(indicator.ExternalReferences, ctim.ExternalReference{SourceName: ctim.MedString(indicator.Producer), URL: page})
	}
	for _, tag := range e.Tags {
		if tag.Name != "" {
			indicator.Tags = append(indicator.Tags, ctim.ShortString(tag.Name))
		}
	}
	return indicator
}

// threats are what the event and the attributes that count name.
func (f finding) threats() []threat.Threat {
	threats := f.event.Threats()
	for _, m := range f.matches {
		threats = misp.AppendThreats(threats, m.attribute.Galaxies, m.attribute.Tags)
	}
	return threats[:min(len(threats), maxThreats)]
}

// resolved are the relations that an attribute such as domain|ip tells.
func (f finding) resolved(m match) []ctim.Relation {
	parts, _ := m.attribute.Parts()
	if len(parts) != 2 || parts[0].Observable.Type != ctim.TypeDomain || parts[1].Observable.Type != ctim.TypeIP {
		return nil
	}
	var ends [2]ctim.Observable
	for i, part := range parts {
		normal, err := normalize.Observable(part.Observable)
		if err != nil {
			return nil
		}
		if ends[i] = normal; class(normal.Type) == class(f.target.normal.Type) && f.target.is(normal) {
			ends[i] = f.target.asked
		}
	}
	return []ctim.Relation{{Origin: client.Title, OriginURI: f.page, Relation: ctim.RelationResolvedTo, Source: ends[0], Related: ends[1]}}
}

// base is what the judgement and the sightings have in common. The ids come
// from the event, the observable and what else is said.
func (f finding) base(kind, more string) ctim.Base {
	content := append(f.identity(), string(f.target.asked.Type), f.target.asked.Value, more)
	colour := misp.TLP(f.event.Tags)
	for _, m := range f.matches {
		colour = colour.Stricter(misp.TLP(m.attribute.Tags))
	}
	return ctim.Base{
		ID:          ctim.NewID(kind, content...),
		ExternalIDs: []string{ctim.NewExternalID(externalIDPrefix, kind, content...)},
		Source:      client.Title,
		SourceURI:   f.page,
		TLP:         colour,
		Timestamp:   ctim.At(f.event.Timestamp.Time),
	}
}

// identity tells the event from all others.
func (f finding) identity() []string {
	if f.page != "" {
		return []string{f.page}
	}
	return []string{f.event.Producer(), string(f.event.Info), f.day().Format(time.DateOnly)}
}

func (f finding) title() string {
	return cmp.Or(string(f.event.Info), fmt.Sprintf("Event %s", cmp.Or(f.event.UUID, "without a name")))
}

// day is the day that the event is about, or where it doesn't say the one on
// which it was changed.
func (f finding) day() time.Time {
	day := f.event.Date.Time
	if day.IsZero() {
		day = f.event.Timestamp.Time
	}
	if day.IsZero() || day.After(f.now) {
		day = f.now.UTC().Truncate(24 * time.Hour)
	}
	return day
}

// appendNew adds a text that is neither empty nor there yet.
func appendNew(list []string, text string) []string {
	if text == "" || slices.Contains(list, text) {
		return list
	}
	return append(list, text)
}
