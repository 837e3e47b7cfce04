// Package providers lists the third parties that a relay can ask.
package providers

//go:generate go run ../cmd/relay providers --readme

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"go.uber.org/zap"

	"github.com/serverless-relay/relay/providers/abuseipdb"
	"github.com/serverless-relay/relay/providers/misp"
	"github.com/serverless-relay/relay/providers/watchlist"
	"github.com/serverless-relay/relay/providers/watchlist/stores"
	"github.com/serverless-relay/relay/shared/auth"
	"github.com/serverless-relay/relay/shared/config"
	"github.com/serverless-relay/relay/shared/relay"
)

// all has one line for each provider: its name and its constructor.
func all() map[string]func() (relay.Provider, error) {
	return map[string]func() (relay.Provider, error){
		"abuseipdb": func() (relay.Provider, error) { return abuseipdb.FromEnvironment() },
		"misp":      func() (relay.Provider, error) { return misp.FromEnvironment() },
		"watchlist": func() (relay.Provider, error) { return watchlist.FromEnvironment(stores.Open) },
	}
}

// Names are the names of all providers, sorted.
func Names() []string { return slices.Sorted(maps.Keys(all())) }

// New makes the provider of that name. It reads its own settings from the
// environment; the error names the one that is wrong.
func New(name string) (relay.Provider, error) {
	construct, ok := all()[name]
	if !ok {
		return nil, fmt.Errorf("setting RELAY_PROVIDER is not one of: %s", strings.Join(Names(), ", "))
	}
	return construct()
}

// Declarations say what each provider is, in the order of their names. Nothing
// is opened for it, and nobody is called.
func Declarations() ([]relay.Declaration, error) {
	var all []relay.Declaration
	for _, name := range Names() {
		provider, err := New(name)
		if err != nil {
			return nil, err
		}
		all = append(all, provider.Declaration())
	}
	return all, nil
}

// NewRelay makes a relay to the provider that the settings name.
func NewRelay(settings config.Relay, log *zap.Logger) (*relay.Relay, error) {
	provider, err := New(settings.Provider)
	if err != nil {
		return nil, err
	}
	return relay.New(relay.Options{
		Provider: provider,
		Authenticator: auth.New(auth.Options{
			SecretKey:         settings.SecretKey,
			SecretKeyPrevious: settings.SecretKeyPrevious,
			JWKSHosts:         settings.JWKSHosts,
			Organizations:     settings.Organizations,
			URL:               settings.URL,
			AllowFrom:         settings.AllowFrom,
			Provider:          provider.Declaration().Name,
			Stage:             settings.Stage,
			Credentials:       provider.Declaration().CredentialNames(),
		}),
		Concurrency: settings.Concurrency,
		Log:         log,
		Metrics:     settings.Metrics,
	}), nil
}
