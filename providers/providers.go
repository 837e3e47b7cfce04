// Package providers lists the third parties that a relay can ask: the folders
// beside this file.
package providers

//go:generate go run ./internal/registry
//go:generate go run ./internal/docs

import (
	"fmt"
	"strings"

	"go.uber.org/zap"

	"github.com/serverless-relay/relay/shared/auth"
	"github.com/serverless-relay/relay/shared/config"
	"github.com/serverless-relay/relay/shared/relay"
	"github.com/serverless-relay/relay/shared/server"
)

// Declarations returns what all providers declare, sorted by name. Nothing is
// opened for it and no setting is read.
func Declarations() []relay.Declaration {
	var declarations []relay.Declaration
	for _, p := range All() {
		declarations = append(declarations, p.Declaration())
	}
	return declarations
}

// Names returns the names of all providers, sorted.
func Names() []string {
	var names []string
	for _, d := range Declarations() {
		names = append(names, d.Name)
	}
	return names
}

// Find returns the provider of that name.
func Find(name string) (relay.Provider, error) {
	for _, p := range All() {
		if p.Declaration().Name == name {
			return p, nil
		}
	}
	return nil, fmt.Errorf("this binary has no provider %q, but it has %s: if the provider is new, run go generate ./... and rebuild", name, strings.Join(Names(), ", "))
}

// NewServer opens the provider that the settings name, and puts a server before
// it.
func NewServer(settings config.Relay, log *zap.Logger) (*server.Server, error) {
	name := settings.Provider
	if name == "" {
		name = Default
	}
	provider, err := Find(name)
	if err != nil {
		return nil, fmt.Errorf("setting RELAY_PROVIDER: %w", err)
	}
	service, err := provider.Open(relay.OpenOptions{})
	if err != nil {
		return nil, err
	}
	declaration := provider.Declaration()
	return server.New(server.Options{
		Declaration: declaration,
		Service:     service,
		Authenticator: auth.New(auth.Options{
			SecretKey:         settings.SecretKey,
			SecretKeyPrevious: settings.SecretKeyPrevious,
			JWKSHosts:         settings.JWKSHosts,
			Organizations:     settings.Organizations,
			URL:               settings.URL,
			AllowFrom:         settings.AllowFrom,
			Provider:          declaration.Name,
			Stage:             settings.Stage,
			Credentials:       declaration.RequiredCredentials(),
		}),
		Concurrency: settings.Concurrency,
		Log:         log,
		Metrics:     settings.Metrics,
	}), nil
}
