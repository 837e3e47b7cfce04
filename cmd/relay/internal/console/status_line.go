package console

import (
	"fmt"
	"io"
)

// StatusLine shows on a terminal what is in progress, and removes it afterwards.
// If it isn't a terminal, nothing is shown.
type StatusLine struct{ w io.Writer }

// NewStatusLine returns a status line on a stream.
func NewStatusLine(w io.Writer) StatusLine {
	if IsTerminal(w) {
		return StatusLine{w}
	}
	return StatusLine{io.Discard}
}

// statusWidth is the number of characters that are shown: a line that wraps
// can't be removed.
const statusWidth = 78

// Show replaces the line.
func (s StatusLine) Show(text string) {
	text = Printable(text)
	if runes := []rune(text); len(runes) > statusWidth {
		text = string(runes[:statusWidth])
	}
	fmt.Fprint(s.w, "\r\x1b[K", text)
}

// Clear removes the line.
func (s StatusLine) Clear() { fmt.Fprint(s.w, "\r\x1b[K") }
