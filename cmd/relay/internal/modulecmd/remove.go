package modulecmd

import (
	"context"
	"errors"
	"fmt"

	"github.com/serverless-relay/relay/cmd/relay/internal/platform"
	"github.com/serverless-relay/relay/cmd/relay/internal/project"
	"github.com/serverless-relay/relay/shared/console"
)

// removeCommand is `relay module remove`.
type removeCommand struct {
	Name   string `arg:"" optional:"" help:"The module's name or id. Default: the name in module_settings.json." placeholder:"NAME"`
	Yes    bool   `short:"y" help:"Remove it without asking."`
	DryRun bool   `help:"Print the request, and send only requests that change nothing."`
}

// Run removes the module.
func (r *removeCommand) Run(ctx context.Context, m *Command, c console.Console, settings project.Module) error {
	name, err := moduleName(r.Name, "", settings)
	if err != nil {
		return err
	}
	client, err := m.client(ctx, c)
	if err != nil {
		return err
	}
	module, err := find(ctx, client, name)
	if err != nil {
		return err
	}
	if !r.Yes && !r.DryRun {
		if !console.IsTerminal(c.In) {
			return console.Usage(errors.New("there is no terminal to confirm the removal at: pass --yes"))
		}
		sure, err := c.Confirm(ctx, fmt.Sprintf("Remove the module %s (%s) at %s?",
			console.Printable(module.Name), console.Printable(module.ID), console.Printable(publicURL(module.Settings.URL))))
		if err != nil {
			return err
		}
		if !sure {
			return errors.New("nothing was removed")
		}
	}
	return m.apply(ctx, c, client, platform.DeleteInstance(module.ID), r.DryRun, outcome{Result: "removed", Kind: "module", Name: module.Name, ID: module.ID})
}
