package relay

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/serverless-relay/relay/shared/ctim"
)

// maxBody is the largest body that is read, in bytes. API Gateway takes 10 MB.
const maxBody = 10 * 1024 * 1024

// The reasons for which a body is refused.
const (
	reasonMissing   = "Missing data for required field."
	reasonBlank     = "Field may not be blank."
	reasonNotString = "Not a valid string."
	reasonUnknown   = "Unknown field."
	reasonType      = "Invalid input type."
	reasonTooLarge  = "Longer than 10 MB."
)

// wholeBody stands for a field where the body as a whole is wrong.
const wholeBody = "_schema"

// maxProblems is how many wrong items a message names: enough to see what is
// wrong, however long the list is.
const maxProblems = 20

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
		field, _ := json.Marshal(p.field)
		b.WriteString(string(field) + `: ["` + p.reason + `"]`)
		if p.item != notAnItem && i == len(ps)-1 {
			b.WriteString("}")
		}
	}
	b.WriteString("}")
	return Errorf(CodeInvalidArgument, "Invalid JSON payload received. %s.", b.String())
}

// readBody reads a request's body, but never more than maxBody.
func readBody(r *http.Request) ([]byte, error) {
	body, err := io.ReadAll(http.MaxBytesReader(nil, r.Body, maxBody))
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		return nil, problems{{notAnItem, wholeBody, reasonTooLarge}}.err()
	case err != nil:
		return nil, Errorf(CodeConnection, "The request's body did not arrive whole. Send it again.")
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
	var items []struct{ Type, Value *string }
	if json.Unmarshal(body, &items) != nil || items == nil {
		return nil, explainObservables(body)
	}
	observables := make([]ctim.Observable, 0, len(items))
	seen := make(map[ctim.Observable]bool, len(items))
	for _, item := range items {
		if item.Type == nil || item.Value == nil {
			return nil, explainObservables(body)
		}
		o := ctim.Observable{Type: ctim.ObservableType(strings.TrimSpace(*item.Type)), Value: strings.TrimSpace(*item.Value)}
		if o.Type == "" || o.Value == "" {
			return nil, explainObservables(body)
		}
		if !seen[o] {
			seen[o] = true
			observables = append(observables, o)
		}
	}
	return observables, nil
}

// explainObservables says what is wrong with a body that is not a list of
// observables.
func explainObservables(body []byte) error {
	var items []json.RawMessage
	if json.Unmarshal(body, &items) != nil || items == nil {
		return problems{{notAnItem, wholeBody, reasonType}}.err()
	}
	var found problems
	wrong := 0
	for i, item := range items {
		before := len(found)
		fields, ok := object(item)
		if !ok {
			found = append(found, problem{i, wholeBody, reasonType})
		} else {
			found = append(found, checkStrings(i, fields, "type", "value")...)
		}
		if len(found) > before {
			wrong++
		}
		if wrong == maxProblems {
			break
		}
	}
	return found.err()
}

// object is the members of a JSON object; ok is false for anything else.
func object(raw []byte) (fields map[string]json.RawMessage, ok bool) {
	err := json.Unmarshal(raw, &fields)
	return fields, err == nil && fields != nil
}

// checkStrings finds which of the required fields are not a string with
// something in it.
func checkStrings(item int, fields map[string]json.RawMessage, required ...string) problems {
	var found problems
	for _, name := range required {
		raw, ok := fields[name]
		var text *string
		switch {
		case !ok:
			found = append(found, problem{item, name, reasonMissing})
		case json.Unmarshal(raw, &text) != nil || text == nil:
			found = append(found, problem{item, name, reasonNotString})
		case strings.TrimSpace(*text) == "":
			found = append(found, problem{item, name, reasonBlank})
		}
	}
	return found
}

// readForm reads an object whose required fields are strings. Further fields
// are refused unless they are welcome.
func readForm(r *http.Request, further bool, required ...string) (map[string]json.RawMessage, error) {
	body, err := readBody(r)
	if err != nil {
		return nil, err
	}
	fields, ok := object(bytes.TrimSpace(body))
	if !ok {
		return nil, problems{{notAnItem, wholeBody, reasonType}}.err()
	}
	found := checkStrings(notAnItem, fields, required...)
	if !further {
		var unknown []string
		for name := range fields {
			if !slices.Contains(required, name) {
				unknown = append(unknown, name)
			}
		}
		slices.Sort(unknown)
		for _, name := range unknown[:min(len(unknown), maxProblems)] {
			found = append(found, problem{notAnItem, name, reasonUnknown})
		}
	}
	return fields, found.err()
}
