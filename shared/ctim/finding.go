package ctim

import (
	"cmp"
	"net/url"
	"slices"
	"time"
)

// Finding is what one source says about one observable, in plain terms. Bundle
// makes the entities, ids and relationships of it. The zero value says nothing.
type Finding struct {
	// Provider, Source, Page and Observable say who speaks about what. Package
	// lookup sets them: the provider's name, the third party's title, the page
	// where a person looks the observable up, and the observable as it was asked.
	Provider, Source, Page string
	Observable             Observable

	// Disposition is the source's judgement. Zero is none: the source knows the
	// observable and does not judge it.
	Disposition Disposition
	// Severity is how bad it is. By default it follows from the disposition.
	Severity Severity
	// Confidence is how sure the source is. Medium by default.
	Confidence Confidence
	// Priority is from 0 to 100; PriorityAutomated by default.
	Priority int
	// Reason says in a few words why.
	Reason string
	// Since and Until bound the judgement. By default it holds from today for
	// ValidDays.
	Since, Until time.Time
	// Key is what makes the judgement unique beside the observable; its id
	// follows from it. By default, disposition and reason.
	Key []string

	// Seen are sightings of the observable.
	Seen []Seen
	// PartOf are the indicators to which the judgement and all sightings belong.
	PartOf []Part
	// Relations are facts about the observable and others; they stand in its
	// sightings. Those to an observable without a type or value are left out.
	Relations []Relation
}

// ValidDays is for how many days a judgement without an end holds.
const ValidDays = 30

// Seen is one sighting of an observable. If it has a Disposition, it carries a
// judgement of its own, such as that of one user's report.
type Seen struct {
	// At is when it was seen: today by default. Until is the end of that time if
	// it took some.
	At, Until time.Time
	// Title and Text describe the sighting.
	Title, Text string
	// URL is the sighting's own page; by default the finding's.
	URL string
	// Count is how often it was seen: once by default.
	Count int
	// Severity is by default that of the sighting's judgement, or the finding's.
	// Confidence is Medium by default.
	Severity   Severity
	Confidence Confidence
	// Internal, Sensor and Targets are for sightings in the caller's own network.
	Internal bool
	Sensor   SensorType
	Targets  []Target

	// Disposition, Priority and Reason are the judgement's, and ValidUntil its
	// end: ValidDays after At by default.
	Disposition Disposition
	Priority    int
	Reason      string
	ValidUntil  time.Time

	// PartOf are the indicators to which this sighting and its judgement belong.
	// If it has no judgement of its own, the finding's belongs to them too.
	PartOf []Part
	// Relations are facts that were observed in this sighting.
	Relations []Relation
	// Key is what makes the sighting unique beside the observable; ids follow
	// from it. By default, time, title and text.
	Key []string
}

// Part is an indicator: a pattern, a category, a report or a feed at the source
// to which observables belong.
type Part struct {
	// ID is the source's own id; the entity's id follows from it.
	ID string
	// Title names it, Text describes it, and URL is its page.
	Title, Text, URL string
	// Producer is who made it: by default the source.
	Producer string
	// Feed says that it is a list of observables. Otherwise it is a pattern.
	Feed bool
	// Types say what it looks at.
	Types []IndicatorType
	// Severity, and Confidence, which is Medium by default.
	Severity   Severity
	Confidence Confidence
	TLP        TLP
	Tags       []string
	// Since and Until bound it; it has no end by default.
	Since, Until time.Time
	// Indicates are the malware, actors, techniques and the like that it points
	// to.
	Indicates []Threat
}

// Bundle returns the entities that say what the finding says. Ids follow from
// the content, times are bounded, and a start is never after its end.
func (f Finding) Bundle(now time.Time) Bundle {
	f.Page = webURL(f.Page)
	w := findingWriter{f: f, today: Day(now), parts: map[string]ID{}, related: map[ID]bool{}}
	var judgement ID
	if f.Disposition != 0 {
		judgement = w.judge()
	}
	seen := f.Seen
	if len(seen) == 0 && len(f.Relations) > 0 {
		seen = []Seen{{At: w.today, Title: "Known to " + f.Source}}
	}
	w.relate(judgement, "", f.PartOf)
	for _, s := range seen {
		w.see(s, judgement)
	}
	return w.out
}

