package localkey

import (
	"maps"
	"time"

	"github.com/serverless-relay/relay/shared/auth"
	"github.com/serverless-relay/relay/shared/config"
)

// Sign returns a token with the claims for a provider of the relay with the settings.
// Other providers and stages refuse it. It is valid for the given time.
func Sign(settings config.Relay, provider string, valid time.Duration, claims map[string]any) (string, error) {
	all := map[string]any{}
	maps.Copy(all, claims)
	all["exp"], all[auth.ProviderClaim] = time.Now().Add(valid).Unix(), provider
	if settings.Stage != "" {
		all[auth.StageClaim] = settings.Stage
	}
	return auth.Sign(settings.SecretKey, all)
}
