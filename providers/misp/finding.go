package misp

import (
	"cmp"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/serverless-relay/relay/shared/ctim"
	"github.com/serverless-relay/relay/shared/mispevent"
	"github.com/serverless-relay/relay/shared/text"
	"github.com/serverless-relay/relay/shared/threat"
)

// externalIDPrefix starts the provider's external ids.
const externalIDPrefix = "misp"

// priority is below CTIM's 90 for automated systems, since people create some events.
const priority = 85

// Limits of an event's links and threats in a response. Some events have hundreds.
const (
	maxLinks   = 10
	maxThreats = 50
)

// finding is an event with the observable in it.
type finding struct {
	event  *mispevent.Event
	target target
	// page is the address of the event's page, or empty.
	page string
	// matches are the attributes with the observable, at least one.
	matches []match
	now     time.Time
}

// eventPage returns the address of an event's page, or "" for one without a UUID.
func (s *session) eventPage(e *mispevent.Event) string {
	if e.UUID == "" {
		return ""
	}
	return s.Call().URL("/events/view/" + url.PathEscape(string(e.UUID)))
}

// assess returns the assessment that decides among those of the attributes.
func (f finding) assess() assessment {
	decides := f.matches[0].assess(f.now)
	for _, m := range f.matches[1:] {
		if a := m.assess(f.now); a.outranks(decides, f.now) {
			decides = a
		}
	}
	return decides
}

// addTo adds the event's entities about the observable to b.
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
		if id, ok := t.AddTo(b, externalIDPrefix, title); ok {
			b.Relationships = append(b.Relationships, ctim.Relate(indicator.ID, ctim.Indicates, id))
		}
	}
}

// judgement returns the event's judgement of the observable.
func (f finding) judgement() ctim.Judgement {
	a := f.assess()
	base := f.base("judgement", a.disposition.String())
	for _, m := range f.matches {
		if m.attribute.UUID != "" {
			base.ExternalIDs = append(base.ExternalIDs, string(m.attribute.UUID))
		}
	}
	return ctim.Judgement{
		Base:        base,
		Observable:  f.target.asked,
		Disposition: a.disposition,
		Severity:    severities[a.disposition],
		Confidence:  a.confidence,
		Priority:    priority,
		ValidTime:   a.valid,
		Reason:      ctim.ShortString(strings.Join(append([]string{f.origin()}, a.remarks...), "; ")),
		ReasonURI:   f.page,
	}
}

// origin names the event in a sentence.
func (f finding) origin() string {
	text := fmt.Sprintf("Part of '%s' in %s", f.title(), title)
	if producer := f.event.Producer(); producer != "" {
		text += ", reported by " + producer
	}
	return text
}

// report returns the event itself as a sighting.
func (f finding) report() ctim.Sighting {
	var categories, comments []string
	var relations []ctim.Relation
	observed := ctim.ObservedTime{Start: ctim.At(f.day())}
	for _, m := range f.matches {
		categories = appendNew(categories, string(m.attribute.Category))
		comments = appendNew(comments, string(m.attribute.Comment))
		comments = appendNew(comments, m.part.Note)
		relations = append(relations, f.resolutions(m)...)
	}
	if a := f.matches[0].attribute; !a.FirstSeen.IsZero() {
		observed.Start = ctim.At(a.FirstSeen.Time)
		if a.LastSeen.After(a.FirstSeen.Time) {
			observed.End = ctim.At(a.LastSeen.Time)
		}
	}
	a := f.assess()
	confidence := ctim.ConfidenceHigh
	if a.confidence == ctim.ConfidenceLow {
		confidence = ctim.ConfidenceLow
	}
	return ctim.Sighting{
		Base: f.base("sighting", "report"),
		Text: ctim.Text{
			Title:            ctim.ShortString(f.title()),
			ShortDescription: ctim.MedString(strings.Join(comments, "; ")),
			Description:      ctim.LongString("Category: " + cmp.Or(strings.Join(categories, ", "), "none")),
		},
		Confidence:   confidence,
		Severity:     severities[a.disposition],
		Count:        1,
		ObservedTime: observed,
		Observables:  []ctim.Observable{f.target.asked},
		Relations:    relations,
	}
}

