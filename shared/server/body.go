package server

import (
	"encoding/json"
	"errors"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/serverless-relay/relay/shared/ctim"
	"github.com/serverless-relay/relay/shared/relay"
	"github.com/serverless-relay/relay/shared/text"
)

// The limits of a body. maxBody is its size in bytes, the same as API Gateway's.
// maxItems is how many observables a list has, and how many fields an object. It
// bounds memory: a body of 10 MB may have millions of items.
const (
	maxBody  = 10 * 1024 * 1024
	maxItems = 1000
)

// The limits of an error message about a body: how many items or fields it names,
// and how many characters of a name it shows.
const (
	maxProblems  = 10
	maxFieldName = 80
)

// The reasons why a body or a field is refused. The platform's protocol fixes all
// but the last two.
const (
	reasonMissing   = "Missing data for required field."
	reasonBlank     = "Field may not be blank."
	reasonNotString = "Not a valid string."
	reasonUnknown   = "Unknown field."
	reasonType      = "Invalid input type."
	reasonTooLarge  = "Longer than 10 MB."
	reasonTooMany   = "More than 1,000 items. Send fewer at a time."
)

// wholeBody is the field of a reason that is about a body or an item as a whole.
const wholeBody = "_schema"

// problems are reasons by field.
type problems map[string][]string

func (p *problems) add(field, reason string) {
	if *p == nil {
		*p = problems{}
	}
	(*p)[text.Shorten(field, maxFieldName)] = []string{reason}
}

// invalidBody returns the error about a body with problems, or problems by item.
// Its message contains them as JSON: {"0": {"value": ["Field may not be blank."]}}.
func invalidBody(problems any) error {
	raw, _ := json.MarshalIndent(problems, "", "") // strings can't fail
	return relay.Errorf(relay.CodeInvalidArgument, "Invalid JSON payload received. %s.", onOneLine.Replace(string(raw)))
}

var onOneLine = strings.NewReplacer(",\n", ", ", "\n", "")

// refused returns the error about a body that is refused as a whole.
func refused(reason string) error { return invalidBody(problems{wholeBody: {reason}}) }

// readBody reads a request's body, which is valid JSON of maxBody bytes at most.
func readBody(r *http.Request) (string, error) {
	body, err := io.ReadAll(http.MaxBytesReader(nil, r.Body, maxBody))
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		return "", refused(reasonTooLarge)
	case err != nil:
		return "", relay.Errorf(relay.CodeConnection, "The request's body is incomplete. Send it again.")
	case !json.Valid(body):
		return "", refused(reasonType)
	}
	return string(body), nil
}

// readObservables reads a list of observables. It trims the values and drops
// duplicates.
func readObservables(r *http.Request) ([]ctim.Observable, error) {
	body, err := readBody(r)
	if err != nil {
		return nil, err
	}
	if firstByte(body) != '[' {
		return nil, refused(reasonType)
	}
	var observables []ctim.Observable
	seen := map[ctim.Observable]bool{}
	invalid := map[int]problems{}
	i := -1
	for _, item := range text.Members(body) {
		if len(invalid) == maxProblems {
			break
		}
		if i++; i == maxItems {
			return nil, refused(reasonTooMany)
		}
		o, found := readObservable(item)
		switch {
		case len(found) > 0:
			invalid[i] = found
		case !seen[o]:
			seen[o] = true
			observables = append(observables, o)
		}
	}
	if len(invalid) > 0 {
		return nil, invalidBody(invalid)
	}
	return observables, nil
}

func readObservable(item string) (o ctim.Observable, found problems) {
	fields, reason := readObject(item)
	if reason != "" {
		return o, problems{wholeBody: {reason}}
	}
	o.Type = ctim.ObservableType(readString(fields, "type", &found))
	o.Value = readString(fields, "value", &found)
	return o, found
}

// readObject decodes the fields of a JSON object. raw must be valid JSON. reason is
// not empty if it isn't an object, or has more than maxItems fields.
func readObject(raw string) (fields map[string]string, reason string) {
	if firstByte(raw) != '{' {
		return nil, reasonType
	}
	fields = map[string]string{}
	for name, value := range text.Members(raw) {
		if len(fields) == maxItems {
			return nil, reasonTooMany
		}
		fields[name] = value
	}
	return fields, ""
}

// firstByte returns the first byte of a JSON value.
func firstByte(raw string) byte { return strings.TrimLeft(raw, " \t\r\n")[0] }

// readString returns a required field, trimmed. It must be a string that is not blank.
func readString(fields map[string]string, name string, found *problems) string {
	raw, ok := fields[name]
	value, isString := text.String(raw)
	value = strings.TrimSpace(value)
	switch {
	case !ok:
		found.add(name, reasonMissing)
	case !isString:
		found.add(name, reasonNotString)
	case value == "":
		found.add(name, reasonBlank)
	}
	return value
}

// readForm reads an object whose required fields are strings. Other fields are an
// error, unless allowOther is true. Then their value is a string, or JSON as text.
func readForm(r *http.Request, allowOther bool, required ...string) (map[string]string, error) {
	body, err := readBody(r)
	if err != nil {
		return nil, err
	}
	fields, reason := readObject(body)
	if reason != "" {
		return nil, refused(reason)
	}
	form := make(map[string]string, len(fields))
	var found problems
	for _, name := range required {
		form[name] = readString(fields, name, &found)
	}
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		var value string
		switch {
		case slices.Contains(required, name):
		case !allowOther && len(found) < maxProblems:
			found.add(name, reasonUnknown)
		case json.Unmarshal([]byte(fields[name]), &value) == nil:
			form[name] = value
		default:
			form[name] = fields[name]
		}
	}
	if len(found) > 0 {
		return nil, invalidBody(found)
	}
	return form, nil
}
