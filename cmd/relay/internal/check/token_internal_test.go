package check

import (
	"strings"
	"testing"
)

// A text that was cut off doesn't show the beginning of a secret either.
func TestRedactedBeginnings(t *testing.T) {
	const encoded = "eyJhbGciOiJIUzI1NiJ9.eyJBdXRoS2V5IjoiczNjcjN0In0.c2lnbmF0dXJlLW9mLWl0"
	own, err := parseToken(encoded)
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{encoded, encoded[:40], own.payload[:20], "x " + own.signature[:17] + " y", encoded + encoded[:40]} {
		if got := own.redact(text); strings.Contains(got, own.payload[:minSegment]) || strings.Contains(got, own.signature[:minSegment]) || !strings.Contains(got, "[redacted]") {
			t.Errorf("%s: %s", text, got)
		}
	}
	if got := own.redact("nothing to hide"); got != "nothing to hide" {
		t.Errorf("got %s", got)
	}
}
