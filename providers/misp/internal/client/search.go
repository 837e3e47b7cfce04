package client

import (
	"context"
	"errors"
	"net/http"

	"github.com/serverless-relay/relay/shared/lenient"
	"github.com/serverless-relay/relay/shared/misp"
	"github.com/serverless-relay/relay/shared/upstream"
)

// Search is a question for events.
type Search struct {
	// Values are those of which an attribute of the event must have one.
	Values []string
	// Limit is the most events that are wanted: those that changed last.
	Limit int
	// Keep says which attributes to keep of the events. An event comes with all
	// that it has, tens of thousands perhaps.
	Keep func(misp.Attribute) bool
	// Fresh wants what stands in MISP now, and no answer that was kept.
	Fresh bool
}

// searchBody is a search as it is sent.
type searchBody struct {
	ReturnFormat string `json:"returnFormat"`
	Value        any    `json:"value"`
	Limit        int    `json:"limit"`
	// Metadata would leave out the attributes.
	Metadata bool `json:"metadata"`
	// Order is for servers that know it; older ones give the oldest first.
	Order string `json:"order"`
	// These leave out what is large and not needed.
	NoEventReports     bool `json:"noEventReports"`
	NoShadowAttributes bool `json:"noShadowAttributes"`
	SGReferenceOnly    bool `json:"sgReferenceOnly"`
}

// Search finds events with POST /events/restSearch. Without a value that can be
// searched for there is no call and no event.
func (c *Client) Search(ctx context.Context, s Search) ([]misp.Event, error) {
	value, ok := filter(s.Values)
	if !ok {
		return nil, nil
	}
	found := events{keep: s.Keep}
	err := c.caller.Do(ctx, upstream.Request{
		Method: http.MethodPost,
		Path:   "/events/restSearch",
		Body: searchBody{
			ReturnFormat:       "json",
			Value:              value,
			Limit:              s.Limit,
			Order:              "timestamp desc",
			NoEventReports:     true,
			NoShadowAttributes: true,
			SGReferenceOnly:    true,
		},
		Repeatable: !s.Fresh,
	}, &found)
	return found.all, err
}

// events reads the answer to a search piece by piece, and keeps of it only what
// is wanted.
type events struct {
	keep func(misp.Attribute) bool
	all  []misp.Event
}

// maxWrapping is how deep an event may lie in lists and "response" objects.
const maxWrapping = 4

var errNoEvents = errors.New("client: neither a list of events nor a response")

// UnmarshalJSON implements json.Unmarshaler. The raw JSON is valid.
func (e *events) UnmarshalJSON(raw []byte) error {
	return e.read(lenient.NewWalker(raw), 0)
}

func (e *events) read(w *lenient.Walker, depth int) error {
	if depth > maxWrapping {
		return w.Skip()
	}
	switch w.Peek() {
	case '[':
		return w.Array(func(int) error { return e.read(w, depth+1) })
	case '{':
		known := depth > 0
		err := w.Object(func(key string) error {
			switch key {
			case "response":
				known = true
				return e.read(w, depth+1)
			case "Event":
				known = true
				e.all = append(e.all, misp.Event{})
				return e.all[len(e.all)-1].Read(w, e.keep)
			default:
				return w.Skip()
			}
		})
		if err == nil && !known {
			return errNoEvents
		}
		return err
	default:
		if depth == 0 {
			return errNoEvents
		}
		return w.Skip()
	}
}
