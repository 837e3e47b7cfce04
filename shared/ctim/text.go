package ctim

import "unicode/utf8"

// Lengths that CTIM allows, in characters: of a ShortString, a MedString and a
// LongString.
const (
	ShortLimit = 1024
	MedLimit   = 2048
	LongLimit  = 5000
)

// ShortString is a text of at most 1,024 characters, such as a title. What is
// longer is cut when it is written.
type ShortString string

// MarshalText implements encoding.TextMarshaler.
func (s ShortString) MarshalText() ([]byte, error) { return cut(string(s), ShortLimit), nil }

// MedString is a text of at most 2,048 characters, such as a short
// description. What is longer is cut when it is written.
type MedString string

// MarshalText implements encoding.TextMarshaler.
func (s MedString) MarshalText() ([]byte, error) { return cut(string(s), MedLimit), nil }

// LongString is a text of at most 5,000 characters, such as a description. It
// may be Markdown. What is longer is cut when it is written.
type LongString string

// MarshalText implements encoding.TextMarshaler.
func (s LongString) MarshalText() ([]byte, error) { return cut(string(s), LongLimit), nil }

// cut shortens s to limit characters; the last one then is an ellipsis.
func cut(s string, limit int) []byte {
	if len(s) <= limit || utf8.RuneCountInString(s) <= limit {
		return []byte(s)
	}
	kept := 0
	for i := range s {
		if kept == limit-1 {
			return append([]byte(s[:i]), "…"...)
		}
		kept++
	}
	return []byte(s)
}
