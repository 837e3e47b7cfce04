package console

import (
	"testing"
	"time"
)

func TestFromNow(t *testing.T) {
	now := time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC)
	for away, want := range map[time.Duration]string{
		0: "now", time.Second: "now", -time.Second: "now", 2 * time.Second: "in 2 seconds", 90 * time.Second: "in 90 seconds",
		-3 * time.Minute: "3 minutes ago", 47 * time.Hour: "in 47 hours", 90 * 24 * time.Hour: "in 90 days", -3 * 365 * 24 * time.Hour: "3 years ago",
	} {
		if got := fromNow(now.Add(away), now); got != want {
			t.Errorf("%v: got %q, want %q", away, got, want)
		}
	}
	if got := fromNow(time.Unix(253402300799, 0), now); got != "in 7,978 years" {
		t.Errorf("the end of time: %s", got)
	}
}
