package flags

import (
	"context"
	"strings"

	"github.com/serverless-relay/relay/cmd/relay/internal/console"
)

// Token is the flag --jwt: a token for a relay. The value - is standard input.
type Token string

// IsSet reports whether the flag or RELAY_JWT has the token.
func (t Token) IsSet() bool { return t.secret().IsSet() }

// Get returns the token from the flag, from RELAY_JWT, or from a person at the
// terminal, without the word Bearer, with which it is often copied.
func (t Token) Get(ctx context.Context, c console.Console) (string, error) {
	token, err := t.secret().Get(ctx, c)
	return WithoutBearer(token), err
}

// WithoutBearer returns a token without the word Bearer, with which it is often
// copied.
func WithoutBearer(token string) string {
	if word, rest, ok := strings.Cut(token, " "); ok && strings.EqualFold(word, "bearer") {
		return strings.TrimSpace(rest)
	}
	return token
}

func (t Token) secret() Secret {
	return Secret{Given: string(t), Variable: "RELAY_JWT", Prompt: "JWT", Flag: "--jwt"}
}
