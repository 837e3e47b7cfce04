package console

import (
	"fmt"
	"strconv"
	"strings"
	"time"
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

// When returns a time in UTC with its distance from now, such as
// "2026-05-01 12:00:00 UTC (in 90 days)".
func When(t, now time.Time) string {
	return t.UTC().Format("2006-01-02 15:04:05 UTC") + " (" + fromNow(t, now) + ")"
}

// fromNow returns the distance between a time and now, in the largest unit of
// which there are at least two.
func fromNow(t, now time.Time) string {
	seconds := t.Unix() - now.Unix() // a Duration ends at 292 years
	for _, unit := range []struct {
		seconds int64
		name    string
	}{{365 * 24 * 3600, "years"}, {24 * 3600, "days"}, {3600, "hours"}, {60, "minutes"}, {1, "seconds"}} {
		switch n := seconds / unit.seconds; {
		case n >= 2:
			return fmt.Sprintf("in %s %s", Thousands(int(n)), unit.name)
		case n <= -2:
			return fmt.Sprintf("%s %s ago", Thousands(int(-n)), unit.name)
		}
	}
	return "now"
}
