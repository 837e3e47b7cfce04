package serve

import (
	"errors"
	"fmt"

	"go.uber.org/zap"

	"github.com/serverless-relay/relay/shared/config"
	"github.com/serverless-relay/relay/shared/relay"
)

// checkTokens returns an error if the settings are unsafe for a server on a network, or
// if one of the providers would refuse every token.
//
// RS256 tokens need an audience. In Lambda it is the URL of the request. Here clients
// choose the Host header, so without RELAY_URL checkTokens turns RS256 off.
func checkTokens(settings *config.Relay, selected []relay.Declaration, log *zap.Logger) error {
	hasKey := settings.SecretKey != ""
	if len(settings.JWKSHosts) > 0 && settings.URL == "" {
		switch {
		case !hasKey:
			return errors.New("no token can be verified: set SECRET_KEY (relay jwt STAGE --save makes one). For tokens that XDR signs (RS256), set RELAY_URL to the URL that XDR calls")
		case len(settings.Organizations) > 0:
			return errors.New("setting RELAY_ORGANIZATIONS is for tokens that XDR signs (RS256), which need RELAY_URL too: set it to the URL that XDR calls, such as https://relay.example.com")
		}
		settings.JWKSHosts = nil
		log.Info("tokens that XDR signs (RS256) are refused, because RELAY_URL is not set")
	}
	if hasKey {
		return nil
	}
	if len(settings.JWKSHosts) == 0 {
		return errors.New("no token can be verified: JWKS_HOSTS is none, so set SECRET_KEY (relay jwt STAGE --save makes one)")
	}
	for _, d := range selected {
		if len(d.RequiredCredentials()) == 0 && len(settings.Organizations) == 0 {
			return fmt.Errorf("provider %s would refuse every token: it needs no credentials, so set RELAY_ORGANIZATIONS to the ids of the XDR organizations that may call, or set SECRET_KEY", d.Name)
		}
	}
	return nil
}