// seen returns the sightings that organisations added to the attributes as one. ok is
// false if there are none.
func (f finding) seen() (sighting ctim.Sighting, ok bool) {
	var count int
	var first, last time.Time
	var organisations, sources []string
	for _, m := range f.matches {
		for _, s := range m.sightings() {
			if s.Type != mispevent.Seen || s.Date.IsZero() {
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

// indicator returns the event as an indicator. It is the same for every observable.
func (f finding) indicator() ctim.Indicator {
	e := f.event
	indicator := ctim.Indicator{
		Base: ctim.Base{
			ID:          ctim.NewID("indicator", f.identity()...),
			ExternalIDs: []string{ctim.NewExternalID(externalIDPrefix, "indicator", f.identity()...)},
			Source:      title,
			SourceURI:   f.page,
			TLP:         mispevent.TLP(e.Tags),
			Timestamp:   ctim.At(e.Timestamp.Time),
		},
		Text:      ctim.Text{Title: ctim.ShortString(f.title())},
		Producer:  ctim.ShortString(cmp.Or(e.Producer(), title)),
		ValidTime: ctim.Between(f.day(), ctim.Forever().Time),
		Severity:  e.Severity(),
	}
	if e.UUID != "" {
		indicator.ExternalIDs = append(indicator.ExternalIDs, string(e.UUID))
		indicator.ExternalReferences = []ctim.ExternalReference{{SourceName: title, ExternalID: string(e.UUID), URL: f.page}}
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

// threats returns the threats that the event and the attributes name.
func (f finding) threats() []threat.Threat {
	threats := f.event.Threats()
	for _, m := range f.matches {
		threats = mispevent.AppendThreats(threats, m.attribute.Galaxies, m.attribute.Tags)
	}
	return threats[:min(len(threats), maxThreats)]
}

// resolutions returns the relations in an attribute such as domain|ip.
func (f finding) resolutions(m match) []ctim.Relation {
	parts, _ := m.attribute.Parts()
	if len(parts) != 2 || parts[0].Observable.Type != ctim.TypeDomain || parts[1].Observable.Type != ctim.TypeIP {
		return nil
	}
	var ends [2]ctim.Observable
	for i, part := range parts {
		end, err := newTarget(part.Observable)
		if err != nil {
			return nil
		}
		if ends[i] = end.normal; end.key() == f.target.key() {
			ends[i] = f.target.asked
		}
	}
	return []ctim.Relation{{Origin: title, OriginURI: f.page, Relation: ctim.RelationResolvedTo, Source: ends[0], Related: ends[1]}}
}

// base returns the Base of the judgement or of a sighting. Their ids are derived from the
// event, the observable and more.
func (f finding) base(kind, more string) ctim.Base {
	content := append(f.identity(), string(f.target.asked.Type), f.target.asked.Value, more)
	colour := mispevent.TLP(f.event.Tags)
	for _, m := range f.matches {
		colour = colour.Stricter(mispevent.TLP(m.attribute.Tags))
	}
	return ctim.Base{
		ID:          ctim.NewID(kind, content...),
		ExternalIDs: []string{ctim.NewExternalID(externalIDPrefix, kind, content...)},
		Source:      title,
		SourceURI:   f.page,
		TLP:         colour,
		Timestamp:   ctim.At(f.event.Timestamp.Time),
	}
}

// identity returns the texts that identify the event.
func (f finding) identity() []string {
	if f.page != "" {
		return []string{f.page}
	}
	return []string{f.event.Producer(), string(f.event.Info), f.day().Format(time.DateOnly)}
}

func (f finding) title() string {
	return cmp.Or(string(f.event.Info), fmt.Sprintf("Event %s", cmp.Or(f.event.UUID, "without a name")))
}

// name returns the title, shortened for a menu.
func (f finding) name() string {
	return text.Shorten(f.title(), 80)
}

// day returns the day that the event is about, or otherwise that of its last change.
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

// appendNew appends a text that is neither empty nor in the list.
func appendNew(list []string, text string) []string {
	if text == "" || slices.Contains(list, text) {
		return list
	}
	return append(list, text)
}
