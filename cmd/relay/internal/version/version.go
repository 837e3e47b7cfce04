// Package version is `relay version`.
package version

import (
	"fmt"

	"github.com/serverless-relay/relay/cmd/relay/internal/console"
	"github.com/serverless-relay/relay/shared/relay"
)

// Command is `relay version`.
type Command struct {
	JSON bool `name:"json" help:"Print it as JSON."`
}

// Run prints the version.
func (v *Command) Run(c console.Console) error {
	if v.JSON {
		return c.PrintJSON(map[string]string{"version": relay.Version})
	}
	_, err := fmt.Fprintln(c.Out, "relay", relay.Version)
	return err
}