// Add adds what else is known about the same observable, such as by another
// service of the source. Of two judgements the worse one counts, of two that are
// as bad the first.
func (f *Finding) Add(more Finding) {
	if more.Disposition != 0 && (f.Disposition == 0 || more.Disposition < f.Disposition) {
		f.Disposition, f.Severity, f.Confidence, f.Priority = more.Disposition, more.Severity, more.Confidence, more.Priority
		f.Reason, f.Page, f.Since, f.Until, f.Key = more.Reason, more.Page, more.Since, more.Until, more.Key
	}
	f.Seen = append(f.Seen, more.Seen...)
	f.PartOf = append(f.PartOf, more.PartOf...)
	f.Relations = append(f.Relations, more.Relations...)
}

// Day returns the start of t's day in UTC. What is of today begins then, so that
// the same question has the same answer all day.
func Day(t time.Time) time.Time { return t.UTC().Truncate(24 * time.Hour) }

// findingWriter collects the entities of one finding.
type findingWriter struct {
	f     Finding
	today time.Time
	out   Bundle
	// parts are the ids of the indicators by the source's own.
	parts map[string]ID
	// related are the ids of the relationships.
	related map[ID]bool
}

// base returns what judgements and sightings have in common.
func (w *findingWriter) base(kind, page string, key []string) Base {
	content := append([]string{w.f.Provider, string(w.f.Observable.Type), w.f.Observable.Value}, key...)
	if page == "" {
		page = w.f.Page
	}
	return Base{
		ID:          NewID(kind, content...),
		ExternalIDs: []string{NewExternalID(w.f.Provider, kind, content...)},
		Source:      MedString(w.f.Source),
		SourceURI:   page,
	}
}

// judge adds the source's own judgement.
func (w *findingWriter) judge() ID {
	since, until := w.f.Since, w.f.Until
	if since.IsZero() {
		since = w.today
	}
	if until.IsZero() {
		until = w.today.AddDate(0, 0, ValidDays)
	}
	key := w.f.Key
	if key == nil {
		key = []string{w.f.Disposition.String(), w.f.Reason}
	}
	j := Judgement{
		Base:        w.base("judgement", "", key),
		Observable:  w.f.Observable,
		Disposition: w.f.Disposition,
		Severity:    cmp.Or(w.f.Severity, severityOf(w.f.Disposition)),
		Confidence:  cmp.Or(w.f.Confidence, ConfidenceMedium),
		Priority:    cmp.Or(w.f.Priority, PriorityAutomated),
		ValidTime:   Between(since, until),
		Reason:      ShortString(w.f.Reason),
		ReasonURI:   w.f.Page,
	}
	w.out.Judgements = append(w.out.Judgements, j)
	return j.ID
}

