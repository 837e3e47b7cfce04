package misp

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/serverless-relay/relay/shared/lenient"
	"github.com/serverless-relay/relay/shared/mispevent"
	"github.com/serverless-relay/relay/shared/relay"
	"github.com/serverless-relay/relay/shared/upstream"
)

// query describes which attributes to search for.
type query struct {
	// values are the values of which an attribute must have one, or start with one of
	// prefixes.
	values, prefixes []string
	// keep selects the attributes to return: MISP also finds other types.
	keep func(*mispevent.Attribute) bool
}

type object = map[string]any

// attributes returns a page of the attributes with one of the values, each with the head
// of its event. Pages are numbered from 1 and have limit attributes, the last one fewer.
// count is how many the page has, whether kept or not. Without a valid value there is no
// call.
func (s *session) attributes(ctx context.Context, q query, limit, page int) (matches []match, count int, err error) {
	value, ok := filter(q.values, q.prefixes)
	if !ok {
		return nil, 0, nil
	}
	found := attributes{keep: q.keep, events: map[string]*mispevent.Event{}}
	err = s.search(ctx, "attributes", object{ // with the events' heads, but not their galaxies
		"value": value, "includeContext": true, "includeSightings": true, "includeWarninglistHits": true, "limit": limit, "page": page,
	}, &found)
	for _, m := range found.matches {
		if err == nil && m.event.Level == "" && m.event.Info == "" {
			err = relay.Errorf(relay.CodeServiceUnavailable,
				"%s sends attributes without their events. Update it: the relay needs version 2.4.112 or later.", title)
		}
	}
	return found.matches, found.count, err
}

// references returns those attributes of events that describe the event rather than the
// threat: links and vulnerabilities, at most limit of them.
func (s *session) references(ctx context.Context, eventIDs []string, limit int) ([]match, error) {
	found := attributes{events: map[string]*mispevent.Event{}}
	err := s.search(ctx, "attributes", object{"eventid": eventIDs, "type": []string{"link", "vulnerability"}, "limit": limit, "page": 1}, &found)
	return found.matches, err
}

// isReference reports whether an attribute describes its event rather than the threat.
func isReference(a *mispevent.Attribute) bool { return a.Type == "link" || a.Type == "vulnerability" }

// wholeEvents returns the attributes with one of the values, of the limit events that
// changed last. MISP sends these events whole: see attributes for the usual way.
func (s *session) wholeEvents(ctx context.Context, q query, limit int) (matches []match, err error) {
	value, ok := filter(q.values, q.prefixes)
	if !ok {
		return nil, nil
	}
	found := events{keep: func(a *mispevent.Attribute) bool { return isReference(a) || q.keep(a) }}
	err = s.search(ctx, "events", object{"value": value, "includeWarninglistHits": true, "limit": limit, "order": "timestamp desc"}, &found)
	for _, e := range found.all {
		for _, a := range e.Attributes {
			if q.keep(&a) {
				matches = append(matches, match{attribute: a, event: e})
			}
		}
	}
	return matches, err
}

// heads returns events without their attributes, but with their galaxies.
func (s *session) heads(ctx context.Context, eventIDs []string) ([]*mispevent.Event, error) {
	found := events{keep: func(*mispevent.Attribute) bool { return false }}
	err := s.search(ctx, "events", object{"eventid": eventIDs, "metadata": true}, &found)
	return found.all, err
}

// search searches for attributes or events. Old servers answer 404 if they find nothing.
func (s *session) search(ctx context.Context, kind string, body object, into any) error {
	body["returnFormat"] = "json"
	if kind == "events" { // without the large parts that are not needed
		body["noEventReports"], body["noShadowAttributes"], body["sgReferenceOnly"] = true, true, true
	}
	err := do(ctx, s.Call().Caller, upstream.Request{Method: http.MethodPost, Path: "/" + kind + "/restSearch", Body: body, Repeatable: true}, into)
	var status *upstream.StatusError
	if errors.As(err, &status) && status.Status == http.StatusNotFound && strings.HasPrefix(explain(status.Body), "No matches") {
		return nil
	}
	return err
}

// do calls MISP and decodes its response into into. It distinguishes the causes of a 403:
// a wrong key, a user without the permission, or a proxy before MISP.
func do(ctx context.Context, caller *upstream.Caller, r upstream.Request, into any) error {
	err := caller.Do(ctx, r, into)
	var status *upstream.StatusError
	if !errors.As(err, &status) {
		return err
	}
	reason := explain(status.Body)
	switch {
	case status.Status == http.StatusForbidden && bytes.HasPrefix(bytes.TrimSpace(status.Body), []byte("<")):
		return fmt.Errorf("%w (%w)", relay.Errorf(relay.CodeConnection,
			"A proxy or firewall before %s refused the call (403). Let the relay through there, or check the address in the module's settings.", title), status)
	case status.Status == http.StatusForbidden && !strings.Contains(strings.ToLower(reason), "permission"):
		caller.Stop(err)
		return err
	case status.Status == http.StatusForbidden, status.Status == http.StatusMethodNotAllowed && reason != "":
		return fmt.Errorf("%w (%w)", relay.Errorf(relay.CodePermissionDenied,
			"The key's user may not do this in %s (%d). To add sightings, use a key that is not read-only, of a user whose role may add them.",
			title, status.Status), status)
	default:
		return err
	}
}

// explain returns MISP's own message in the body of an error, or "".
func explain(body []byte) string {
	var answer struct {
		Name    lenient.Text `json:"name"`
		Message lenient.Text `json:"message"`
	}
	if json.Unmarshal(body, &answer) != nil {
		return ""
	}
	return string(cmp.Or(answer.Message, answer.Name))
}

// attributes decodes the result of a search for attributes one by one, and keeps those
// that keep selects, or all if keep is nil.
type attributes struct {
	keep    func(*mispevent.Attribute) bool
	events  map[string]*mispevent.Event // by identifier
	matches []match
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
	f.matches = append(f.matches, match{attribute: one.Attribute, event: event})
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

var errNoResults = errors.New("misp: the response is not a list of results")

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

// filter returns the "value" of a search that finds attributes with one of these
// values, or with one that starts with a prefix, whole or as a half of a
// composite, and no others. ok is false if there is no value to search for: MISP
// treats a blank value and "0" as no filter at all, and would return everything.
//
// In a plain string, MISP knows operators: "!" at the start excludes, "&&" and
// "||" separate values, and "%" at either end is a wildcard. In a list under
// "OR", only the wildcard remains.
func filter(values, prefixes []string) (value any, ok bool) {
	var list []string
	plain := len(prefixes) == 0
	for _, v := range values {
		v = strings.TrimSpace(v)
		if v == "" || v == "0" {
			continue
		}
		if strings.HasPrefix(v, "%") || strings.HasSuffix(v, "%") {
			v = startsWith(v)
			plain = false
		}
		if strings.HasPrefix(v, "!") || strings.Contains(v, "&&") || strings.Contains(v, "||") {
			plain = false
		}
		list = append(list, v)
	}
	if len(list) == 0 {
		return nil, false
	}
	for _, prefix := range prefixes {
		list = append(list, startsWith(prefix))
	}
	if len(list) == 1 && plain {
		return list[0], true
	}
	return map[string][]string{"OR": list}, true
}

// startsWith returns the pattern for values that start with this one. There is no
// narrower pattern for a value with "%" at its end: MISP recognises a pattern by
// "%" at its start or end, and only inside of one can "%" be escaped.
func startsWith(value string) string {
	return strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(value) + "%"
}
