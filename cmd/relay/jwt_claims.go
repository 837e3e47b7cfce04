package main

import (
	"context"
	"fmt"
	"strings"
)

// claimHelp describes the flag --claim in the help of a command.
const claimHelp = `
Values of --claim are secrets. NAME=@FILE reads one from a file, NAME=@- from standard input, and NAME
alone asks for it. With NAME=VALUE, others can see it in the list of processes.`

// readClaims reads the claims of the flags --claim. Errors don't quote a value.
func readClaims(ctx context.Context, c console, flags []string) (map[string]any, error) {
	claims := map[string]any{}
	for _, flag := range flags {
		name, value, given := strings.Cut(flag, "=")
		name = strings.TrimSpace(name)
		var err error
		file, inFile := strings.CutPrefix(value, "@")
		switch {
		case name == "":
			return nil, usageError{fmt.Errorf("--claim has no name: it is like --claim NAME=@FILE")}
		case inFile:
			value, err = readSecret(ctx, c, file)
		case given:
			c.warnOfArgument("--claim "+name, "--claim "+name+"=@FILE")
		case isTerminal(c.in):
			value, err = c.askHidden(ctx, name, false)
		default:
			err = usageError{fmt.Errorf("pass --claim %s=@FILE: there is no terminal to ask at", printable(name))}
		}
		if err != nil {
			return nil, fmt.Errorf("claim %s: %w", printable(name), err)
		}
		if value = strings.TrimSpace(value); value == "" {
			return nil, usageError{fmt.Errorf("claim %s: the value is empty", printable(name))}
		}
		claims[name] = value
	}
	return claims, nil
}

// warnOfArgument warns that a secret is an argument, and names a better way.
func (c console) warnOfArgument(flag, better string) {
	fmt.Fprintf(c.err, "Warning: other users can see the value of %s in the list of processes. Use %s.\n", printable(flag), printable(better))
}
