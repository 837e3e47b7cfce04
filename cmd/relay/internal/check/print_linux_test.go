package check

import (
	"bytes"
	"strings"
	"testing"

	"github.com/serverless-relay/relay/shared/console/consoletest"
)

// Colours are for terminals, and for people who want them (https://no-color.org).
func TestColours(t *testing.T) {
	report := Report{Results: []Result{{Route: "/health", Check: "c", Status: Passed}}}
	for _, noColour := range []string{"", "1"} {
		t.Setenv("NO_COLOR", noColour)
		p := consoletest.NewTerminal(t)
		if err := (reportPrinter{}).print(p.Other, report, 0); err != nil {
			t.Fatal(err)
		}
		p.Until("1 check")
		if coloured := strings.Contains(p.Screen(), "\x1b[32mok\x1b[0m"); coloured != (noColour == "") {
			t.Errorf("NO_COLOR=%s: %q", noColour, p.Screen())
		}
	}
	t.Setenv("NO_COLOR", "")
	var out bytes.Buffer
	if err := (reportPrinter{}).print(&out, report, 0); err != nil || strings.Contains(out.String(), "\x1b") {
		t.Errorf("%v: %q", err, out.String())
	}
}
