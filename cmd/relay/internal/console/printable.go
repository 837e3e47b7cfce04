package console

import (
	"strconv"
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

// Plural returns a number with its noun, such as "1 entry" and "2,000 entries".
func Plural(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return Thousands(n) + " " + many
}

// Thousands returns a number from 0 with its digits in groups of three.
func Thousands(n int) string {
	digits := strconv.Itoa(n)
	for at := len(digits) - 3; at > 0; at -= 3 {
		digits = digits[:at] + "," + digits[at:]
	}
	return digits
}
