// Package oneline makes texts of somebody else's fit for a line on a terminal.
package oneline

import (
	"strings"
	"unicode"
)

// Of is the text on one line, with nothing in it that a terminal would take for
// an order: in such texts there may be line ends, colours, and more.
func Of(text string) string {
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

// Excerpt is the beginning of the text, of at most so many characters, on one
// line and without repeated space.
func Excerpt(text string, longest int) string {
	text = strings.Join(strings.Fields(Of(text)), " ")
	if runes := []rune(text); len(runes) > longest {
		return string(runes[:longest]) + "…"
	}
	return text
}
