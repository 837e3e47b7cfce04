// Package flags has the flags that several commands share: tokens, secrets, claims and
// URLs of relays.
package flags

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/serverless-relay/relay/shared/console"
)

// ClaimHelp describes the flag --claim in the help of a command.
const ClaimHelp = `
Values of --claim are secrets. NAME=@FILE reads one from a file, NAME=@- from standard input, and NAME
alone asks for it. With NAME=VALUE, others can see it in the list of processes.`

// ReadClaims reads the claims of the flags --claim. Errors don't quote a value.
func ReadClaims(ctx context.Context, c console.Console, flags []string) (map[string]any, error) {
	claims := map[string]any{}
	for _, flag := range flags {
		name, value, given := strings.Cut(flag, "=")
		name = strings.TrimSpace(name)
		var err error
		file, inFile := strings.CutPrefix(value, "@")
		switch {
		case name == "":
			return nil, console.Usage(errors.New("--claim has no name: it is like --claim NAME=@FILE"))
		case inFile:
			value, err = c.ReadSecret(ctx, file)
		case given:
			WarnOfArgument(c, "--claim "+name, "--claim "+name+"=@FILE")
		case console.IsTerminal(c.In):
			value, err = c.AskHidden(ctx, name, false)
		default:
			err = console.Usage(fmt.Errorf("pass --claim %s=@FILE: there is no terminal to ask at", console.Printable(name)))
		}
		if err != nil {
			return nil, fmt.Errorf("claim %s: %w", console.Printable(name), err)
		}
		if value = strings.TrimSpace(value); value == "" {
			return nil, console.Usage(fmt.Errorf("claim %s: the value is empty", console.Printable(name)))
		}
		claims[name] = value
	}
	return claims, nil
}
