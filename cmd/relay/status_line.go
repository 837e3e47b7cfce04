package main

import (
	"fmt"
	"io"
)

// statusLine says on a terminal what is being done, and leaves nothing there.
// Elsewhere it says nothing.
type statusLine struct{ w io.Writer }

func newStatusLine(w io.Writer) statusLine {
	if isTerminal(w) {
		return statusLine{w}
	}
	return statusLine{io.Discard}
}

// statusWidth is how much of a status line is shown, in characters: one that
// wraps can't be taken back.
const statusWidth = 78

func (s statusLine) show(text string) {
	if runes := []rune(printable(text)); len(runes) > statusWidth {
		text = string(runes[:statusWidth])
	}
	fmt.Fprint(s.w, "\r\x1b[K", printable(text))
}

func (s statusLine) clear() { fmt.Fprint(s.w, "\r\x1b[K") }
