package formats

import (
	"cmp"
	"slices"
	"strings"

	"github.com/serverless-relay/relay/providers/watchlist/entry"
	"github.com/serverless-relay/relay/shared/ctim"
	"github.com/serverless-relay/relay/shared/lenient"
	"github.com/serverless-relay/relay/shared/mispevent"
)

// rawEvent is an event whose attributes are not decoded yet. It may have a million of
// them, so they are decoded one by one.
type rawEvent struct {
	// Event has no attributes except those about the event as a whole.
	mispevent.Event
	parts []rawPart
}

// rawPart is an attribute, or an object with several.
type rawPart struct {
	// key is "Attribute" or "Object".
	key  string
	raw  []byte
	line int
}

// readKey reads the value of one key of an event.
func (e *rawEvent) readKey(w *lenient.Walker, key string) error {
	if key != "Attribute" && key != "Object" {
		return e.ReadKey(w, key, nil)
	}
	return w.Array(func(line int) error {
		raw, err := w.DecodeRaw(&struct{}{})
		if err != nil {
			return err
		}
		part := rawPart{key, raw, line}
		e.parts = append(e.parts, part)
		return part.read(&e.Event, aboutEvent)
	})
}

// aboutEvent reports whether an attribute is about its event as a whole.
func aboutEvent(a *mispevent.Attribute) bool { return a.Type == "link" || a.Type == "vulnerability" }

// read adds the attributes of the part to an event, those for which keep returns true.
func (p rawPart) read(e *mispevent.Event, keep func(*mispevent.Attribute) bool) error {
	return e.ReadKey(lenient.NewWalker(p.raw), p.key, keep)
}

func (f *file) yieldEvents(events []*rawEvent) error {
	for _, e := range events {
		base := f.eventEntry(&e.Event)
		linked := false
		for _, part := range e.parts {
			var decoded mispevent.Event
			if err := part.read(&decoded, nil); err != nil {
				return err
			}
			for i := range decoded.Attributes {
				a := &decoded.Attributes[i]
				a.Line += part.line - 1
				if a.Type == "link" && !linked && string(a.Value) == base.SourceURL {
					linked = true // it is the source of every entry
					continue
				}
				if err := f.yieldAttribute(base, a); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// eventEntry returns what all entries of an event share.
func (f *file) eventEntry(e *mispevent.Event) entry.Entry {
	base := f.options.blank()
	base.Title = string(e.Info)
	base.Source = e.Producer()
	base.FirstSeen = cmp.Or(e.Date.Time, e.Timestamp.Time)
	base.Severity = e.Severity()
	addTags(&base, e.Tags)
	base.Indicates = e.Threats()
	if pages := e.Links(); len(pages) > 0 {
		base.SourceURL = pages[0]
	}
	return base
}

// addTags adds tags to an entry, except those of galaxies, which are threats, and of the
// traffic light protocol, which set the TLP.
func addTags(e *entry.Entry, tags []mispevent.Tag) {
	e.TLP = e.TLP.Stricter(mispevent.TLP(tags))
	for _, tag := range tags {
		if _, isTLP := tag.TLP(); tag.Name != "" && !isTLP && !tag.IsGalaxy() {
			e.Tags = union(e.Tags, []string{string(tag.Name)})
		}
	}
}

func (f *file) yieldAttribute(base entry.Entry, a *mispevent.Attribute) error {
	if a.Of != nil {
		base = f.eventEntry(a.Of)
	}
	parts, ok := a.Parts()
	switch {
	case a.Type == "vulnerability":
		return nil // it is a threat of every entry
	case !ok:
		return f.skip(a.Line, string(a.Value), "the MISP type "+shown(string(a.Type))+" is not an observable")
	case bool(a.Deleted):
		return f.withdraw(base, a, parts, "deleted in MISP")
	case !bool(a.ToIDs) && !f.options.All:
		return f.withdraw(base, a, parts, "not marked for detection (to_ids is false): import it with --all")
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
	e.Indicates = mispevent.AppendThreats(e.Indicates, a.Galaxies, a.Tags)
	for _, part := range parts {
		if part.Weak {
			continue
		}
		record := Record{Line: a.Line, Entry: e, Value: part.Observable.Value, ID: string(a.UUID), Changed: a.UUID != ""}
		r, err := readValue(part.Observable.Type, part.Observable.Value)
		if err != nil {
			record.Skipped = err.Error()
		}
		record.Entry.Observable, record.Entry.Subdomains = r.observable, r.subdomains
		record.Entry.Description = joinNotes(string(a.Comment), part.Note, r.note)
		if err := f.add(&record); err != nil {
			return err
		}
	}
	return nil
}

// withdraw yields a skipped record that withdraws earlier entries of an attribute.
func (f *file) withdraw(base entry.Entry, a *mispevent.Attribute, parts []mispevent.Part, reason string) error {
	record := Record{Line: a.Line, Entry: base, Value: string(a.Value), Skipped: reason, ID: string(a.UUID)}
	for _, part := range parts {
		if r, err := readValue(part.Observable.Type, part.Observable.Value); err == nil && record.ID != "" {
			record.Withdrawn = append(record.Withdrawn, r.observable)
		}
	}
	return f.add(&record)
}

// joinNotes joins notes with blank lines, except empty ones.
func joinNotes(notes ...string) string {
	return strings.Join(slices.DeleteFunc(notes, func(s string) bool { return s == "" }), "\n\n")
}
