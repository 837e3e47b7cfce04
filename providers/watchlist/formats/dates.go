package formats

import (
	"errors"
	"slices"
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

// dayLayouts are the layouts of days, without commas and with hyphens for slashes and
// dots: the unambiguous ones, and those of an order.
var dayLayouts = map[dateOrder][]string{
	0: {
		"2006-1-2", "20060102", "2 Jan 2006", "2 January 2006", "Jan 2 2006", "January 2 2006", "2-Jan-2006", "2-Jan-06", "2006 Jan 2", "2006-Jan-2",
		"Mon 2 Jan 2006", "Mon Jan 2 2006",
	},
	dayFirst:   {"2-1-2006", "2-1-06"},
	monthFirst: {"1-2-2006", "1-2-06"},
}

var clockLayouts = []string{"15:04:05", "15:04", "15:04:05Z07:00", "15:04:05-0700", "15:04:05 -0700", "15:04Z07:00", "3:04:05 PM", "3:04 PM"}

// parseLayout parses a text in the first layout that it has. Years of two digits are
// from 2000 on: lists have none from before.
func parseLayout(text string, layouts []string) (t time.Time, ok bool) {
	for _, layout := range layouts {
		if t, err := time.Parse(layout, text); err == nil {
			if strings.HasSuffix(layout, "-06") && t.Year() < 2000 {
				t = t.AddDate(100, 0, 0)
			}
			return t.UTC(), true
		}
	}
	return time.Time{}, false
}

// parseDate parses a date with an optional time. Without a zone it is in UTC.
func parseDate(text string, order dateOrder) (time.Time, error) {
	text = strings.TrimSpace(text)
	if t, ok := lenient.ParseTime(text); ok {
		return t, nil
	}
	text, clock := splitDate(text)
	first, isDayFirst := parseLayout(text, dayLayouts[dayFirst])
	day, ok := parseLayout(text, slices.Concat(dayLayouts[0], dayLayouts[monthFirst]))
	if isDayFirst {
		if ok && order == 0 && !first.Equal(day) {
			return time.Time{}, errDateOrder
		}
		if !ok || order == dayFirst {
			day, ok = first, true
		}
	}
	midnight, _ := time.Parse("15:04", "00:00")
	at, isClock := parseLayout(clock, clockLayouts)
	t, writable := lenient.Writable(day.Add(at.Sub(midnight)))
	if !ok || !isClock || !writable || day.Year() < 1970 {
		return time.Time{}, errDate
	}
	return t, nil
}

// splitDate splits a text into the day, in the form of dayLayouts, and the time of day,
// which is midnight if there is none.
func splitDate(text string) (day, clock string) {
	day, clock = text, "00:00"
	if colon := strings.IndexByte(text, ':'); colon >= 0 {
		if start := strings.LastIndexAny(text[:colon], " T@"); start >= 0 {
			day, clock = strings.TrimRight(text[:start], "@"), strings.TrimSuffix(strings.TrimSuffix(text[start+1:], " UTC"), " GMT")
		}
	}
	day = strings.NewReplacer(",", " ", ". ", " ", ".", "-", "/", "-").Replace(strings.TrimRight(day, " ."))
	return strings.Join(strings.Fields(day), " "), clock
}

// orderOf returns the order of a column's dates, or 0 if no date shows it or two dates
// contradict each other.
func orderOf(cells []string) dateOrder {
	var order dateOrder
	for _, cell := range cells {
		day, _ := splitDate(strings.TrimSpace(cell))
		_, isDayFirst := parseLayout(day, dayLayouts[dayFirst])
		_, isMonthFirst := parseLayout(day, dayLayouts[monthFirst])
		if isDayFirst == isMonthFirst {
			continue
		}
		shown := dayFirst
		if isMonthFirst {
			shown = monthFirst
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
	return err == nil
}
