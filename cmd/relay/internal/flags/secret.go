package flags

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"os"
	"strings"

	"github.com/serverless-relay/relay/cmd/relay/internal/console"
)

// Secret describes a secret value and its sources.
type Secret struct {
	// Given is the flag's argument: the value, or - for standard input.
	Given string
	// Variable is the name of the environment variable with it.
	Variable string
	// Prompt asks a person for it.
	Prompt string
	// Flag is the flag's name in an error.
	Flag string
}

// text returns the secret of the flag or the environment. It is empty if neither has it.
func (s Secret) text() string { return strings.TrimSpace(cmp.Or(s.Given, os.Getenv(s.Variable))) }

// maxSecret is the size of the largest secret, in bytes.
const maxSecret = 1 << 20

// Get returns the secret without the space around it: from the flag, else from the
// environment, else from a person at the terminal. If there is none of these, it
// returns a console.UsageError.
func (s Secret) Get(ctx context.Context, c console.Console) (string, error) {
	text := s.text()
	var err error
	switch {
	case text == "-" && !console.IsTerminal(c.In):
		text, err = ReadSecret(ctx, c, text)
	case text == "" && !console.IsTerminal(c.In):
		return "", console.Usage(fmt.Errorf("no %s: set %s, or pass %s", s.Prompt, s.Variable, s.Flag))
	case text == "" || text == "-": // the terminal must not show it
		text, err = c.AskHidden(ctx, s.Prompt, false)
	}
	if err != nil {
		return "", fmt.Errorf("read the %s: %w", s.Prompt, err)
	}
	if strings.TrimSpace(s.Given) != "" && strings.TrimSpace(s.Given) != "-" {
		WarnOfArgument(c, s.Flag, s.Variable+" in the environment, or "+s.Flag+" -")
	}
	if text = strings.TrimSpace(text); text == "" {
		return "", console.Usage(fmt.Errorf("the %s is empty", s.Prompt))
	}
	return text, nil
}

// ReadSecret reads a secret from a file, or from standard input if the name is -.
func ReadSecret(ctx context.Context, c console.Console, name string) (string, error) {
	raw, err := c.ReadInput(ctx, name, maxSecret)
	return string(bytes.TrimSpace(raw)), err
}

// WarnOfArgument warns that a secret is an argument, and names a better way.
func WarnOfArgument(c console.Console, flag, better string) {
	fmt.Fprintf(c.Err, "Warning: other users can see the value of %s in the list of processes. Use %s.\n", console.Printable(flag), console.Printable(better))
}
