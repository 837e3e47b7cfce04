package flags

import (
	"context"
	"os"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/serverless-relay/relay/cmd/relay/internal/console"
	"github.com/serverless-relay/relay/cmd/relay/internal/localkey"
	"github.com/serverless-relay/relay/providers"
	"github.com/serverless-relay/relay/shared/config"
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

// GetFor returns the token for a relay. If there is none in the flag or in RELAY_JWT,
// and the relay is on this machine, GetFor makes one with the claims and the relay's
// key, which is valid for an hour. key describes that key; it is empty if the token
// was given.
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
