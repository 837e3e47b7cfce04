package main

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"os"
	"strings"
)

// secret describes a secret value and its sources.
type secret struct {
	// given is the flag's argument: the value, or - for standard input.
	given string
	// variable is the name of the environment variable with it.
	variable string
	// prompt asks a person for it.
	prompt string
	// flag is the flag's name in an error.
	flag string
	// must is set if the secret can't be omitted.
	must bool
}

// wanted reports whether get must be called: the secret can't be omitted, or a
// flag or the environment has it.
func (s secret) wanted() bool {
	return s.must || strings.TrimSpace(cmp.Or(s.given, os.Getenv(s.variable))) != ""
}

// maxSecret is the size of the largest secret, in bytes.
const maxSecret = 1 << 20

// get returns the secret without the space around it: from the flag, else from the
// environment, else from a person at the terminal. If there is none of these, it
// returns a usageError.
func (s secret) get(ctx context.Context, c console) (string, error) {
	text := strings.TrimSpace(cmp.Or(s.given, os.Getenv(s.variable)))
	var err error
	switch {
	case text == "-" && !isTerminal(c.in):
		text, err = readSecret(ctx, c, text)
	case text == "" && !isTerminal(c.in):
		return "", usageError{fmt.Errorf("no %s: set %s, or pass %s", s.prompt, s.variable, s.flag)}
	case text == "" || text == "-": // the terminal must not show it
		text, err = c.askHidden(ctx, s.prompt, false)
	}
	if err != nil {
		return "", fmt.Errorf("read the %s: %w", s.prompt, err)
	}
	if strings.TrimSpace(s.given) != "" && strings.TrimSpace(s.given) != "-" {
		c.warnOfArgument(s.flag, s.variable+" in the environment, or "+s.flag+" -")
	}
	if text = strings.TrimSpace(text); text == "" {
		return "", usageError{fmt.Errorf("the %s is empty", s.prompt)}
	}
	return text, nil
}

// readSecret reads a secret from a file, or from standard input if the name is -.
func readSecret(ctx context.Context, c console, name string) (string, error) {
	raw, err := readInput(ctx, name, c.in, maxSecret)
	return string(bytes.TrimSpace(raw)), err
}

// bearer returns a token without the word Bearer, with which it is often copied.
func bearer(token string) string {
	if word, rest, ok := strings.Cut(token, " "); ok && strings.EqualFold(word, "bearer") {
		return strings.TrimSpace(rest)
	}
	return token
}
