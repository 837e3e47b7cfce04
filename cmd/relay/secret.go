package main

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"os"
	"strings"
)

// secret is a secret value and where it may come from.
type secret struct {
	// given is what a flag says: the value itself, or - for standard input.
	given string
	// variable is the environment's variable that has it.
	variable string
	// prompt asks a person for it.
	prompt string
	// flag is how to name it in an error.
	flag string
	// must says that it can't be left out.
	must bool
}

// wanted says whether get must be called: nobody can do without it, or somebody
// said it.
func (s secret) wanted() bool {
	return s.must || strings.TrimSpace(cmp.Or(s.given, os.Getenv(s.variable))) != ""
}

// maxSecret is the most that is read of a secret, in bytes.
const maxSecret = 1 << 20

// get is the secret without space around it: from the flag, else from the
// environment, else from a person at the terminal. Without any of these it is
// an error of usage.
func (s secret) get(ctx context.Context, c console) (string, error) {
	text := strings.TrimSpace(cmp.Or(s.given, os.Getenv(s.variable)))
	var err error
	switch {
	case text == "-" && !isTerminal(c.in):
		text, err = readSecret(ctx, c, text)
	case text == "" && !isTerminal(c.in):
		return "", usageError{fmt.Errorf("no %s: set %s, or pass %s", s.prompt, s.variable, s.flag)}
	case text == "" || text == "-": // what is typed there must not show
		text, err = c.askHidden(ctx, s.prompt, false)
	}
	if err != nil {
		return "", fmt.Errorf("read the %s: %w", s.prompt, err)
	}
	if text = strings.TrimSpace(text); text == "" {
		return "", usageError{fmt.Errorf("the %s is empty", s.prompt)}
	}
	return text, nil
}

// readSecret reads a secret from a file, or from standard input where the name
// is -.
func readSecret(ctx context.Context, c console, name string) (string, error) {
	raw, err := readInput(ctx, name, c.in, maxSecret)
	return string(bytes.TrimSpace(raw)), err
}

// bearer is a token without the word before it, with which it is often copied.
func bearer(token string) string {
	if word, rest, ok := strings.Cut(token, " "); ok && strings.EqualFold(word, "bearer") {
		return strings.TrimSpace(rest)
	}
	return token
}
