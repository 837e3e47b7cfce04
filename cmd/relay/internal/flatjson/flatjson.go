// Package flatjson reads a JSON object whose values are all strings, such as a
// file of credentials. Its errors say where something is wrong, and never
// repeat a value.
package flatjson

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"unicode/utf8"
)

// Member is a name of an object with its value.
type Member struct{ Name, Value string }

// Decode reads the object with its members in the order in which they are
// written. Anything else is an error: another kind of value, a name that is
// there twice, something after the object, text that isn't UTF-8. A byte order
// mark at the start is overlooked: editors on Windows write one.
func Decode(data []byte) ([]Member, error) {
	data = bytes.TrimPrefix(data, []byte("\ufeff"))
	if !utf8.Valid(data) {
		return nil, errors.New("not a text in UTF-8")
	}
	if err := check(data); err != nil {
		return nil, err
	}
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.UseNumber()
	if open, err := decoder.Token(); err != nil || open != json.Delim('{') {
		return nil, errors.New("not a JSON object")
	}
	var members []Member
	for decoder.More() {
		name, _ := decoder.Token() // it is JSON: check has read all of it
		value, _ := decoder.Token()
		m := Member{Name: fmt.Sprint(name)}
		var ok bool
		if m.Value, ok = value.(string); !ok {
			return nil, fmt.Errorf("the value of %q is %s, not a string", m.Name, kind(value))
		}
		if slices.ContainsFunc(members, func(earlier Member) bool { return earlier.Name == m.Name }) {
			return nil, fmt.Errorf("the name %q is there twice", m.Name)
		}
		members = append(members, m)
	}
	return members, nil
}

// check finds what isn't JSON, and the line that it is in. The package json's
// own message quotes a character, which may be part of a secret.
func check(data []byte) error {
	if len(bytes.TrimSpace(data)) == 0 {
		return errors.New("empty")
	}
	var all json.RawMessage
	if syntax, ok := errors.AsType[*json.SyntaxError](json.Unmarshal(data, &all)); ok {
		return fmt.Errorf("not JSON: line %d is wrong", 1+bytes.Count(data[:syntax.Offset], []byte("\n")))
	}
	return nil
}

func kind(value json.Token) string {
	switch value.(type) {
	case json.Number:
		return "a number"
	case bool:
		return "a boolean"
	case nil:
		return "null"
	default:
		return "a list or an object"
	}
}
