package graylog

import (
	"encoding/json"
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

// fields are the fields of a message by name. Any name and any type may occur.
type fields map[string]json.RawMessage

// UnmarshalJSON implements json.Unmarshaler. Anything but an object has no fields.
func (f *fields) UnmarshalJSON(raw []byte) error {
	var object map[string]json.RawMessage
	if json.Unmarshal(raw, &object) == nil {
		*f = object
	}
	return nil
}

// get returns a field as text: a list or an object as JSON, and "" if it is absent.
func (f fields) get(name string) string {
	raw := f[name]
	var t lenient.Text
	_ = t.UnmarshalJSON(raw)
	if t == "" && len(raw) > 0 && (raw[0] == '[' || raw[0] == '{') {
		return string(raw)
	}
	return string(t)
}

// maxMessage is how many characters of a message are shown. A description that is cut
// would lose the end of its code block.
const maxMessage = ctim.LongLimit - 100

// seen returns the message as a sighting.
func (m message) seen(call *lookup.Call) ctim.Seen {
	s := ctim.Seen{
		Title:    fmt.Sprintf("Log message received by Graylog in last %d days contains observable", days),
		Internal: true, Confidence: ctim.ConfidenceHigh,
	}
	s.At, _ = lenient.ParseTime(m.Fields.get("timestamp"))
	if line := m.Fields.get("message"); line != "" {
		s.Text = "```\n" + text.Shorten(strings.ReplaceAll(line, "```", "'''"), maxMessage) + "\n```"
	}
	if id := m.Fields.get("_id"); id != "" {
		s.Key = []string{id}
		if m.Index != "" {
			s.URL = call.URL("/messages/" + url.PathEscape(string(m.Index)) + "/" + url.PathEscape(id))
		}
	}
	row := []string{}
	for _, name := range slices.Sorted(maps.Keys(m.Fields)) {
		if value := m.Fields.get(name); value != "" && !isMetadata(name) {
			s.Data.Columns, row = append(s.Data.Columns, name), append(row, value)
		}
	}
	s.Data.Rows = [][]string{row}
	source, errSource := normalize.Observable(ctim.Observable{Type: ctim.TypeIP, Value: m.Fields.get("source_ip")})
	destination, errDestination := normalize.Observable(ctim.Observable{Type: ctim.TypeIP, Value: m.Fields.get("destination_ip")})
	if errSource == nil && errDestination == nil {
		s.Relations = []ctim.Relation{{Origin: m.Fields.get("source"), Relation: ctim.RelationConnectedTo, Source: source, Related: destination}}
	}
	return s
}

// isMetadata reports whether a field is Graylog's own or is shown elsewhere.
func isMetadata(name string) bool {
	return strings.HasPrefix(name, "_") || strings.HasPrefix(name, "gl2_") || name == "message" || name == "streams" || name == "timestamp"
}
