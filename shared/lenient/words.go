package lenient

import (
	"strconv"
	"strings"
	"time"
)

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
}

// ParseTime parses a time in one of timeLayouts, or seconds since 1970 with 9 to 11
// digits. ok is false if it is invalid.
func ParseTime(text string) (t time.Time, ok bool) {
	text = strings.TrimSpace(text)
	if strings.Trim(text, "0123456789") == "" {
		if len(text) < 9 || len(text) > 11 { // usually 0 for no time
			return time.Time{}, false
		}
		seconds, err := strconv.ParseInt(text, 10, 64)
		return time.Unix(seconds, 0).UTC(), err == nil
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
