package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"golang.org/x/term"
)

func TestConfirm(t *testing.T) {
	for typed, want := range map[string]bool{"y": true, "yes": true, "n": false, "": false, "sure": false} {
		p := newPseudoTerminal(t)
		p.enter(typed)
		got, err := confirm(t.Context(), console{p.other, io.Discard, p.other, findProvider}, "Sure?")
		if got != want || err != nil {
			t.Errorf("%q: %v, %v", typed, got, err)
		}
	}
	p := newPseudoTerminal(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := confirm(ctx, console{p.other, io.Discard, p.other, findProvider}, "Sure?"); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
	p.enter("") // lets the reader go
	if _, err := confirm(t.Context(), console{strings.NewReader("y\n"), io.Discard, io.Discard, findProvider}, "Sure?"); !errors.Is(err, errNoTerminal) {
		t.Errorf("error %v", err)
	}
}

// On a terminal a report has colours, and the line that tells the progress is
// taken away.
func TestATerminalGetsColours(t *testing.T) {
	p := newPseudoTerminal(t)
	t.Setenv("NO_COLOR", "")
	if !newReportPrinter(p.other, false).colours || newReportPrinter(io.Discard, false).colours {
		t.Error("colours are not for terminals only")
	}
	t.Setenv("NO_COLOR", "1")
	if newReportPrinter(p.other, false).colours {
		t.Error("NO_COLOR is overlooked")
	}
	if _, err := term.MakeRaw(int(p.other.Fd())); err != nil {
		t.Fatal(err)
	}
	line := newStatusLine(p.other)
	line.show("a\x1bb " + strings.Repeat("x", 100))
	line.clear()
	fmt.Fprint(p.other, "end")
	p.until("end")
	if got, want := p.screen(), "\r\x1b[Ka\ufffdb "+strings.Repeat("x", 74)+"\r\x1b[Kend"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
