package flags

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/serverless-relay/relay/cmd/relay/internal/localkey"
	"github.com/serverless-relay/relay/providers"
	"github.com/serverless-relay/relay/shared/config"
	"github.com/serverless-relay/relay/shared/console"
)

// Token is the flag --jwt: a token for a relay. The value - is standard input.
type Token string

func (t Token) secret() Secret {
	return Secret{Given: string(t), Variable: "RELAY_JWT", Prompt: "JWT", Flag: "--jwt"}
}

// IsSet reports whether the flag or RELAY_JWT has the token.
func (t Token) IsSet() bool { return t.secret().text() != "" }

// Get returns the token from the flag, from RELAY_JWT, or from a person at the
// terminal.
func (t Token) Get(ctx context.Context, c console.Console) (string, error) {
	token, err := t.secret().Get(ctx, c)
	return console.WithoutBearer(token), err
}

// GetFor returns the token for a relay. If there is none in the flag or in RELAY_JWT,
// and the relay is on this machine, GetFor makes one with the claims and the relay's
// key, which is valid for an hour. key describes that key; it is empty if the token
// was given. Then claims are an error.
func (t Token) GetFor(ctx context.Context, c console.Console, u RelayURL, claims map[string]any) (token, key string, err error) {
	var settings config.Relay
	if !t.IsSet() && u.isLocal() {
		settings.SecretKey, key = strings.TrimSpace(os.Getenv("SECRET_KEY")), "in SECRET_KEY"
		if settings.SecretKey == "" {
			key = "in " + localkey.Path()
			if settings.SecretKey, err = localkey.Load(); err != nil {
				return "", "", err
			}
		}
	}
	if settings.SecretKey == "" {
		if len(claims) > 0 {
			return "", "", console.Usage(errors.New("a token's claims can't be changed: pass --claim to relay jwt, which makes a token"))
		}
		token, err = t.Get(ctx, c)
		return token, "", err
	}
	provider := path.Base(string(u)) // one of several, as in http://127.0.0.1:9000/misp
	if !slices.Contains(providers.Names(), provider) {
		provider = ""
	}
	token, err = localkey.Sign(settings, provider, time.Hour, claims)
	return token, key, err
}

// Secret describes a secret value and its sources.
type Secret struct {
	// File is the argument of a flag for the secret's file; - is standard input. If it is
	// empty, the other sources count.
	File string
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

// Get returns the secret without the space around it: from the file or the flag, else
// from the environment, else from a person at the terminal. If there is none of these,
// it returns a console.UsageError.
func (s Secret) Get(ctx context.Context, c console.Console) (string, error) {
	text := s.text()
	var err error
	switch {
	case s.File != "":
		text, err = c.ReadSecret(ctx, s.File)
	case text == "-" && !console.IsTerminal(c.In):
		text, err = c.ReadSecret(ctx, text)
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

// WarnOfArgument warns that a secret is an argument, and names a better way.
func WarnOfArgument(c console.Console, flag, better string) {
	fmt.Fprintf(c.Err, "Warning: other users can see the value of %s in the list of processes. Use %s.\n", console.Printable(flag), console.Printable(better))
}
