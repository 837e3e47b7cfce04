package flags

import (
	"context"
	"maps"
	"os"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/serverless-relay/relay/cmd/relay/internal/console"
	"github.com/serverless-relay/relay/cmd/relay/internal/localkey"
	"github.com/serverless-relay/relay/providers"
	"github.com/serverless-relay/relay/shared/auth"
)

// GetFor returns the token for a relay. If there is none in the flag or in RELAY_JWT,
// and the relay is on this machine, GetFor makes one with the claims and the relay's
// key, which is valid for an hour. key describes that key; it is empty if the token
// was given.
func (t Token) GetFor(ctx context.Context, c console.Console, u RelayURL, claims map[string]any) (token, key string, err error) {
	if t.IsSet() || !u.IsLocal() {
		token, err = t.Get(ctx, c)
		return token, "", err
	}
	secret, key := strings.TrimSpace(os.Getenv("SECRET_KEY")), "in SECRET_KEY"
	if secret == "" {
		key = "in " + localkey.Path()
		if secret, err = localkey.Load(); err != nil {
			return "", "", err
		}
	}
	if secret == "" {
		token, err = t.Get(ctx, c)
		return token, "", err
	}
	all := map[string]any{"exp": time.Now().Add(time.Hour).Unix()}
	if name := path.Base(string(u)); slices.Contains(providers.Names(), name) {
		all[auth.ProviderClaim] = name // one of several providers, such as http://127.0.0.1:9000/misp
	}
	maps.Copy(all, claims)
	token, err = auth.Sign(secret, all)
	return token, key, err
}
