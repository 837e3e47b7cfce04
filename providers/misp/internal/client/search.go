package client

import (
	"cmp"
	"context"
	"errors"
	"net/http"

	"github.com/serverless-relay/relay/shared/lenient"
	"github.com/serverless-relay/relay/shared/mispevent"
	"github.com/serverless-relay/relay/shared/relay"
	"github.com/serverless-relay/relay/shared/upstream"
)

// Match is an attribute that a search found, and its event. Matches in one event
// share it.
type Match struct {
	Attribute mispevent.Attribute
	Event     *mispevent.Event
}

// Search describes which attributes to search for.
type Search struct {
	// Values are the values of which an attribute must have one, or start with
	// one of Prefixes.
	Values, Prefixes []string
	// Keep selects the attributes to return: MISP also finds other types.
	Keep func(*mispevent.Attribute) bool
	// Fresh ignores cached responses.
	Fresh bool
}

// attributeSearch is the body of POST /attributes/restSearch.
type attributeSearch struct {
	ReturnFormat string   `json:"returnFormat"`
	Value        any      `json:"value,omitempty"`
	EventID      []string `json:"eventid,omitempty"`
	Type         []string `json:"type,omitempty"`
	// Context adds the event's head, without its galaxies.
	Context      bool `json:"includeContext,omitempty"`
	Sightings    bool `json:"includeSightings,omitempty"`
	WarningLists bool `json:"includeWarninglistHits,omitempty"`
	Limit        int  `json:"limit"`
	Page         int  `json:"page"`
}

// Page is a part of the result of a search for attributes.
type Page struct {
	Matches []Match
	// Count is how many attributes MISP found for the page, whether kept or not.
	Count int
}

// Attributes returns a page of the attributes with one of the values, each with
// the head of its event. Pages are numbered from 1 and have limit attributes, the
// last one fewer. Without a valid value it makes no call and the page is empty.
func (c *Client) Attributes(ctx context.Context, s Search, limit, page int) (Page, error) {
	value, ok := filter(s.Values, s.Prefixes)
	if !ok {
		return Page{}, nil
	}
	found := attributes{keep: s.Keep, events: map[string]*mispevent.Event{}}
	err := c.search(ctx, "/attributes/restSearch", attributeSearch{
		ReturnFormat: "json", Value: value, Context: true, Sightings: true, WarningLists: true, Limit: limit, Page: page,
	}, s.Fresh, &found)
	if err != nil {
		return Page{}, err
	}
	for _, m := range found.matches {
		if m.Event.Level == "" && m.Event.Info == "" {
			return Page{}, relay.Errorf(relay.CodeServiceUnavailable,
				"%s sends attributes without their events. Update it: the relay needs version 2.4.112 or later.", Title)
		}
	}
	return Page{found.matches, found.count}, nil
}

// References returns those attributes of events that describe the event rather
// than the threat: links and vulnerabilities, at most limit of them.
func (c *Client) References(ctx context.Context, eventIDs []string, limit int) ([]Match, error) {
	found := attributes{events: map[string]*mispevent.Event{}}
	err := c.search(ctx, "/attributes/restSearch", attributeSearch{
		ReturnFormat: "json", EventID: eventIDs, Type: []string{"link", "vulnerability"}, Limit: limit, Page: 1,
	}, false, &found)
	return found.matches, err
}

// eventSearch is the body of POST /events/restSearch.
type eventSearch struct {
	ReturnFormat string   `json:"returnFormat"`
	Value        any      `json:"value,omitempty"`
	EventID      []string `json:"eventid,omitempty"`
	// Metadata leaves out the attributes and objects.
	Metadata     bool   `json:"metadata,omitempty"`
	WarningLists bool   `json:"includeWarninglistHits,omitempty"`
	Limit        int    `json:"limit,omitempty"`
	Order        string `json:"order,omitempty"`
	// These leave out what is large and not needed.
	NoEventReports     bool `json:"noEventReports"`
	NoShadowAttributes bool `json:"noShadowAttributes"`
	SGReferenceOnly    bool `json:"sgReferenceOnly"`
}

