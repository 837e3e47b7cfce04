package console_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"golang.org/x/term"

	"github.com/serverless-relay/relay/shared/console"
	"github.com/serverless-relay/relay/shared/console/consoletest"
)

func TestConfirm(t *testing.T) {
	for typed, want := range map[string]bool{"y": true, "yes": true, "n": false, "": false, "sure": false} {
		p := consoletest.NewTerminal(t)
		p.Enter(typed)
		got, err := (console.Console{In: p.Other, Out: io.Discard, Err: p.Other}).Confirm(t.Context(), "Sure?")
		if got != want || err != nil {
			t.Errorf("%q: %v, %v", typed, got, err)
		}
	}
	p := consoletest.NewTerminal(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := (console.Console{In: p.Other, Out: io.Discard, Err: p.Other}).Confirm(ctx, "Sure?"); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
	p.Enter("") // lets the reader go
}

// The line about the progress is removed.
func TestStatus(t *testing.T) {
	p := consoletest.NewTerminal(t)
	if _, err := term.MakeRaw(int(p.Other.Fd())); err != nil {
		t.Fatal(err)
	}
	c := console.Console{Err: p.Other}
	c.ShowStatus("a\x1bb " + strings.Repeat("x", 100))
	c.ShowStatus("")
	fmt.Fprint(p.Other, "end")
	p.Until("end")
	if got, want := p.Screen(), "\r\x1b[Ka\ufffdb "+strings.Repeat("x", 74)+"\r\x1b[Kend"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
