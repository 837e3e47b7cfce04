package console

import (
	"fmt"
	"time"
)

// When returns a time in UTC with its distance from now, such as
// "2026-05-01 12:00:00 UTC (in 90 days)".
func When(t, now time.Time) string {
	return t.UTC().Format("2006-01-02 15:04:05 UTC") + " (" + fromNow(t, now) + ")"
}

// fromNow returns the distance between a time and now, in the largest unit of
// which there are at least two.
func fromNow(t, now time.Time) string {
	seconds := t.Unix() - now.Unix() // a Duration ends at 292 years
	past := seconds < 0
	if past {
		seconds = -seconds
	}
	text := "now"
	for _, unit := range []struct {
		seconds int64
		name    string
	}{{365 * 24 * 3600, "years"}, {24 * 3600, "days"}, {3600, "hours"}, {60, "minutes"}, {1, "seconds"}} {
		if n := seconds / unit.seconds; n >= 2 {
			text = fmt.Sprintf("%s %s", Thousands(int(n)), unit.name)
			break
		}
	}
	switch {
	case text == "now":
		return text
	case past:
		return text + " ago"
	}
	return "in " + text
}
