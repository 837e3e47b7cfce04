// Package lenient decodes JSON that doesn't keep to its format: numbers in quotes, one
// value instead of a list, null anywhere. A value of another type is decoded as zero
// and is never an error.
package lenient

import (
	"bytes"
	"encoding/json"
	"strconv"
	"strings"
	"time"
)

// Text is decoded from a string, number or boolean.
type Text string

// UnmarshalJSON implements json.Unmarshaler.
func (t *Text) UnmarshalJSON(raw []byte) error {
	var s string
	switch raw = bytes.TrimSpace(raw); {
	case len(raw) == 0 || raw[0] == '{' || raw[0] == '[' || raw[0] == 'n':
		return nil
	case len(raw) >= 2 && raw[0] == '"' && bytes.IndexByte(raw, '\\') < 0:
		s = string(raw[1 : len(raw)-1]) // without escapes, as usual
	case json.Unmarshal(raw, &s) != nil:
		s = string(raw)
	}
	*t = Text(strings.TrimSpace(s))
	return nil
}

func textOf(raw []byte) string {
	var t Text
	_ = t.UnmarshalJSON(raw)
	return string(t)
}

// Texts is decoded from a list of Text or from one Text. Empty ones are dropped.
type Texts []string

// UnmarshalJSON implements json.Unmarshaler.
func (t *Texts) UnmarshalJSON(raw []byte) error {
	var many []Text
	if json.Unmarshal(raw, &many) != nil {
		many = []Text{Text(textOf(raw))}
	}
	for _, one := range many {
		if one != "" {
			*t = append(*t, string(one))
		}
	}
	return nil
}

// List is decoded from a list of objects or from one object, as by Walker.Array.
// Members that aren't objects are dropped.
type List[T any] []T

// UnmarshalJSON implements json.Unmarshaler.
func (l *List[T]) UnmarshalJSON(raw []byte) error {
	if string(raw) == "[]" {
		return nil // the usual case, without a Walker
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

// Flag is decoded from a boolean, or from a Text that ParseYes accepts.
type Flag bool

// UnmarshalJSON implements json.Unmarshaler.
func (f *Flag) UnmarshalJSON(raw []byte) error {
	yes, _ := ParseYes(textOf(raw))
	*f = Flag(yes)
	return nil
}

// Int is decoded from a Text that is a whole number. A fraction is cut off.
type Int int

// UnmarshalJSON implements json.Unmarshaler.
func (i *Int) UnmarshalJSON(raw []byte) error {
	whole, _, _ := strings.Cut(textOf(raw), ".")
	n, err := strconv.Atoi(whole)
	if err != nil {
		n = 0 // not the nearest number
	}
	*i = Int(n)
	return nil
}

// Time is decoded from a Text that ParseTime accepts.
type Time struct{ time.Time }

// UnmarshalJSON implements json.Unmarshaler.
func (t *Time) UnmarshalJSON(raw []byte) error {
	t.Time, _ = ParseTime(textOf(raw))
	return nil
}

// ParseYes parses a word for yes or no. ok is false for other words.
func ParseYes(text string) (yes, ok bool) {
	switch strings.ToLower(strings.TrimSpace(text)) {
	case "yes", "y", "true", "1", "x":
		return true, true
	case "no", "n", "false", "0":
		return false, true
	}
	return false, false
}

// timeLayouts are unambiguous layouts. Times without a zone are in UTC.
var timeLayouts = [...]string{
	time.RFC3339Nano, "2006-01-02T15:04:05", "2006-01-02T15:04:05-0700",
	"2006-01-02 15:04:05", "2006-01-02 15:04:05 UTC", "2006-01-02 15:04:05Z07:00", "2006-01-02 15:04:05 -0700",
	"2006-01-02 15:04", "2006-01-02T15:04Z07:00", "2006-01-02",
	"Mon, 02 Jan 2006 15:04:05 GMT", time.RFC1123Z,
}

// ParseTime parses a time in one of timeLayouts, or the time since 1970 in seconds (9 to
// 11 digits) or milliseconds (13 digits), whose fraction is cut off. ok is false if it is
// invalid.
func ParseTime(text string) (t time.Time, ok bool) {
	text = strings.TrimSpace(text)
	if whole, fraction, _ := strings.Cut(text, "."); strings.Trim(whole+fraction, "0123456789") == "" {
		n, err := strconv.ParseInt(whole, 10, 64)
		switch len(whole) {
		case 9, 10, 11:
			return time.Unix(n, 0).UTC(), err == nil
		case 13:
			return time.UnixMilli(n).UTC(), err == nil
		default: // usually 0 for no time
			return time.Time{}, false
		}
	}
	for _, layout := range timeLayouts {
		t, err := time.Parse(layout, text)
		if err != nil {
			continue
		}
		if t, ok := Writable(t); ok {
			return t, true
		}
	}
	return time.Time{}, false
}

// Writable returns a time in UTC. ok is false if RFC 3339 has no form for it, because
// its year in UTC isn't from 1 to 9999.
func Writable(t time.Time) (utc time.Time, ok bool) {
	t = t.UTC()
	if t.Year() < 1 || t.Year() > 9999 {
		return time.Time{}, false
	}
	return t, true
}
