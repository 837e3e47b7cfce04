package console

import (
	"strings"
	"unicode"

	"github.com/serverless-relay/relay/shared/text"
)

// Printable returns text on one line, without control characters: text from
// elsewhere may contain line ends and escape sequences for the terminal.
func Printable(text string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case !unicode.IsPrint(r):
			return unicode.ReplacementChar
		}
		return r
	}, text)
}

// Excerpt returns the first characters of a text, at most limit of them, on one
// line and without repeated space.
func Excerpt(s string, limit int) string {
	return text.Shorten(strings.Join(strings.Fields(Printable(s)), " "), limit)
}
