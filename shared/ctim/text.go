package ctim

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// The maximum lengths of a ShortString, a MedString and a LongString, in characters.
const (
	ShortLimit = 1024
	MedLimit   = 2048
	LongLimit  = 5000
)

// ShortString is a text of at most 1,024 characters, such as a title. It is encoded
// as Plain text, and cut if it is longer.
type ShortString string

// MarshalText implements encoding.TextMarshaler.
func (s ShortString) MarshalText() ([]byte, error) { return []byte(s.encoded()), nil }

func (s ShortString) encoded() string { return cut(Plain(string(s)), ShortLimit) }

// MedString is a text of at most 2,048 characters, such as a short description. It is
// encoded as Plain text, and cut if it is longer.
type MedString string

// MarshalText implements encoding.TextMarshaler.
func (s MedString) MarshalText() ([]byte, error) { return []byte(s.encoded()), nil }

func (s MedString) encoded() string { return cut(Plain(string(s)), MedLimit) }

// LongString is a text of at most 5,000 characters, such as a description. It may
// have several lines. It is encoded as Plain text, and cut if it is longer.
type LongString string

// MarshalText implements encoding.TextMarshaler.
func (s LongString) MarshalText() ([]byte, error) { return []byte(s.encoded()), nil }

func (s LongString) encoded() string { return cut(Plain(string(s)), LongLimit) }

// Plain makes a third party's text safe to show. It drops control characters except
// line breaks and tabs, and marks that change the direction of a text. It breaks HTML
// tags and Markdown links, so that nothing is markup.
func Plain(s string) string {
	if isPlain(s) {
		return s
	}
	s = strings.Map(visible, strings.ToValidUTF8(s, ""))
	s = strings.ReplaceAll(s, "](", "] (")
	if !strings.Contains(s, "<") {
		return s
	}
	var b strings.Builder
	for i, part := range strings.Split(s, "<") {
		switch {
		case i > 0 && startsTag(part):
			b.WriteString("‹")
		case i > 0:
			b.WriteByte('<')
		}
		b.WriteString(part)
	}
	return b.String()
}

// isPlain reports whether s is ASCII without a character that Plain might change. Most
// texts are.
func isPlain(s string) bool {
	for i := range len(s) {
		if c := s[i]; c < ' ' || c > '~' || c == '<' || c == ']' {
			return false
		}
	}
	return true
}

// visible returns r, or -1 if Plain drops it.
func visible(r rune) rune {
	switch {
	case r == '\n' || r == '\t':
		return r
	case unicode.IsControl(r), unicode.Is(unicode.Bidi_Control, r), r == '\u2028', r == '\u2029', r == '\ufeff':
		return -1
	default:
		return r
	}
}

// startsTag reports whether a browser parses "<" before rest as markup.
func startsTag(rest string) bool {
	if rest == "" {
		return false
	}
	c := rest[0]
	return c == '/' || c == '!' || c == '?' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
}

// cut returns s with at most limit characters. If it is cut, the last one is an
// ellipsis.
func cut(s string, limit int) string {
	if len(s) <= limit || utf8.RuneCountInString(s) <= limit {
		return s
	}
	kept := 0
	for i := range s {
		if kept == limit-1 {
			return s[:i] + "…"
		}
		kept++
	}
	return s
}
