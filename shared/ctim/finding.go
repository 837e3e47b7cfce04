package ctim

import (
	"cmp"
	"slices"
	"time"
)

// Finding describes what one source knows about one observable. Bundle returns the
// entities and relationships for it. The zero value means that nothing is known.
type Finding struct {
	// Provider is the provider's name, Source the third party's title, and Page the
	// page about the observable. Package lookup sets them, and the Observable of the
	// request.
	Provider, Source, Page string
	Observable             Observable

	// Disposition is the source's judgement. It is zero if the source knows the
	// observable but doesn't judge it.
	Disposition Disposition
	// Severity is derived from the disposition by default.
	Severity Severity
	// Confidence is medium by default.
	Confidence Confidence
	// Priority is from 0 to 100; PriorityAutomated by default.
	Priority int
	// Reason explains the disposition in a few words.
	Reason string
	// Since and Until are the judgement's period. By default it starts today and lasts
	// ValidDays.
	Since, Until time.Time
	// Key distinguishes the judgement from others on the observable. Its id is derived
	// from it. By default the key is the disposition and the reason.
	Key []string

	// Seen are sightings of the observable.
	Seen []Seen
	// PartOf are the indicators of the judgement and of all sightings.
	PartOf []Part
	// Relations relate the observable to others. They are added to all sightings. A
	// relation to an observable without a value, or of a type that CTIM lacks, is dropped.
	Relations []Relation
}

// ValidDays is how many days a judgement without an end is valid.
const ValidDays = 30

// Seen is one sighting of an observable. A Disposition adds a judgement, such as that of
// a user's report.
type Seen struct {
	// At is when the observable was seen; today by default. Until is the end if it was
	// seen for some time.
	At, Until time.Time
	// Title and Text describe the sighting.
	Title, Text string
	// URL is the sighting's page; the finding's by default.
	URL string
	// TLP limits who may see the sighting and its judgement.
	TLP TLP
	// Count is how often the observable was seen, at least 1, which is the default.
	Count int
	// Severity is that of the sighting's judgement, or of the finding's, by default.
	// Confidence is medium by default.
	Severity   Severity
	Confidence Confidence
	// Data are the details that the sensor recorded. Empty columns are dropped.
	Data Table
	// Internal and Sensor are for sightings in the caller's own network. Device are the
	// names, ids and addresses of the affected device; those without a value, and repeats,
	// are dropped. OS is its operating system.
	Internal bool
	Sensor   SensorType
	Device   []Observable
	OS       string

	// Disposition, Priority and Reason are the judgement's. ValidUntil is its end;
	// ValidDays after At by default.
	Disposition Disposition
	Priority    int
	Reason      string
	ValidUntil  time.Time

	// PartOf are the indicators of this sighting and its judgement. Without a Disposition
	// they are indicators of the finding's judgement.
	PartOf []Part
	// Relations are the relations that were observed in this sighting.
	Relations []Relation
	// Key distinguishes the sighting from others of the observable. Ids are derived from
	// it. By default the key is time, title and text.
	Key []string
}

// Part is an indicator of the source: a pattern, category, report or feed that contains
// observables.
type Part struct {
	// ID is the source's id. The entity's id is derived from it.
	ID string
	// URL is the page about the indicator. An indicator without a title is dropped.
	Title, Text, URL string
	// Producer is the author; the source by default.
	Producer string
	// Feed is true for a list of observables and false for a pattern.
	Feed     bool
	Types    []IndicatorType
	Severity Severity
	// Confidence is medium by default.
	Confidence Confidence
	TLP        TLP
	Tags       []string
	// Since and Until are the indicator's period. It has no end by default.
	Since, Until time.Time
	// Indicates are the threats that the indicator indicates.
	Indicates []Threat
}

// Bundle returns the finding as entities. Their ids are derived from the content.
// Judgements have an end, and no start is after its end.
func (f Finding) Bundle(now time.Time) Bundle {
	f.Page = WebURL(f.Page)
	w := findingWriter{f: f, today: Day(now), indicators: map[string]ID{}, relationships: map[ID]bool{}}
	var judgement Judgement
	if f.Disposition != 0 {
		key := f.Key
		if key == nil {
			key = []string{f.Disposition.String(), f.Reason}
		}
		judgement = w.addJudgement(Judgement{
			Base:        w.base("judgement", "", key),
			Disposition: f.Disposition,
			Severity:    f.Severity,
			Confidence:  f.Confidence,
			Priority:    f.Priority,
			ValidTime:   Between(cmp.Or(f.Since.UTC(), w.today), cmp.Or(f.Until.UTC(), w.today.AddDate(0, 0, ValidDays))),
			Reason:      ShortString(f.Reason),
		})
	}
	seen := f.Seen
	if len(seen) == 0 && len(f.Relations) > 0 {
		seen = []Seen{{At: w.today, Title: "Known to " + f.Source}}
	}
	w.addIndicators(f.PartOf, judgement.ID, "")
	for _, s := range seen {
		w.addSighting(s, judgement)
	}
	return w.out
}