// Events returns the attributes with one of the values, of the limit events that
// changed last. MISP sends these events whole: see Attributes for the usual way.
func (c *Client) Events(ctx context.Context, s Search, limit int) ([]Match, error) {
	value, ok := filter(s.Values, s.Prefixes)
	if !ok {
		return nil, nil
	}
	found := events{keep: func(a *mispevent.Attribute) bool { return IsReference(a) || s.Keep(a) }}
	err := c.search(ctx, "/events/restSearch", eventSearch{
		ReturnFormat: "json", Value: value, WarningLists: true, Limit: limit, Order: "timestamp desc",
		NoEventReports: true, NoShadowAttributes: true, SGReferenceOnly: true,
	}, s.Fresh, &found)
	var matches []Match
	for _, e := range found.all {
		for _, a := range e.Attributes {
			if s.Keep(&a) {
				matches = append(matches, Match{a, e})
			}
		}
	}
	return matches, err
}

// Heads returns events without their attributes, but with their galaxies.
func (c *Client) Heads(ctx context.Context, eventIDs []string) ([]*mispevent.Event, error) {
	found := events{keep: func(*mispevent.Attribute) bool { return false }}
	err := c.search(ctx, "/events/restSearch", eventSearch{
		ReturnFormat: "json", EventID: eventIDs, Metadata: true,
		NoEventReports: true, NoShadowAttributes: true, SGReferenceOnly: true,
	}, false, &found)
	return found.all, err
}

// IsReference reports whether an attribute describes its event rather than the
// threat: a link or a vulnerability.
func IsReference(a *mispevent.Attribute) bool { return a.Type == "link" || a.Type == "vulnerability" }

func (c *Client) search(ctx context.Context, path string, body any, fresh bool, into any) error {
	err := c.do(ctx, upstream.Request{Method: http.MethodPost, Path: path, Body: body, Repeatable: !fresh}, into)
	if nothingFound(err) {
		return nil
	}
	return err
}

// attributes decodes the result of a search for attributes one by one, and keeps those
// that keep selects, or all if keep is nil.
type attributes struct {
	keep    func(*mispevent.Attribute) bool
	events  map[string]*mispevent.Event // by identifier
	matches []Match
	// count is the number of attributes in the response.
	count int
}

// UnmarshalJSON implements json.Unmarshaler.
func (f *attributes) UnmarshalJSON(raw []byte) error {
	return unwrap(lenient.NewWalker(raw), "Attribute", f.read)
}

func (f *attributes) read(w *lenient.Walker) error {
	var one struct {
		mispevent.Attribute
		EventID lenient.Text `json:"event_id"`
		Event   mispevent.Event
	}
	if err := w.Decode(&one); err != nil {
		return err
	}
	f.count++
	if f.keep != nil && !f.keep(&one.Attribute) {
		return nil
	}
	one.Event.ID = cmp.Or(one.Event.ID, one.EventID)
	key := string(cmp.Or(one.Event.UUID, one.Event.ID))
	event := f.events[key]
	if event == nil || key == "" {
		event = &one.Event
		f.events[key] = event
	}
	f.matches = append(f.matches, Match{one.Attribute, event})
	return nil
}

// events decodes the result of a search for events attribute by attribute, and keeps the
// attributes that keep selects.
type events struct {
	keep func(*mispevent.Attribute) bool
	all  []*mispevent.Event
}

// UnmarshalJSON implements json.Unmarshaler.
func (f *events) UnmarshalJSON(raw []byte) error {
	return unwrap(lenient.NewWalker(raw), "Event", func(w *lenient.Walker) error {
		event := &mispevent.Event{}
		f.all = append(f.all, event)
		return event.Read(w, f.keep)
	})
}

// maxWrapping is how many lists and "response" objects may be around a result.
const maxWrapping = 4

var errNoResults = errors.New("client: the response is not a list of results")

// unwrap calls read for each value under key, inside of any lists and "response" objects.
// A response without a list of results is an error, unlike an empty list.
func unwrap(w *lenient.Walker, key string, read func(*lenient.Walker) error) error {
	var inside func(depth int, inList bool) error
	inside = func(depth int, inList bool) error {
		switch kind := w.Peek(); {
		case depth > maxWrapping:
			return errNoResults
		case kind == '[':
			return w.Array(func(int) error { return inside(depth+1, true) })
		case kind == '{':
			known, empty := false, true
			err := w.Object(func(name string) error {
				empty = false
				switch name {
				case "response":
					known = true
					return inside(depth+1, false)
				case key:
					known = true
					return w.Array(func(int) error { return read(w) })
				default:
					return w.Skip()
				}
			})
			if err == nil && !known && !inList && (depth == 0 || !empty) {
				return errNoResults
			}
			return err
		case kind == 'n' && depth > 0 || inList:
			return w.Skip()
		default:
			return errNoResults
		}
	}
	return inside(0, false)
}
