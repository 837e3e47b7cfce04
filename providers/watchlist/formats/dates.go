package formats

import (
	"errors"
	"strconv"
	"strings"
	"time"

	"github.com/serverless-relay/relay/shared/lenient"
)

// dateOrder is the order of numeric dates that don't begin with the year. Zero is
// unknown.
type dateOrder int

const (
	dayFirst dateOrder = iota + 1
	monthFirst
)

var errDate = errors.New("not a date: write it like 2006-01-02 or 2006-01-02T15:04:05Z")

var errDateOrder = errors.New("an ambiguous date (day or month first): write it like 2006-01-02")

// namedMonths are layouts with the month's name, which are unambiguous, without commas
// and dots.
var namedMonths = []string{
	"2 Jan 2006", "2 January 2006", "Jan 2 2006", "January 2 2006", "2-Jan-2006", "2-Jan-06", "2006 Jan 2", "2006-Jan-2", "Mon 2 Jan 2006", "Mon Jan 2 2006",
}

// parseDate parses a date with an optional time. Without a zone it is in UTC.
func parseDate(text string, order dateOrder) (time.Time, error) {
	text = strings.TrimSpace(text)
	if t, ok := lenient.ParseTime(text); ok {
		return t, nil
	}
	if len(text) == 13 && strings.Trim(text, "0123456789") == "" { // in milliseconds
		return parseDate(text[:10], order)
	}
	day, clock := splitDate(text)
	date, err := parseDay(day, order)
	if err != nil {
		return time.Time{}, err
	}
	t, ok := parseClock(clock)
	if !ok {
		return time.Time{}, errDate
	}
	t, ok = lenient.Writable(date.Add(t.Sub(time.Time{}.AddDate(-1, 0, 0))))
	if !ok {
		return time.Time{}, errDate
	}
	return t, nil
}

// splitDate splits a text into the date and the time of day, which may be "".
func splitDate(text string) (day, clock string) {
	colon := strings.IndexByte(text, ':')
	if colon < 0 {
		return text, ""
	}
	start := strings.LastIndexAny(text[:colon], " T@")
	if start < 0 {
		return text, ""
	}
	return strings.TrimRight(text[:start], " @,"), text[start+1:]
}

// parseClock parses a time of day with an optional zone. "" is midnight.
func parseClock(text string) (t time.Time, ok bool) {
	if text == "" {
		text = "00:00"
	}
	text = strings.TrimSuffix(strings.TrimSuffix(text, " UTC"), " GMT")
	for _, layout := range []string{"15:04:05", "15:04", "15:04:05Z07:00", "15:04:05-0700", "15:04:05 -0700", "15:04Z07:00", "3:04:05 PM", "3:04 PM"} {
		if t, err := time.Parse(layout, text); err == nil {
			return t.UTC(), true
		}
	}
	return time.Time{}, false
}

func parseDay(text string, order dateOrder) (time.Time, error) {
	plain := strings.Join(strings.FieldsFunc(text, func(r rune) bool { return r == ' ' || r == ',' }), " ")
	for _, layout := range namedMonths {
		if t, err := time.Parse(layout, strings.ReplaceAll(plain, ". ", " ")); err == nil {
			return t, nil
		}
	}
	a, b, c, width, ok := figures(text)
	if !ok {
		return time.Time{}, errDate
	}
	year, month, day := a, b, c
	if width != 4 { // the year is last
		if year = c; c < 100 {
			year += 2000
		}
		switch {
		case a > 12 || order == dayFirst:
			month, day = b, a
		case b > 12 || order == monthFirst || a == b:
			month, day = a, b
		default:
			return time.Time{}, errDateOrder
		}
	}
	t := time.Date(year, time.Month(month), day, 0, 0, 0, 0, time.UTC)
	if t.Day() != day || int(t.Month()) != month || year < 1970 || year > 9999 {
		return time.Time{}, errDate
	}
	return t, nil
}

// figures returns the three numbers of a date, and the number of digits of the first.
// Eight digits are a year, a month and a day.
func figures(text string) (a, b, c, width int, ok bool) {
	if len(text) == 8 && strings.Trim(text, "0123456789") == "" {
		text = text[:4] + "-" + text[4:6] + "-" + text[6:]
	}
	parts := strings.FieldsFunc(text, func(r rune) bool { return r == '-' || r == '/' || r == '.' })
	if len(parts) != 3 || len(parts[0]) > 4 {
		return 0, 0, 0, 0, false
	}
	var numbers [3]int
	for i, part := range parts {
		n, err := strconv.ParseUint(part, 10, 16)
		if err != nil {
			return 0, 0, 0, 0, false
		}
		numbers[i] = int(n)
	}
	return numbers[0], numbers[1], numbers[2], len(parts[0]), true
}

// orderOf returns the order of a column's dates, or 0 if none shows it or two contradict
// one another.
func orderOf(cells []string) dateOrder {
	var order dateOrder
	for _, cell := range cells {
		day, _ := splitDate(strings.TrimSpace(cell))
		a, b, _, width, ok := figures(day)
		var shown dateOrder
		switch {
		case !ok || width == 4:
			continue
		case a > 12:
			shown = dayFirst
		case b > 12:
			shown = monthFirst
		default:
			continue
		}
		if order != 0 && order != shown {
			return 0
		}
		order = shown
	}
	return order
}

// isDate reports whether a cell is a date, with or without a time.
func isDate(cell string) bool {
	_, err := parseDate(cell, dayFirst)
	if err != nil {
		_, err = parseDate(cell, monthFirst)
	}
	return err == nil
}

// firstSet returns the first time that isn't zero, or zero.
func firstSet(times ...time.Time) time.Time {
	for _, t := range times {
		if !t.IsZero() {
			return t
		}
	}
	return time.Time{}
}