// see adds a sighting, its judgement and its indicators. judgement is the
// finding's own.
func (w *findingWriter) see(s Seen, judgement ID) {
	s.URL = webURL(s.URL)
	key := s.Key
	if key == nil {
		key = []string{s.At.UTC().Format(time.RFC3339Nano), s.Title, s.Text}
	}
	if s.At.IsZero() {
		s.At = w.today
	}
	if s.Disposition != 0 {
		until := s.ValidUntil
		if until.IsZero() {
			until = s.At.AddDate(0, 0, ValidDays)
		}
		j := Judgement{
			Base:        w.base("judgement", s.URL, key),
			Observable:  w.f.Observable,
			Disposition: s.Disposition,
			Severity:    cmp.Or(s.Severity, severityOf(s.Disposition)),
			Confidence:  cmp.Or(s.Confidence, ConfidenceMedium),
			Priority:    cmp.Or(s.Priority, PriorityAutomated),
			ValidTime:   Between(s.At, until),
			Reason:      ShortString(s.Reason),
			ReasonURI:   cmp.Or(s.URL, w.f.Page),
		}
		w.out.Judgements = append(w.out.Judgements, j)
		judgement = j.ID
	}
	end := s.Until
	if end.Before(s.At) {
		end = s.At
	}
	sighting := Sighting{
		Base:         w.base("sighting", s.URL, key),
		Text:         Text{Title: ShortString(s.Title), Description: LongString(s.Text)},
		Confidence:   cmp.Or(s.Confidence, ConfidenceMedium),
		Count:        cmp.Or(s.Count, 1),
		ObservedTime: ObservedTime{Start: At(s.At), End: At(end)},
		Observables:  []Observable{w.f.Observable},
		Severity:     s.severity(w.f),
		Sensor:       s.Sensor,
		Internal:     s.Internal,
		Targets:      s.Targets,
	}
	if sighting.SourceURI != "" {
		sighting.ExternalReferences = []ExternalReference{{SourceName: MedString(w.f.Source), URL: sighting.SourceURI}}
	}
	for _, r := range slices.Concat(w.f.Relations, s.Relations) {
		if r.Source.Type == "" || r.Source.Value == "" || r.Related.Type == "" || r.Related.Value == "" {
			continue
		}
		r.Origin, r.OriginURI = cmp.Or(r.Origin, w.f.Source), cmp.Or(r.OriginURI, s.URL, w.f.Page)
		sighting.Relations = append(sighting.Relations, r)
	}
	w.out.Sightings = append(w.out.Sightings, sighting)
	w.relate(judgement, sighting.ID, slices.Concat(s.PartOf, w.f.PartOf))
}

// relate connects a judgement and a sighting, if they are there, to indicators,
// and adds those that aren't there yet.
func (w *findingWriter) relate(judgement, sighting ID, parts []Part) {
	for _, p := range parts {
		id, ok := w.parts[p.ID]
		if !ok {
			id = w.indicate(p)
			w.parts[p.ID] = id
		}
		basedOn, sightingOf := BasedOn, SightingOf
		if p.Feed {
			basedOn, sightingOf = ElementOf, MemberOf
		}
		w.connect(judgement, basedOn, id)
		w.connect(sighting, sightingOf, id)
	}
}

// connect adds a relationship, unless its source is empty or it is there.
func (w *findingWriter) connect(source ID, how RelationshipType, target ID) {
	r := Relate(source, how, target)
	if source != "" && !w.related[r.ID] {
		w.related[r.ID] = true
		w.out.Relationships = append(w.out.Relationships, r)
	}
}

// indicate adds an indicator and the threats that it points to.
func (w *findingWriter) indicate(p Part) ID {
	p.URL = webURL(p.URL)
	text := cmp.Or(p.Text, p.Title)
	i := Indicator{
		Base: Base{
			ID:          NewID("indicator", w.f.Provider, p.ID),
			ExternalIDs: []string{p.ID},
			Source:      MedString(w.f.Source),
			SourceURI:   p.URL, // and not the observable's page: others are part of it too
			TLP:         p.TLP,
		},
		Text:           Text{Title: ShortString(p.Title), ShortDescription: MedString(text), Description: LongString(text)},
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
		t.URL = webURL(t.URL)
		if target, ok := t.AddTo(&w.out, w.f.Provider, w.f.Source); ok {
			w.out.Relationships = append(w.out.Relationships, Relate(i.ID, Indicates, target))
		}
	}
	return i.ID
}

// webURL returns the address of a web page, and nothing of any other text: third
// parties pass on what people write.
func webURL(text string) string {
	u, err := url.Parse(text)
	if err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" {
		return ""
	}
	return text
}

// severity returns the sighting's severity: by default that of its judgement, or
// of the finding's.
func (s Seen) severity(f Finding) Severity {
	switch {
	case s.Severity != "":
		return s.Severity
	case s.Disposition != 0:
		return severityOf(s.Disposition)
	case f.Disposition != 0:
		return cmp.Or(f.Severity, severityOf(f.Disposition))
	default:
		return ""
	}
}

// severityOf returns the severity of a judgement whose source says none.
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
