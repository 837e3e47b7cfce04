package watchlist

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/serverless-relay/relay/providers/watchlist/entry"
	"github.com/serverless-relay/relay/shared/ctim"
)

// externalIDPrefix begins the external ids of all that the watchlist says.
const externalIDPrefix = "watchlist"

// match is an entry that counts for an observable, and how it was found.
type match struct {
	// asked is the observable as the platform wrote it: it wants that back.
	asked ctim.Observable
	// own is the key of asked, at the one under which the entry lies: the same,
	// or that of an enclosing network or parent domain.
	own, at  entry.Key
	entry    entry.Entry
	now      time.Time
	validFor time.Duration
}

// addTo adds all that the entry says about the observable, but for a verdict.
// Entries that share an indicator or a threat each bring it: the relay drops
// what is there twice.
func (m match) addTo(b *ctim.Bundle) {
	judgement, indicator := m.judgement(), m.indicator()
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
	return ctim.Judgement{
		Base:        m.base("judgement", e.Disposition.String()),
		Observable:  m.asked,
		Disposition: e.Disposition,
		Severity:    cmp.Or(e.Severity, ctim.SeverityUnknown),
		Confidence:  cmp.Or(e.Confidence, ctim.ConfidenceUnknown),
		Priority:    e.Priority,
		ValidTime:   m.validTime(),
		Reason:      ctim.ShortString(m.reason()),
		ReasonURI:   e.SourceURL,
	}
}

func (m match) sighting() ctim.Sighting {
	e := m.entry
	return ctim.Sighting{
		Base:         m.base("sighting", e.FirstSeen.UTC().Format(time.RFC3339Nano)),
		Text:         ctim.Text{Title: ctim.ShortString(m.listName()), Description: ctim.LongString(e.Description)},
		Confidence:   cmp.Or(e.Confidence, ctim.ConfidenceUnknown),
		Severity:     e.Severity,
		Count:        1,
		ObservedTime: ctim.ObservedTime{Start: ctim.At(e.FirstSeen)},
		Observables:  []ctim.Observable{m.asked},
		Relations:    m.relations(),
	}
}

// indicator is the list or report that the entry is part of. Its id comes from
// all that it says: entries share it only where they agree on that, so that one
// that may not be shared doesn't get the colour of one that may.
func (m match) indicator() ctim.Indicator {
	e := m.entry
	kind := m.indicatorType()
	content := append([]string{e.Source, e.Title, string(kind), string(e.TLP), e.SourceURL}, e.Tags...)
	indicator := ctim.Indicator{
		Base: ctim.Base{
			ID:          ctim.NewID("indicator", content...),
			ExternalIDs: []string{ctim.NewExternalID(externalIDPrefix, "indicator", content...)},
			Source:      ctim.MedString(e.Source),
			SourceURI:   e.SourceURL,
			TLP:         e.TLP,
		},
		Text:      ctim.Text{Title: ctim.ShortString(m.listName())},
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

// base is what the judgement and the sighting have in common. The ids come
// from the entry's identity, the observable, and what else is said.
func (m match) base(kind, more string) ctim.Base {
	content := []string{string(m.asked.Type), m.asked.Value, m.at.Value, m.entry.Identity(), more}
	return ctim.Base{
		ID:          ctim.NewID(kind, content...),
		ExternalIDs: append([]string{ctim.NewExternalID(externalIDPrefix, kind, content...)}, m.entry.ExternalIDs...),
		Source:      ctim.MedString(m.entry.Source),
		SourceURI:   m.entry.SourceURL,
		TLP:         m.entry.TLP,
	}
}

// validTime is the entry's own, or as long as the settings say from today: the
// day and not the minute, so that the same question has the same answer.
func (m match) validTime() ctim.ValidTime {
	e := m.entry
	today := m.now.UTC().Truncate(24 * time.Hour)
	start := cmp.Or(e.ValidFrom, e.FirstSeen, e.Added)
	if start.After(m.now) {
		start = today
	}
	end := e.ValidUntil
	if end.IsZero() {
		end = today.Add(m.validFor)
	}
	return ctim.Between(start, end)
}

// reason says in words why the observable is listed.
func (m match) reason() string {
	if m.entry.IsMark() {
		return "Marked as " + strings.ToLower(m.entry.Disposition.String()) + " by an analyst" + m.partOf()
	}
	reason := "Listed in " + m.listName()
	if m.entry.Title != "" {
		reason += " by " + m.entry.Source
	}
	reason += m.partOf()
	for i, o := range m.entry.With {
		if i == 0 {
			reason += " together with "
		} else {
			reason += ", "
		}
		reason += o.Value
	}
	return reason
}

// partOf says what larger thing is listed, if not the observable itself.
func (m match) partOf() string {
	if m.at == m.own {
		return ""
	}
	return " as part of " + m.at.Value
}

func (m match) listName() string {
	return cmp.Or(m.entry.Title, m.entry.Source)
}

// relations tell how the observable stands to what the entry is about.
func (m match) relations() []ctim.Relation {
	var relations []ctim.Relation
	relate := func(how ctim.RelationType, to ctim.Observable) {
		relations = append(relations, ctim.Relation{Origin: m.entry.Source, Relation: how, Source: m.asked, Related: to})
	}
	if m.at != m.own && m.at.Kind == entry.KindDomain {
		how := ctim.RelationSubDomainOf
		if m.own.Kind != entry.KindDomain {
			how = ctim.RelationContains // a URL has the domain in it
		}
		relate(how, m.entry.Observable)
	}
	for _, other := range m.entry.With {
		how := ctim.RelationRelatedTo
		if m.own.Kind == entry.KindDomain && entry.KeyOf(other).Kind == entry.KindIP {
			how = ctim.RelationResolvedTo
		}
		relate(how, other)
	}
	return relations
}

// indicatorType says what the list looks at, empty where CTIM has no word.
func (m match) indicatorType() ctim.IndicatorType {
	switch m.at.Kind {
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
