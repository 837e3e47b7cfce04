// Package mispevent decodes MISP's event documents, from files and from MISP's API. It
// converts attributes into observables, and galaxies into threats.
//
// The format is the MISP core format,
// https://www.misp-standard.org/rfc/misp-standard-core.html, with the fields that
// MISP's API adds.
package mispevent

import (
	"cmp"

	"github.com/serverless-relay/relay/shared/ctim"
	"github.com/serverless-relay/relay/shared/lenient"
	"github.com/serverless-relay/relay/shared/threat"
)

// Event is a MISP event. Fields that the document lacks are zero.
type Event struct {
	// ID is the event's number on its server. UUID is the same on all servers.
	ID, UUID lenient.Text
	// Info is the title.
	Info lenient.Text
	// Orgc is the organisation that created the event, and Org the server's.
	Orgc, Org lenient.Text
	// Date is the day that the event is about, and Timestamp the last change.
	Date, Timestamp lenient.Time
	// Level is the threat level: see Severity.
	Level    lenient.Text
	Tags     lenient.List[Tag]
	Galaxies lenient.List[Galaxy]
	// Attributes are the event's own and those of its objects.
	Attributes []Attribute
}

// UnmarshalJSON implements json.Unmarshaler. It keeps all attributes.
func (e *Event) UnmarshalJSON(raw []byte) error { return e.Read(lenient.NewWalker(raw), nil) }

// Read decodes the walker's next value, which is under "Event" in a document. It keeps
// the attributes for which keep returns true, or all if keep is nil. An event may have
// tens of thousands.
func (e *Event) Read(w *lenient.Walker, keep func(*Attribute) bool) error {
	return w.Object(func(key string) error { return e.ReadKey(w, key, keep) })
}

// ReadKey reads the value of one key of an event, for documents that mix the
// event's keys with others.
func (e *Event) ReadKey(w *lenient.Walker, key string, keep func(*Attribute) bool) error {
	switch key {
	case "Attribute":
		return e.readAttributes(w, keep)
	case "Object":
		return w.Array(func(int) error { return e.readObject(w, keep) })
	}
	if field, ok := eventFields[key]; ok {
		return w.Decode(field(e))
	}
	return w.Skip()
}

// eventFields are the fields of an event by their keys.
var eventFields = map[string]func(*Event) any{
	"id":              func(e *Event) any { return &e.ID },
	"uuid":            func(e *Event) any { return &e.UUID },
	"info":            func(e *Event) any { return &e.Info },
	"date":            func(e *Event) any { return &e.Date },
	"timestamp":       func(e *Event) any { return &e.Timestamp },
	"threat_level_id": func(e *Event) any { return &e.Level },
	"Orgc":            func(e *Event) any { return &struct{ Name *lenient.Text }{&e.Orgc} },
	"Org":             func(e *Event) any { return &struct{ Name *lenient.Text }{&e.Org} },
	"Tag":             func(e *Event) any { return &e.Tags },
	"Galaxy":          func(e *Event) any { return &e.Galaxies },
}

func (e *Event) readAttributes(w *lenient.Walker, keep func(*Attribute) bool) error {
	return w.Array(func(line int) error {
		a := Attribute{Line: line}
		err := w.Decode(&a)
		if keep == nil || keep(&a) {
			e.Attributes = append(e.Attributes, a)
		}
		return err
	})
}

// readObject reads an object. Its comment, dates and deletion also apply to attributes
// without them.
func (e *Event) readObject(w *lenient.Walker, keep func(*Attribute) bool) error {
	first := len(e.Attributes)
	var object Attribute
	fields := map[string]any{
		"comment": &object.Comment, "deleted": &object.Deleted, "first_seen": &object.FirstSeen, "last_seen": &object.LastSeen,
	}
	err := w.Object(func(key string) error {
		if field, ok := fields[key]; ok {
			return w.Decode(field)
		}
		if key == "Attribute" {
			return e.readAttributes(w, keep)
		}
		return w.Skip()
	})
	for i := range e.Attributes[first:] {
		a := &e.Attributes[first+i]
		a.Comment = cmp.Or(a.Comment, object.Comment)
		a.Deleted = a.Deleted || object.Deleted
		a.FirstSeen = cmp.Or(a.FirstSeen, object.FirstSeen)
		a.LastSeen = cmp.Or(a.LastSeen, object.LastSeen)
	}
	return err
}

// Producer returns the organisation that created the event, or otherwise the server's.
func (e *Event) Producer() string { return string(cmp.Or(e.Orgc, e.Org)) }

// Severity returns the severity for the threat level, or "" if that is invalid.
func (e *Event) Severity() ctim.Severity { return severities[e.Level] }

// severities are the severities for threat levels.
var severities = map[lenient.Text]ctim.Severity{
	"1": ctim.SeverityHigh, "2": ctim.SeverityMedium, "3": ctim.SeverityLow, "4": ctim.SeverityUnknown,
}

// Links returns the web pages that the event refers to, such as the report that
// it was made from.
func (e *Event) Links() []string {
	var pages []string
	for _, a := range e.Attributes {
		if a.Type == "link" && !bool(a.Deleted) {
			if page := ctim.WebURL(string(a.Value)); page != "" {
				pages = append(pages, page)
			}
		}
	}
	return pages
}

// Threats returns the threats of the whole event: the ones in its galaxies, and the
// vulnerabilities among its attributes.
func (e *Event) Threats() []threat.Threat {
	threats := AppendThreats(nil, e.Galaxies, e.Tags)
	for _, a := range e.Attributes {
		if a.Type == "vulnerability" && !bool(a.Deleted) {
			threats = threat.Append(threats, threat.Named(threat.Vulnerability, string(a.Value)))
		}
	}
	return threats
}
