package main

import (
	"context"
	"errors"
	"fmt"
)

// errNoTerminal says that nobody can be asked.
var errNoTerminal = errors.New("there is no terminal to ask on")

// confirm asks a person whether to go on; anything but y or yes is a no.
func confirm(ctx context.Context, c console, question string) (bool, error) {
	if !isTerminal(c.in) {
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
