package project

import "github.com/serverless-relay/relay/shared/relay"

// FindProvider returns the provider of a name. It is a parameter of commands, so
// that tests can add providers.
type FindProvider func(name string) (relay.Provider, error)
