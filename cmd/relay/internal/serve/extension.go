package serve

import (
	"context"

	"github.com/serverless-relay/relay/shared/ctim"
	"github.com/serverless-relay/relay/shared/relay"
)

// Extension is a command that a provider adds to relay: the type Command in its folder
// command. Its flags and commands are those of kong.
type Extension interface {
	// Summary describes the command in the list of commands.
	Summary() string
	// Ready returns the reason if a service of the provider can't answer at present.
	Ready(service relay.Service) error
	// Introduce describes a service of the provider after its address, and returns an
	// observable that it knows, or none. With sample, it adds sample data to a service
	// that was never used.
	Introduce(ctx context.Context, service relay.Service, sample bool) (about string, known ctim.Observable, err error)
}

// Extensions are the commands of providers, by the provider's name.
type Extensions map[string]Extension