// Add adds a finding about the same observable, such as of another service of the
// source. The more severe judgement is kept, and of two equal ones the first.
func (f *Finding) Add(more Finding) {
	if more.Disposition != 0 && (f.Disposition == 0 || more.Disposition < f.Disposition) {
		f.Disposition, f.Severity, f.Confidence, f.Priority = more.Disposition, more.Severity, more.Confidence, more.Priority
		f.Reason, f.Page, f.Since, f.Until, f.Key = more.Reason, more.Page, more.Since, more.Until, more.Key
	}
	f.Seen = append(f.Seen, more.Seen...)
	f.PartOf = append(f.PartOf, more.PartOf...)
	f.Relations = append(f.Relations, more.Relations...)
}

// Day returns the start of t's day in UTC. Periods that start today start then, so
// that responses are the same all day.
func Day(t time.Time) time.Time { return t.UTC().Truncate(24 * time.Hour) }

// findingWriter collects the entities of one finding.
type findingWriter struct {
	f     Finding
	today time.Time
	out   Bundle
	// indicators are the ids of the added indicators by Part.ID.
	indicators map[string]ID
	// relationships are the ids of the added relationships.
	relationships map[ID]bool
}

// base returns the Base of a judgement or sighting. page is the finding's by default.
func (w *findingWriter) base(kind, page string, key []string) Base {
	content := append([]string{w.f.Provider, string(w.f.Observable.Type), w.f.Observable.Value}, key...)
	return Base{
		ID:          NewID(kind, content...),
		ExternalIDs: []string{NewExternalID(w.f.Provider, kind, content...)},
		Source:      MedString(w.f.Source),
		SourceURI:   cmp.Or(page, w.f.Page),
	}
}

// addJudgement adds a judgement of the observable and returns it with the defaults.
func (w *findingWriter) addJudgement(j Judgement) Judgement {
	j.Observable = w.f.Observable
	j.Severity = cmp.Or(j.Severity, severityOf(j.Disposition))
	j.Confidence = cmp.Or(j.Confidence, ConfidenceMedium)
	j.Priority = cmp.Or(j.Priority, PriorityAutomated)
	j.ReasonURI = j.SourceURI
	w.out.Judgements = append(w.out.Judgements, j)
	return j
}

// addSighting adds a sighting, its indicators, and its judgement if it has a
// Disposition. Otherwise the indicators are connected to the finding's judgement.
func (w *findingWriter) addSighting(s Seen, judgement Judgement) {
	s.URL = WebURL(s.URL)
	key := s.Key
	if key == nil {
		key = []string{s.At.UTC().Format(time.RFC3339Nano), s.Title, s.Text}
	}
	s.At = cmp.Or(s.At.UTC(), w.today) // in UTC, a zero time equals time.Time{}
	if s.Disposition != 0 {
		judgement = Judgement{
			Base:        w.base("judgement", s.URL, key),
			Disposition: s.Disposition,
			Severity:    s.Severity,
			Confidence:  s.Confidence,
			Priority:    s.Priority,
			ValidTime:   Between(s.At, cmp.Or(s.ValidUntil.UTC(), s.At.AddDate(0, 0, ValidDays))),
			Reason:      ShortString(s.Reason),
		}
		judgement.TLP = s.TLP
		judgement = w.addJudgement(judgement)
	}
	end := s.Until
	if end.Before(s.At) {
		end = s.At
	}
	sighting := Sighting{
		Base:         w.base("sighting", s.URL, key),
		Text:         Text{Title: ShortString(s.Title), Description: LongString(s.Text)},
		Confidence:   cmp.Or(s.Confidence, ConfidenceMedium),
		Count:        max(s.Count, 1),
		ObservedTime: ObservedTime{Start: At(s.At), End: At(end)},
		Observables:  []Observable{w.f.Observable},
		Severity:     cmp.Or(s.Severity, judgement.Severity),
		Sensor:       s.Sensor,
		Internal:     s.Internal,
		Data:         s.Data.compact(),
	}
	var device []Observable
	for _, o := range s.Device {
		if o.Value != "" && !slices.Contains(device, o) {
			device = append(device, o)
		}
	}
	if len(device) > 0 {
		sighting.Targets = []Target{{Type: SensorEndpoint, Observables: device, OS: s.OS, ObservedTime: sighting.ObservedTime}}
	}
	if sighting.SourceURI != "" {
		sighting.ExternalReferences = []ExternalReference{{SourceName: MedString(w.f.Source), URL: sighting.SourceURI}}
	}
	for _, r := range slices.Concat(w.f.Relations, s.Relations) {
		if !r.Source.Type.Known() || r.Source.Value == "" || !r.Related.Type.Known() || r.Related.Value == "" {
			continue
		}
		r.Origin, r.OriginURI = cmp.Or(r.Origin, w.f.Source), cmp.Or(r.OriginURI, s.URL, w.f.Page)
		sighting.Relations = append(sighting.Relations, r)
	}
	sighting.TLP = s.TLP
	w.out.Sightings = append(w.out.Sightings, sighting)
	w.addIndicators(slices.Concat(s.PartOf, w.f.PartOf), judgement.ID, sighting.ID)
}

