package console

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"unicode/utf8"

	"golang.org/x/term"
)

// IsTerminal reports whether a stream is a terminal.
func IsTerminal(stream any) bool {
	file, ok := stream.(*os.File)
	return ok && term.IsTerminal(int(file.Fd()))
}

// longestLine is the number of bytes of a line that every terminal passes on.
// macOS truncates a line silently at 1,024 bytes with the line's end, Linux at
// 4,096.
const longestLine = 1022

// AskHidden asks a person for a line, which isn't shown while it is typed, and
// prints its length. It asks again if the line is blank, unless it is optional.
// In must be a terminal.
func (c Console) AskHidden(ctx context.Context, prompt string, optional bool) (string, error) {
	if optional {
		prompt += " (optional)"
	}
	for {
		fmt.Fprintf(c.Err, "%s: ", Printable(prompt))
		line, err := c.readHidden(ctx)
		if err != nil {
			fmt.Fprintln(c.Err)
			return "", err
		}
		line = strings.TrimSpace(line)
		fmt.Fprintf(c.Err, "(%s)\n", Plural(utf8.RuneCountInString(line), "character", "characters"))
		switch {
		case len(line) > longestLine:
			return "", errors.New("the line is so long that a terminal may cut it: pass it in a file")
		case !utf8.ValidString(line):
			return "", errors.New("the line is not UTF-8: pass it in a file")
		case line != "" || optional:
			return line, nil
		}
	}
}

// readHidden reads a line that isn't shown. Reading can't be stopped. If ctx ends
// first, it continues in the background, and the terminal is restored here:
// otherwise it would stay mute until the read ends.
func (c Console) readHidden(ctx context.Context) (string, error) {
	if err := ctx.Err(); err != nil {
		return "", err
	}
	terminal := int(c.In.(*os.File).Fd())
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

// Confirm asks a person to confirm something. Every answer except y and yes is a
// no. In must be a terminal.
func (c Console) Confirm(ctx context.Context, prompt string) (bool, error) {
	fmt.Fprint(c.Err, prompt+" [y/N] ")
	line := make(chan string, 1)
	go func() {
		var answer string
		_, _ = fmt.Fscanln(c.In, &answer) // an empty line is a no
		line <- answer
	}()
	select {
	case answer := <-line:
		return answer == "y" || answer == "Y" || answer == "yes", nil
	case <-ctx.Done():
		fmt.Fprintln(c.Err)
		return false, ctx.Err()
	}
}

// statusWidth is the number of characters of a status that are shown: a line that
// wraps can't be removed.
const statusWidth = 78

// ShowStatus shows a status on a terminal, in place of the one before.
// An empty status removes it. If Err isn't a terminal, nothing is shown.
func (c Console) ShowStatus(status string) {
	if IsTerminal(c.Err) {
		status := []rune(Printable(status))
		fmt.Fprint(c.Err, "\r\x1b[K", string(status[:min(len(status), statusWidth)]))
	}
}
