package watchlist

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/serverless-relay/relay/providers/watchlist/entry"
	"github.com/serverless-relay/relay/shared/ctim"
	"github.com/serverless-relay/relay/shared/text"
)

// externalIDPrefix starts the external ids of the watchlist.
const externalIDPrefix = "watchlist"

// match is an entry that counts for an observable.
type match struct {
	// asked is the observable as the platform wrote it. Responses must repeat it.
	asked ctim.Observable
	entry entry.Entry
	// covered reports that the entry is about something larger than the observable:
	// a network around it, or a domain above it.
	covered bool
	// valid is how long the judgement is valid.
	valid ctim.ValidTime
}

// validTime returns the entry's own bounds. If it has no end, that is validFor from
// the start of today, so that the response is the same all day.
func validTime(e entry.Entry, now time.Time, validFor time.Duration) ctim.ValidTime {
	today := ctim.Day(now)
	start := cmp.Or(e.ValidFrom, e.FirstSeen, e.Added)
	if start.After(now) {
		start = today
	}
	end := e.ValidUntil
	if end.IsZero() {
		end = today.Add(validFor)
	}
	return ctim.Between(start, end)
}

// addTo adds the entry's judgement, indicator, sighting and threats. Entries that share an
// indicator or a threat each add it: the server drops duplicates.
func (m match) addTo(b *ctim.Bundle) {
	judgement, indicator := m.judgement(), indicator(m.entry)
	element, member := ctim.ElementOf, ctim.MemberOf
	if m.entry.Pattern {
		element, member = ctim.BasedOn, ctim.SightingOf
	}
	b.Judgements = append(b.Judgements, judgement)
	b.Indicators = append(b.Indicators, indicator)
	b.Relationships = slices.Grow(b.Relationships, 2+len(m.entry.Indicates))
	b.Relationships = append(b.Relationships, ctim.Relate(judgement.ID, element, indicator.ID))
	if !m.entry.FirstSeen.IsZero() {
		sighting := m.sighting()
		b.Sightings = append(b.Sightings, sighting)
		b.Relationships = append(b.Relationships, ctim.Relate(sighting.ID, member, indicator.ID))
	}
	for _, t := range m.entry.Indicates {
		if id, ok := t.AddTo(b, externalIDPrefix, m.entry.Source); ok {
			b.Relationships = append(b.Relationships, ctim.Relate(indicator.ID, ctim.Indicates, id))
		}
	}
}

func (m match) judgement() ctim.Judgement {
	e := m.entry
	reason := m.reason()
	if e.Description != "" {
		reason += ": " + text.Shorten(strings.Join(strings.Fields(e.Description), " "), maxNote)
	}
	return ctim.Judgement{
		Base:        m.base("judgement", e.Disposition.String()),
		Observable:  m.asked,
		Disposition: e.Disposition,
		Severity:    cmp.Or(e.Severity, ctim.SeverityUnknown),
		Confidence:  cmp.Or(e.Confidence, ctim.ConfidenceUnknown),
		Priority:    e.Priority,
		ValidTime:   m.valid,
		Reason:      ctim.ShortString(reason),
		ReasonURI:   e.SourceURL,
	}
}

// maxNote is how many characters of an entry's description a judgement's reason has. The
// indicator has them all.
const maxNote = 300

// reason returns why the observable is listed, such as "Part of 'Parrot TDS', reported
// by Unit 42" or "Covered by evil.example (Ticket 4711)".
func (m match) reason() string {
	e := m.entry
	by := ", reported by " + e.Source
	if e.Source == entry.AnalystSource {
		by = ", added by an analyst"
	}
	mark := "marked as " + strings.ToLower(e.Disposition.String()) + " by an analyst"
	reason := ""
	switch {
	case m.covered && e.IsMark():
		reason = "Covered by " + e.Observable.Value + " (" + mark + ")"
	case m.covered:
		reason = "Covered by " + e.Observable.Value + " (" + listTitle(e) + ")"
	case e.IsMark():
		reason = "M" + mark[1:]
	case e.Title != "":
		reason = "Part of '" + e.Title + "'" + by
	case e.Source == entry.AnalystSource:
		reason = "Added by an analyst"
	default:
		reason = "Listed in " + e.Source
	}
	separator := ", together with "
	for _, o := range e.With {
		reason += separator + o.Value
		separator = ", "
	}
	return reason
}