// addIndicators adds new indicators, and connects all of them to a judgement and a
// sighting unless their id is empty.
func (w *findingWriter) addIndicators(parts []Part, judgement, sighting ID) {
	for _, p := range parts {
		if p.Title == "" {
			continue
		}
		id, ok := w.indicators[p.ID]
		if !ok {
			id = w.addIndicator(p)
			w.indicators[p.ID] = id
		}
		basedOn, sightingOf := BasedOn, SightingOf
		if p.Feed {
			basedOn, sightingOf = ElementOf, MemberOf
		}
		w.connect(judgement, basedOn, id)
		w.connect(sighting, sightingOf, id)
	}
}

// connect adds a relationship unless its source is empty or it was added before.
func (w *findingWriter) connect(source ID, how RelationshipType, target ID) {
	r := Relate(source, how, target)
	if source != "" && !w.relationships[r.ID] {
		w.relationships[r.ID] = true
		w.out.Relationships = append(w.out.Relationships, r)
	}
}

// addIndicator adds an indicator and the threats that it indicates.
func (w *findingWriter) addIndicator(p Part) ID {
	p.URL = WebURL(p.URL)
	i := Indicator{
		Base: Base{
			ID:          NewID("indicator", w.f.Provider, p.ID),
			ExternalIDs: []string{p.ID},
			Source:      MedString(w.f.Source),
			SourceURI:   p.URL, // not the page of the observable, which is only a part
			TLP:         p.TLP,
		},
		Text:           Text{Title: ShortString(p.Title), Description: LongString(p.Text)},
		Producer:       ShortString(cmp.Or(p.Producer, w.f.Source)),
		ValidTime:      ValidTime{Start: At(p.Since), End: Forever()},
		IndicatorTypes: p.Types,
		Severity:       p.Severity,
		Confidence:     cmp.Or(p.Confidence, ConfidenceMedium),
	}
	if !p.Until.IsZero() {
		i.ValidTime = Between(p.Since, p.Until)
	}
	if p.URL != "" {
		i.ExternalReferences = []ExternalReference{{SourceName: MedString(w.f.Source), ExternalID: p.ID, URL: p.URL}}
	}
	for _, tag := range p.Tags {
		i.Tags = append(i.Tags, ShortString(tag))
	}
	w.out.Indicators = append(w.out.Indicators, i)
	for _, t := range p.Indicates {
		t.URL = WebURL(t.URL)
		if target, ok := t.AddTo(&w.out, w.f.Provider, w.f.Source); ok {
			w.out.Relationships = append(w.out.Relationships, Relate(i.ID, Indicates, target))
		}
	}
	return i.ID
}

// severityOf returns the default severity of a judgement with the disposition.
func severityOf(d Disposition) Severity {
	switch d {
	case Malicious:
		return SeverityHigh
	case Suspicious:
		return SeverityMedium
	case Common:
		return SeverityInfo
	case Clean:
		return SeverityNone
	default:
		return SeverityUnknown
	}
}
