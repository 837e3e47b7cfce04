// Package lenient reads JSON as it is found, not as it should be: numbers in
// quotes, one value where a list belongs, null anywhere. What can't be read is
// zero, never an error.
package lenient

import (
	"bytes"
	"encoding/json"
	"strings"
	"time"
)

// Text is a string, or a number or boolean as text.
type Text string

// UnmarshalJSON implements json.Unmarshaler.
func (t *Text) UnmarshalJSON(raw []byte) error {
	var s string
	switch raw = bytes.TrimSpace(raw); {
	case len(raw) == 0 || raw[0] == '{' || raw[0] == '[' || raw[0] == 'n':
		return nil
	case len(raw) >= 2 && raw[0] == '"' && bytes.IndexByte(raw, '\\') < 0:
		s = string(raw[1 : len(raw)-1]) // nothing to unescape, as is the rule
	case json.Unmarshal(raw, &s) != nil:
		s = string(raw)
	}
	*t = Text(strings.TrimSpace(s))
	return nil
}

// Texts is a list of strings, or one.
type Texts []string

// UnmarshalJSON implements json.Unmarshaler.
func (t *Texts) UnmarshalJSON(raw []byte) error {
	var many []Text
	if json.Unmarshal(raw, &many) != nil {
		var one Text
		_ = one.UnmarshalJSON(raw)
		many = []Text{one}
	}
	for _, one := range many {
		if one != "" {
			*t = append(*t, string(one))
		}
	}
	return nil
}

// List is a list of objects: an array, one object in its place, or what PHP makes
// of a list with gaps (see Walker.Array). Other members are left out.
type List[T any] []T

// UnmarshalJSON implements json.Unmarshaler.
func (l *List[T]) UnmarshalJSON(raw []byte) error {
	if string(raw) == "[]" {
		return nil // the usual case, for free
	}
	w := NewWalker(raw)
	return w.Array(func(int) error {
		if w.Peek() != '{' {
			return w.Skip()
		}
		var member T
		err := w.Decode(&member)
		*l = append(*l, member)
		return err
	})
}

// Flag is a boolean, or a number or word for one.
type Flag bool

// UnmarshalJSON implements json.Unmarshaler.
func (f *Flag) UnmarshalJSON(raw []byte) error {
	var word Text
	_ = word.UnmarshalJSON(raw)
	yes, _ := ParseYes(string(word))
	*f = Flag(yes)
	return nil
}

// Time is a time in any of the ways of ParseTime.
type Time struct{ time.Time }

// UnmarshalJSON implements json.Unmarshaler.
func (m *Time) UnmarshalJSON(raw []byte) error {
	var word Text
	_ = word.UnmarshalJSON(raw)
	m.Time, _ = ParseTime(string(word))
	return nil
}
