package formats

import (
	"cmp"
	"slices"
	"strings"

	"github.com/serverless-relay/relay/providers/watchlist"
	"github.com/serverless-relay/relay/shared/ctim"
	"github.com/serverless-relay/relay/shared/lenient"
	"github.com/serverless-relay/relay/shared/normalize"
	"github.com/serverless-relay/relay/shared/threat"
)

// event is a MISP event.
type event struct {
	info, orgc, org lenient.Text
	date, timestamp lenient.Time
	level           lenient.Text
	tags            []mispTag
	galaxies        []galaxy
	// attributes are those of the event and of its objects.
	attributes []attribute
}

// attribute is a MISP attribute.
type attribute struct {
	UUID      lenient.Text `json:"uuid"`
	Type      lenient.Text `json:"type"`
	Value     lenient.Text `json:"value"`
	Comment   lenient.Text `json:"comment"`
	ToIDs     lenient.Flag `json:"to_ids"`
	Deleted   lenient.Flag `json:"deleted"`
	FirstSeen lenient.Time `json:"first_seen"`
	Tags      []mispTag    `json:"Tag"`
	Galaxies  []galaxy     `json:"Galaxy"`

	line int
}

type mispTag struct {
	Name lenient.Text `json:"name"`
}

func (e *event) read(w *lenient.Walker) error {
	return w.Object(func(key string) error {
		switch key {
		case "info":
			return w.Decode(&e.info)
		case "date":
			return w.Decode(&e.date)
		case "timestamp":
			return w.Decode(&e.timestamp)
		case "threat_level_id":
			return w.Decode(&e.level)
		case "Orgc":
			return w.Decode(&struct{ Name *lenient.Text }{&e.orgc})
		case "Org":
			return w.Decode(&struct{ Name *lenient.Text }{&e.org})
		case "Tag":
			return w.Decode(&e.tags)
		case "Galaxy":
			return w.Decode(&e.galaxies)
		case "Attribute":
			return e.readAttributes(w)
		case "Object":
			return w.Array(func(int) error { return e.readObject(w) })
		default:
			return w.Skip()
		}
	})
}

func (e *event) readAttributes(w *lenient.Walker) error {
	return w.Array(func(line int) error {
		a := attribute{line: line}
		err := w.Decode(&a)
		e.attributes = append(e.attributes, a)
		return err
	})
}

// readObject reads an object, which lends its attributes what they don't have
// themselves.
func (e *event) readObject(w *lenient.Walker) error {
	first := len(e.attributes)
	var comment lenient.Text
	var deleted lenient.Flag
	var firstSeen lenient.Time
	err := w.Object(func(key string) error {
		switch key {
		case "comment":
			return w.Decode(&comment)
		case "deleted":
			return w.Decode(&deleted)
		case "first_seen":
			return w.Decode(&firstSeen)
		case "Attribute":
			return e.readAttributes(w)
		default:
			return w.Skip()
		}
	})
	for i := range e.attributes[first:] {
		a := &e.attributes[first+i]
		a.Comment = cmp.Or(a.Comment, comment)
		a.Deleted = a.Deleted || deleted
		if a.FirstSeen.IsZero() {
			a.FirstSeen = firstSeen
		}
	}
	return err
}

func (f *file) yieldEvents(events []*event) error {
	for _, e := range events {
		base := f.eventEntry(e)
		linked := false
		for i := range e.attributes {
			a := &e.attributes[i]
			if err := f.ctx.Err(); err != nil {
				return err
			}
			if a.Deleted {
				if err := f.skip(a.line, string(a.Value), "deleted in MISP"); err != nil {
					return err
				}
				continue
			}
			switch a.Type {
			case "vulnerability":
				continue // it is a threat of every entry
			case "link":
				if !linked && string(a.Value) == base.SourceURL {
					linked = true // it is the source of every entry
					continue
				}
			}
			if err := f.yieldAttribute(base, a); err != nil {
				return err
			}
		}
	}
	return nil
}

// eventEntry is what all entries of an event have in common.
func (f *file) eventEntry(e *event) watchlist.Entry {
	base := f.options.blank()
	base.Title = string(e.info)
	base.Source = string(cmp.Or(e.orgc, e.org))
	base.FirstSeen = e.date.Time
	if base.FirstSeen.IsZero() {
		base.FirstSeen = e.timestamp.Time
	}
	switch e.level {
	case "1":
		base.Severity = ctim.SeverityHigh
	case "2":
		base.Severity = ctim.SeverityMedium
	case "3":
		base.Severity = ctim.SeverityLow
	case "4":
		base.Severity = ctim.SeverityUnknown
	}
	addTags(&base, e.tags)
	base.Indicates = appendGalaxies(nil, e.galaxies, e.tags)
	for i := range e.attributes {
		a := &e.attributes[i]
		switch {
		case bool(a.Deleted):
		case a.Type == "vulnerability":
			base.Indicates = threat.Append(base.Indicates, threat.Named(threat.Vulnerability, string(a.Value)))
		case a.Type == "link" && base.SourceURL == "":
			base.SourceURL = normalize.WebURL(string(a.Value))
		}
	}
	return base
}

// addTags takes over tags, but for those of galaxies, which are threats, and
// of the traffic light protocol.
func addTags(e *watchlist.Entry, tags []mispTag) {
	e.Tags = slices.Clip(e.Tags)
	for _, tag := range tags {
		name := string(tag.Name)
		lower := strings.ToLower(name)
		switch {
		case name == "", strings.HasPrefix(lower, "misp-galaxy:"):
		case strings.HasPrefix(lower, "tlp:"):
			e.TLP = e.TLP.Stricter(ctim.ParseTLP(lower))
		case !slices.Contains(e.Tags, name):
			e.Tags = append(e.Tags, name)
		}
	}
}

func (f *file) yieldAttribute(base watchlist.Entry, a *attribute) error {
	kind, ok := attributeTypes[strings.ToLower(string(a.Type))]
	switch {
	case !ok:
		return f.skip(a.line, string(a.Value), "the MISP type "+shown(string(a.Type))+" is not an observable")
	case !bool(a.ToIDs) && !f.options.All:
		return f.skip(a.line, string(a.Value), "not meant for detection (to_ids is false): --all imports it too")
	}
	e := base
	if !a.ToIDs {
		e.Disposition, e.Confidence = ctim.Suspicious, ctim.ConfidenceLow
	}
	if !a.FirstSeen.IsZero() {
		e.FirstSeen = a.FirstSeen.Time
	}
	if a.UUID != "" {
		e.ExternalIDs = []string{string(a.UUID)}
	}
	addTags(&e, a.Tags)
	e.Indicates = appendGalaxies(e.Indicates, a.Galaxies, a.Tags)
	for _, part := range kind.split(string(a.Value)) {
		o, err := normalize.Observable(part.observable)
		if err != nil {
			if err := f.skip(a.line, part.observable.Value, err.Error()); err != nil {
				return err
			}
			continue
		}
		record := Record{Line: a.line, Entry: e, Value: shown(part.observable.Value)}
		record.Entry.Observable = o
		record.Entry.Description = strings.Join(slices.DeleteFunc([]string{string(a.Comment), part.note}, isEmpty), "\n\n")
		if err := f.add(&record); err != nil {
			return err
		}
	}
	return nil
}

func isEmpty(s string) bool { return s == "" }
