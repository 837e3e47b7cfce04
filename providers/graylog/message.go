package graylog

import (
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"

	"github.com/serverless-relay/relay/shared/ctim"
	"github.com/serverless-relay/relay/shared/lenient"
	"github.com/serverless-relay/relay/shared/lookup"
	"github.com/serverless-relay/relay/shared/normalize"
	"github.com/serverless-relay/relay/shared/text"
)

// message is a log message.
type message struct {
	// Index is the index that contains it, a part of its address.
	Index  lenient.Text `json:"index"`
	Fields fields       `json:"message"`
}

// fields are the fields of a message by name. Any name and any type may occur: a list
// or an object is kept as JSON.
type fields map[string]string

// maxField is how many characters of a field are kept. A message that is cut when it is
// sent would lose the end of its code block.
const maxField = ctim.LongLimit - 100

// UnmarshalJSON implements json.Unmarshaler. Anything but an object has no fields.
func (f *fields) UnmarshalJSON(raw []byte) error {
	*f = fields{}
	w := lenient.NewWalker(raw)
	return w.Object(func(name string) error {
		var value lenient.Text
		raw, err := w.DecodeRaw(&value)
		if len(raw) > 0 && (raw[0] == '[' || raw[0] == '{') {
			value = lenient.Text(raw)
		}
		(*f)[name] = text.Shorten(string(value), maxField)
		return err
	})
}

// seen returns the message as a sighting.
func (m message) seen(call *lookup.Call) ctim.Seen {
	s := ctim.Seen{
		Title:    fmt.Sprintf("Log message received by Graylog in last %d days contains observable", days),
		Internal: true, Confidence: ctim.ConfidenceHigh,
	}
	s.At, _ = lenient.ParseTime(m.Fields["timestamp"])
	if line := m.Fields["message"]; line != "" {
		s.Text = "```\n" + strings.ReplaceAll(line, "```", "'''") + "\n```"
	}
	if id := m.Fields["_id"]; id != "" {
		s.Key = []string{id}
		if m.Index != "" {
			s.URL = call.URL("/messages/" + url.PathEscape(string(m.Index)) + "/" + url.PathEscape(id))
		}
	}
	row := []string{}
	for _, name := range slices.Sorted(maps.Keys(m.Fields)) {
		if value := m.Fields[name]; value != "" && !isMetadata(name) {
			s.Data.Columns, row = append(s.Data.Columns, name), append(row, value)
		}
	}
	s.Data.Rows = [][]string{row}
	source, errSource := normalize.Observable(ctim.Observable{Type: ctim.TypeIP, Value: m.Fields["source_ip"]})
	destination, errDestination := normalize.Observable(ctim.Observable{Type: ctim.TypeIP, Value: m.Fields["destination_ip"]})
	if errSource == nil && errDestination == nil {
		s.Relations = []ctim.Relation{{Origin: m.Fields["source"], Relation: ctim.RelationConnectedTo, Source: source, Related: destination}}
	}
	return s
}

// isMetadata reports whether a field is internal to Graylog or shown elsewhere.
func isMetadata(name string) bool {
	return strings.HasPrefix(name, "_") || strings.HasPrefix(name, "gl2_") || name == "message" || name == "streams" || name == "timestamp"
}
