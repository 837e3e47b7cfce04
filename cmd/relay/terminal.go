package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"unicode/utf8"

	"golang.org/x/term"
)

// isTerminal says whether a person is at the other end of a stream.
func isTerminal(stream any) bool {
	file, ok := stream.(*os.File)
	return ok && term.IsTerminal(int(file.Fd()))
}

// longestTyped is how many bytes of a line every terminal hands on: macOS cuts
// at 1,024 with the line's end, Linux at 4,096, and neither says so.
const longestTyped = 1022

// askHidden asks the person at the terminal for a line, until it isn't blank. A
// line that is optional may be blank. What is typed isn't shown; how much it was,
// is. It needs a terminal as standard input.
func (c console) askHidden(ctx context.Context, prompt string, optional bool) (string, error) {
	if optional {
		prompt += " (optional)"
	}
	for {
		fmt.Fprintf(c.err, "%s: ", printable(prompt))
		line, err := c.readHidden(ctx)
		if err != nil {
			fmt.Fprintln(c.err)
			return "", err
		}
		line = strings.TrimSpace(line)
		fmt.Fprintf(c.err, "(%s)\n", plural(utf8.RuneCountInString(line), "character", "characters"))
		switch {
		case len(line) > longestTyped:
			return "", errors.New("that is so long that a terminal may cut it: hand it over in a file")
		case !utf8.ValidString(line):
			return "", errors.New("that is not UTF-8: hand it over in a file")
		case line != "" || optional:
			return line, nil
		}
	}
}

// readHidden reads a line that isn't shown. When the context ends first, it
// leaves the terminal as it was: reading can't be stopped and goes on aside, and
// until it ends the terminal would stay mute.
func (c console) readHidden(ctx context.Context) (string, error) {
	if err := ctx.Err(); err != nil {
		return "", err
	}
	terminal := int(c.in.(*os.File).Fd())
	before, err := term.GetState(terminal)
	if err != nil {
		return "", err
	}
	type answer struct {
		line []byte
		err  error
	}
	answers := make(chan answer, 1)
	go func() {
		line, err := term.ReadPassword(terminal)
		answers <- answer{line, err}
	}()
	select {
	case <-ctx.Done():
		return "", errors.Join(ctx.Err(), term.Restore(terminal, before))
	case a := <-answers:
		return string(a.line), a.err
	}
}
