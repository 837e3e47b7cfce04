package console

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Span is a positive length of time as people write it: in days, or as Go does. Its
// maximum is 100 years.
type Span time.Duration

// UnmarshalText implements encoding.TextUnmarshaler.
func (s *Span) UnmarshalText(text []byte) error {
	const longest = 100 * 365 // days
	length, err := time.ParseDuration(string(text))
	if days, ok := strings.CutSuffix(string(text), "d"); ok {
		var n int
		n, err = strconv.Atoi(days)
		length = time.Duration(min(max(n, 0), longest+1)) * 24 * time.Hour // within the range of a Duration
	}
	if err != nil || length <= 0 || length > longest*24*time.Hour {
		return fmt.Errorf("%q is not a time such as 30d or 12h", text)
	}
	*s = Span(length)
	return nil
}
