package console

import (
	"testing"
	"time"
)

func TestSpan(t *testing.T) {
	for text, want := range map[string]time.Duration{
		"30d": 30 * 24 * time.Hour, "12h": 12 * time.Hour, "36500d": 36500 * 24 * time.Hour,
		"36501d": 0, "213504d": 0, "3000000d": 0, "99999999999999999999d": 0, "0d": 0, "-1d": 0, "-200000d": 0, "-9223372036854775808d": 0, "d": 0, "": 0, "1w": 0,
	} {
		var got Span
		if err := got.UnmarshalText([]byte(text)); (err == nil) != (want > 0) || time.Duration(got) != want {
			t.Errorf("%q: %v, %v", text, time.Duration(got), err)
		}
	}
}
