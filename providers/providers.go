// Package providers lists the third parties that a relay can ask: the folders
// beside this file.
package providers

//go:generate go run ./internal/registry
//go:generate go run ./internal/docs

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"go.uber.org/zap"

	"github.com/serverless-relay/relay/shared/auth"
	"github.com/serverless-relay/relay/shared/config"
	"github.com/serverless-relay/relay/shared/relay"
	"github.com/serverless-relay/relay/shared/server"
	"github.com/serverless-relay/relay/shared/upstream"
)

// Declarations returns what all providers declare, sorted by name. Nothing is
// opened for it and no setting is read.
func Declarations() []relay.Declaration {
	var declarations []relay.Declaration
	for _, name := range Names() {
		declarations = append(declarations, all[name].Declaration())
	}
	return declarations
}

// Names returns the names of all providers, sorted.
func Names() []string { return slices.Sorted(maps.Keys(all)) }

// Find returns the provider of that name.
func Find(name string) (relay.Provider, error) {
	if p := all[name]; p != nil {
		return p, nil
	}
	return nil, fmt.Errorf("this binary has no provider %q, but it has %s: if the provider is new, run go generate ./... and rebuild", name, strings.Join(Names(), ", "))
}

// Selected returns the providers in a list such as RELAY_PROVIDER: names, separated
// by commas. An empty list is Default. find is Find, except in tests.
func Selected(list string, find func(name string) (relay.Provider, error)) ([]relay.Provider, error) {
	if list == "" {
		list = Default
	}
	var selected []relay.Provider
	seen := map[string]bool{}
	for name := range strings.SplitSeq(list, ",") {
		name = strings.TrimSpace(name)
		provider, err := find(name)
		if err != nil {
			return nil, err
		}
		if seen[name] {
			return nil, fmt.Errorf("%s is listed twice", name)
		}
		seen[name] = true
		selected = append(selected, provider)
	}
	return selected, nil
}

// Open opens the providers that the settings select, and returns a server for each,
// in their order. It reads settings, but calls no third party.
func Open(settings config.Relay, log *zap.Logger) (server.Modules, error) {
	selected, err := Selected(settings.Provider, Find)
	if err != nil {
		return nil, fmt.Errorf("setting RELAY_PROVIDER: %w", err)
	}
	network := new(upstream.Transport)
	var modules server.Modules
	for i, provider := range selected {
		declaration := provider.Declaration()
		service, err := provider.Open(relay.OpenOptions{Transport: network})
		if err != nil {
			return nil, fmt.Errorf("provider %s: %w", declaration.Name, err)
		}
		modules = append(modules, server.New(server.Options{
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
				NotFirst:          i > 0,
				Stage:             settings.Stage,
				Credentials:       declaration.RequiredCredentials(),
			}),
			OneOfMany:   len(selected) > 1,
			Concurrency: settings.Concurrency,
			Log:         log,
			Metrics:     settings.Metrics,
		}))
	}
	return modules, nil
}
