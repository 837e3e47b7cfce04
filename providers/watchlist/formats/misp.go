package formats

import (
	"slices"
	"strings"

	"github.com/serverless-relay/relay/providers/watchlist"
	"github.com/serverless-relay/relay/shared/ctim"
	"github.com/serverless-relay/relay/shared/misp"
)

func (f *file) yieldEvents(events []*misp.Event) error {
	for _, e := range events {
		base := f.eventEntry(e)
		linked := false
		for i := range e.Attributes {
			a := &e.Attributes[i]
			if err := f.ctx.Err(); err != nil {
				return err
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
			own := base
			if a.Of != nil {
				own = f.eventEntry(&misp.Event{Info: a.Of.Info, Date: a.Of.Date, Level: a.Of.Level, Orgc: a.Of.Orgc.Name})
			}
			if err := f.yieldAttribute(own, a); err != nil {
				return err
			}
		}
	}
	return nil
}

// eventEntry is what all entries of an event have in common.
func (f *file) eventEntry(e *misp.Event) watchlist.Entry {
	base := f.options.blank()
	base.Title = string(e.Info)
	base.Source = e.Producer()
	base.FirstSeen = e.Date.Time
	if base.FirstSeen.IsZero() {
		base.FirstSeen = e.Timestamp.Time
	}
	base.Severity = e.Severity()
	addTags(&base, e.Tags)
	base.Indicates = e.Threats()
	if pages := e.Links(); len(pages) > 0 {
		base.SourceURL = pages[0]
	}
	return base
}

// addTags takes over tags, but for those of galaxies, which are threats, and
// of the traffic light protocol.
func addTags(e *watchlist.Entry, tags []misp.Tag) {
	e.Tags = slices.Clip(e.Tags)
	e.TLP = e.TLP.Stricter(misp.TLP(tags))
	for _, tag := range tags {
		name := string(tag.Name)
		if _, isTLP := tag.TLP(); name != "" && !isTLP && !tag.IsGalaxy() && !slices.Contains(e.Tags, name) {
			e.Tags = append(e.Tags, name)
		}
	}
}

func (f *file) yieldAttribute(base watchlist.Entry, a *misp.Attribute) error {
	parts, ok := a.Parts()
	switch {
	case !ok:
		return f.skip(a.Line, string(a.Value), "the MISP type "+shown(string(a.Type))+" is not an observable")
	case bool(a.Deleted):
		return f.withdraw(base, a, parts, "deleted in MISP")
	case !bool(a.ToIDs) && !f.options.All:
		return f.withdraw(base, a, parts, "not meant for detection (to_ids is false): --all imports it too")
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
	e.Indicates = misp.AppendThreats(e.Indicates, a.Galaxies, a.Tags)
	for _, part := range parts {
		if part.Weak {
			continue
		}
		r, err := readValue(part.Observable.Type, part.Observable.Value)
		if err != nil {
			record := Record{Line: a.Line, Value: shown(part.Observable.Value), Skipped: err.Error(), ID: string(a.UUID), Changed: a.UUID != ""}
			record.Entry.Source = f.source(&e)
			if err := f.yield(record); err != nil {
				return err
			}
			continue
		}
		record := Record{Line: a.Line, Entry: e, Value: shown(part.Observable.Value), ID: string(a.UUID), Changed: a.UUID != ""}
		record.Entry.Observable, record.Entry.Subdomains = r.observable, r.subdomains
		record.Entry.Description = joinNotes(string(a.Comment), part.Note, r.note)
		if err := f.add(&record); err != nil {
			return err
		}
	}
	return nil
}

// withdraw yields that an attribute is no entry, nor any longer one if it was.
func (f *file) withdraw(base watchlist.Entry, a *misp.Attribute, parts []misp.Part, reason string) error {
	record := Record{Line: a.Line, Value: shown(string(a.Value)), Skipped: reason, ID: string(a.UUID)}
	record.Entry.Source = f.source(&base)
	for _, part := range parts {
		if r, err := readValue(part.Observable.Type, part.Observable.Value); err == nil && record.ID != "" {
			record.Withdrawn = append(record.Withdrawn, r.observable)
		}
	}
	return f.yield(record)
}

// joinNotes joins what is known about an entry.
func joinNotes(notes ...string) string {
	return strings.Join(slices.DeleteFunc(notes, func(s string) bool { return s == "" }), "\n\n")
}
