package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"golang.org/x/term"
)

// terminal is the terminal that a reader or writer is, if it is one.
func terminal(stream any) (*os.File, bool) {
	file, ok := stream.(*os.File)
	return file, ok && term.IsTerminal(int(file.Fd()))
}

// errNoTerminal says that nobody can be asked.
var errNoTerminal = errors.New("there is no terminal to ask on")

// askSecret asks a person for a secret, which doesn't show while it is typed.
func askSecret(ctx context.Context, c console, prompt string) (string, error) {
	file, ok := terminal(c.in)
	if !ok {
		return "", errNoTerminal
	}
	fd := int(file.Fd())
	shown, err := term.GetState(fd)
	if err != nil {
		return "", err
	}
	type typed struct {
		text []byte
		err  error
	}
	done := make(chan typed, 1)
	fmt.Fprint(c.err, prompt+": ")
	go func() {
		text, err := term.ReadPassword(fd)
		done <- typed{text, err}
	}()
	defer fmt.Fprintln(c.err)
	select {
	case t := <-done:
		return string(t.text), t.err
	case <-ctx.Done(): // Ctrl-C: what is typed from now on must show again
		return "", errors.Join(ctx.Err(), term.Restore(fd, shown))
	}
}

// confirm asks a person whether to go on; anything but y or yes is a no.
func confirm(ctx context.Context, c console, question string) (bool, error) {
	if _, ok := terminal(c.in); !ok {
		return false, errNoTerminal
	}
	fmt.Fprint(c.err, question+" [y/N] ")
	line := make(chan string, 1)
	go func() {
		var answer string
		_, _ = fmt.Fscanln(c.in, &answer) // an empty line is a no
		line <- answer
	}()
	select {
	case answer := <-line:
		return answer == "y" || answer == "Y" || answer == "yes", nil
	case <-ctx.Done():
		fmt.Fprintln(c.err)
		return false, ctx.Err()
	}
}

// statusLine says on a terminal what is being done, and leaves nothing there.
// Elsewhere it says nothing.
type statusLine struct{ w io.Writer }

func newStatusLine(w io.Writer) statusLine {
	if file, ok := terminal(w); ok {
		return statusLine{file}
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
