package modulecmd

import (
	"context"
	"fmt"
	"strings"

	"github.com/serverless-relay/relay/cmd/relay/internal/platform"
	"github.com/serverless-relay/relay/cmd/relay/internal/project"
	"github.com/serverless-relay/relay/shared/console"
)

// editCommand is `relay module edit`.
type editCommand struct {
	moduleFlags
	Rename  string `help:"Give the module this name." placeholder:"NAME"`
	Enabled *bool  `help:"Enable or disable the module." negatable:""`
}

func (editCommand) Help() string {
	return `Changes a module, which is named by its name or id. Without a flag, a property stays as it is. The
routes are always set to those of the provider. So the command without flags registers the routes that
the provider has gained.

  relay module edit --jwt - < token.txt
  relay module edit "Watchlist EU" --region eu --no-enabled --dry-run`
}

// Run changes the module.
func (e *editCommand) Run(ctx context.Context, m *Command, c console.Console, settings project.Module) error {
	module, err := e.module(ctx, m, c, settings, false)
	if err != nil {
		return err
	}
	name := module.Name
	module.Name, module.Enabled = strings.TrimSpace(e.Rename), e.Enabled
	client, err := m.client(ctx, c)
	if err != nil {
		return err
	}
	current, err := find(ctx, client, name)
	if err != nil {
		return err
	}
	if auth := current.Settings.AuthType; auth != "" && auth != platform.HeaderAuth {
		return fmt.Errorf("the module %s has the authorization type %s, so it is not a relay with a token", name, auth)
	}
	change := compare(current, module)
	if len(change.lines) == 0 {
		return m.report(c, outcome{Result: "unchanged", Kind: "module", Name: current.Name, ID: current.ID})
	}
	return m.apply(ctx, c, client, platform.UpdateInstance(current.ID, change.patch), e.DryRun,
		outcome{Result: "changed", Kind: "module", Name: current.Name, ID: current.ID, Details: change.lines})
}
