package check

import (
	"io"
	"testing"

	"github.com/serverless-relay/relay/shared/console/consoletest"
)

// Colours are for terminals only.
func TestColours(t *testing.T) {
	p := consoletest.NewTerminal(t)
	t.Setenv("NO_COLOR", "")
	if !newReportPrinter(p.Other, false).colours || newReportPrinter(io.Discard, false).colours {
		t.Error("colours are not for terminals only")
	}
	t.Setenv("NO_COLOR", "1")
	if newReportPrinter(p.Other, false).colours {
		t.Error("NO_COLOR is overlooked")
	}
}
