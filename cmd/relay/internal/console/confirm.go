package console

import (
	"context"
	"errors"
	"fmt"
)

// ErrNoTerminal means that there is no terminal to ask at.
var ErrNoTerminal = errors.New("there is no terminal to ask at")

// Confirm asks a person to confirm something. Every answer except y and yes is a
// no. Without a terminal it returns ErrNoTerminal.
func (c Console) Confirm(ctx context.Context, prompt string) (bool, error) {
	if !IsTerminal(c.In) {
		return false, ErrNoTerminal
	}
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
