package server

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/serverless-relay/relay/shared/ctim"
	"github.com/serverless-relay/relay/shared/relay"
)

// maxBody is the size of the largest body that is read, in bytes: as large as API
// Gateway accepts. Decoded at once, a body of that size with millions of items
// would take more memory than a function has, so an item more than maxItems ends
// the decoding. It counts observables, and the fields of one.
const (
	maxBody  = 10 * 1024 * 1024
	maxItems = 1000
)

// The reasons for which a body is refused.
const (
	reasonMissing   = "Missing data for required field."
	reasonBlank     = "Field may not be blank."
	reasonNotString = "Not a valid string."
	reasonUnknown   = "Unknown field."
	reasonType      = "Invalid input type."
	reasonTooLarge  = "Longer than 10 MB."
	reasonTooMany   = "More than 1,000 items. Send fewer at a time."
)

// wholeBody stands for a field where the body as a whole is wrong.
const wholeBody = "_schema"

// A message names so many problems, and so much of a field's name: enough to
// see what is wrong, however much of it there is.
const (
	maxProblems  = 20
	maxFieldName = 80
)

// problems are the wrong items or fields of a body, in order.
type problems []problem

type problem struct {
	// item is the index in the list, or notAnItem.
	item   int
	field  string
	reason string
}

const notAnItem = -1

// err is nil where there are no problems. The message holds them as JSON:
// {"0": {"value": ["Field may not be blank."]}}.
func (ps problems) err() error {
	if len(ps) == 0 {
		return nil
	}
	var b strings.Builder
	b.WriteString("{")
	for i, p := range ps {
		sameItem := i > 0 && ps[i-1].item == p.item
		if i > 0 && !sameItem {
			b.WriteString("}")
		}
		if i > 0 {
			b.WriteString(", ")
		}
		if p.item != notAnItem && !sameItem {
			b.WriteString(`"` + strconv.Itoa(p.item) + `": {`)
		}
		field, _ := json.Marshal(shorten(p.field, maxFieldName))
		b.WriteString(string(field) + `: ["` + p.reason + `"]`)
		if p.item != notAnItem && i == len(ps)-1 {
			b.WriteString("}")
		}
	}
	b.WriteString("}")
	return relay.Errorf(relay.CodeInvalidArgument, "Invalid JSON payload received. %s.", b.String())
}

// readBody reads a request's body, but never more than maxBody.
func readBody(r *http.Request) ([]byte, error) {
	body, err := io.ReadAll(http.MaxBytesReader(nil, r.Body, maxBody))
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		return nil, problems{{notAnItem, wholeBody, reasonTooLarge}}.err()
	case err != nil:
		return nil, relay.Errorf(relay.CodeConnection, "The request's body did not arrive whole. Send it again.")
	}
	return body, nil
}

// readObservables reads a list of observables. Values lose the space around
// them, and an observable that was there before is left out.
func readObservables(r *http.Request) ([]ctim.Observable, error) {
	body, err := readBody(r)
	if err != nil {
		return nil, err
	}
	decoder := json.NewDecoder(bytes.NewReader(body))
	if open, err := decoder.Token(); err != nil || open != json.Delim('[') || !json.Valid(body) {
		return nil, problems{{notAnItem, wholeBody, reasonType}}.err()
	}
	var observables []ctim.Observable
	seen := map[ctim.Observable]bool{}
	var found problems
	for i := 0; decoder.More() && len(found) < maxProblems; i++ {
		if i == maxItems {
			return nil, problems{{notAnItem, wholeBody, reasonTooMany}}.err()
		}
		var item json.RawMessage
		_ = decoder.Decode(&item) // the whole body is valid
		o, wrong := readObservable(i, item)
		switch {
		case len(wrong) > 0:
			found = append(found, wrong...)
		case !seen[o]:
			seen[o] = true
			observables = append(observables, o)
		}
	}
	return observables, found.err()
}

// readObservable reads one item of the list.
func readObservable(i int, item json.RawMessage) (ctim.Observable, problems) {
	fields, reason := object(item)
	if reason != "" {
		return ctim.Observable{}, problems{{i, wholeBody, reason}}
	}
	texts, wrong := readStrings(i, fields, "type", "value")
	if len(wrong) > 0 {
		return ctim.Observable{}, wrong
	}
	return ctim.Observable{Type: ctim.ObservableType(texts[0]), Value: texts[1]}, nil
}

// object decodes the members of a JSON object. The text must be valid JSON. If it
// isn't an object or a large one, the reason is not empty.
func object(raw []byte) (fields map[string]json.RawMessage, reason string) {
	decoder := json.NewDecoder(bytes.NewReader(raw))
	if open, err := decoder.Token(); err != nil || open != json.Delim('{') {
		return nil, reasonType
	}
	fields = map[string]json.RawMessage{}
	for decoder.More() {
		if len(fields) == maxItems {
			return nil, reasonTooMany
		}
		name, _ := decoder.Token()
		var value json.RawMessage
		_ = decoder.Decode(&value)
		fields[name.(string)] = value
	}
	return fields, ""
}

// readStrings reads fields that must be strings with something in them. They
// lose the space around them.
func readStrings(item int, fields map[string]json.RawMessage, required ...string) (texts []string, wrong problems) {
	for _, name := range required {
		raw, ok := fields[name]
		var text *string
		switch {
		case !ok:
			wrong = append(wrong, problem{item, name, reasonMissing})
		case json.Unmarshal(raw, &text) != nil || text == nil:
			wrong = append(wrong, problem{item, name, reasonNotString})
		case strings.TrimSpace(*text) == "":
			wrong = append(wrong, problem{item, name, reasonBlank})
		default:
			texts = append(texts, strings.TrimSpace(*text))
		}
	}
	return texts, wrong
}

// readForm reads an object whose required fields are strings. Further fields
// are refused unless they are welcome; of those, what is no string comes as the
// JSON that it is.
func readForm(r *http.Request, further bool, required ...string) (map[string]string, error) {
	body, err := readBody(r)
	if err != nil {
		return nil, err
	}
	if !json.Valid(body) {
		return nil, problems{{notAnItem, wholeBody, reasonType}}.err()
	}
	fields, reason := object(body)
	if reason != "" {
		return nil, problems{{notAnItem, wholeBody, reason}}.err()
	}
	texts, found := readStrings(notAnItem, fields, required...)
	if !further {
		found = append(found, unknownFields(fields, required)...)
	}
	if len(found) > 0 {
		return nil, found.err()
	}
	form := make(map[string]string, len(fields))
	for name, raw := range fields {
		var text string
		if json.Unmarshal(raw, &text) != nil {
			text = string(raw)
		}
		form[name] = text
	}
	for i, name := range required {
		form[name] = texts[i]
	}
	return form, nil
}

// unknownFields are the problems with fields that nobody asked for, by name.
func unknownFields(fields map[string]json.RawMessage, known []string) (found problems) {
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		if !slices.Contains(known, name) && len(found) < maxProblems {
			found = append(found, problem{notAnItem, name, reasonUnknown})
		}
	}
	return found
}