func (m match) sighting() ctim.Sighting {
	e := m.entry
	return ctim.Sighting{
		Base:         m.base("sighting", e.FirstSeen.UTC().Format(time.RFC3339Nano)),
		Text:         ctim.Text{Title: ctim.ShortString(listTitle(e)), Description: ctim.LongString(e.Description)},
		Confidence:   cmp.Or(e.Confidence, ctim.ConfidenceUnknown),
		Severity:     e.Severity,
		Count:        1,
		ObservedTime: ctim.ObservedTime{Start: ctim.At(e.FirstSeen)},
		Observables:  []ctim.Observable{m.asked},
		Relations:    m.relations(),
	}
}

// base returns the fields that judgement and sighting share. The ids are derived from the
// entry's identity, the observable and more.
func (m match) base(kind, more string) ctim.Base {
	content := []string{string(m.asked.Type), m.asked.Value, m.entry.Key().Value, m.entry.Identity(), more}
	return ctim.Base{
		ID:          ctim.NewID(kind, content...),
		ExternalIDs: append([]string{ctim.NewExternalID(externalIDPrefix, kind, content...)}, m.entry.ExternalIDs...),
		Source:      ctim.MedString(m.entry.Source),
		SourceURI:   m.entry.SourceURL,
		TLP:         m.entry.TLP,
	}
}

// relations relate the observable to the domain that covers it, and to the others of
// its group.
func (m match) relations() []ctim.Relation {
	var relations []ctim.Relation
	relate := func(how ctim.RelationType, to ctim.Observable) {
		relations = append(relations, ctim.Relation{Origin: m.entry.Source, Relation: how, Source: m.asked, Related: to})
	}
	isDomain := entry.KeyOf(m.asked).Kind == entry.KindDomain
	if m.covered && m.entry.Key().Kind == entry.KindDomain {
		how := ctim.RelationSubDomainOf
		if !isDomain {
			how = ctim.RelationContains // a URL contains the domain
		}
		relate(how, m.entry.Observable)
	}
	for _, other := range m.entry.With {
		how := ctim.RelationRelatedTo
		if isDomain && entry.KeyOf(other).Kind == entry.KindIP {
			how = ctim.RelationResolvedTo
		}
		relate(how, other)
	}
	return relations
}

// indicator returns the list or report that the entry is part of. Its id is derived from
// all of its fields, so that a red entry never shares the indicator of a white one.
func indicator(e entry.Entry) ctim.Indicator {
	kind := indicatorType(e.Key().Kind)
	content := append([]string{e.Source, e.Title, e.Description, string(kind), string(e.TLP), e.SourceURL}, e.Tags...)
	indicator := ctim.Indicator{
		Base: ctim.Base{
			ID:          ctim.NewID("indicator", content...),
			ExternalIDs: []string{ctim.NewExternalID(externalIDPrefix, "indicator", content...)},
			Source:      ctim.MedString(e.Source),
			SourceURI:   e.SourceURL,
			TLP:         e.TLP,
		},
		Text:      ctim.Text{Title: ctim.ShortString(listTitle(e)), Description: ctim.LongString(e.Description)},
		Producer:  ctim.ShortString(e.Source),
		ValidTime: ctim.ValidTime{End: ctim.Forever()},
	}
	if kind != "" {
		indicator.IndicatorTypes = []ctim.IndicatorType{kind}
	}
	for _, tag := range e.Tags {
		indicator.Tags = append(indicator.Tags, ctim.ShortString(tag))
	}
	if e.SourceURL != "" {
		indicator.ExternalReferences = []ctim.ExternalReference{{SourceName: ctim.MedString(e.Source), URL: e.SourceURL}}
	}
	return indicator
}

// listTitle returns the title of the list or report that the entry is part of.
func listTitle(e entry.Entry) string {
	if e.Title == "" && e.Source == entry.AnalystSource {
		return "Added by an analyst"
	}
	return cmp.Or(e.Title, e.Source)
}

// indicatorType returns CTIM's word for a list of such values, or "" if it has none.
func indicatorType(kind entry.Kind) ctim.IndicatorType {
	switch kind {
	case entry.KindIP, entry.KindNetwork:
		return ctim.IndicatorIPWatchlist
	case entry.KindDomain:
		return ctim.IndicatorDomainWatchlist
	case entry.Kind(ctim.TypeURL):
		return ctim.IndicatorURLWatchlist
	case entry.Kind(ctim.TypeMD5), entry.Kind(ctim.TypeSHA1), entry.Kind(ctim.TypeSHA256):
		return ctim.IndicatorFileHashWatchlist
	case entry.Kind(ctim.TypeEmail), entry.Kind(ctim.TypeEmailSubject):
		return ctim.IndicatorMaliciousEMail
	case entry.Kind(ctim.TypeFileName), entry.Kind(ctim.TypeFilePath), entry.Kind(ctim.TypeMutex), entry.Kind(ctim.TypeRegistryKey):
		return ctim.IndicatorMalwareArtifacts
	default:
		return ""
	}
}
