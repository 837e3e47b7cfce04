package modulecmd

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/serverless-relay/relay/cmd/relay/internal/platform"
	"github.com/serverless-relay/relay/cmd/relay/internal/project"
	"github.com/serverless-relay/relay/shared/console"
)

// removeCommand is `relay module remove`.
type removeCommand struct {
	Name   string `arg:"" optional:"" help:"The module's name or id. Default: the name in module_settings.json, or the title of the first provider in RELAY_PROVIDER." placeholder:"NAME"`
	Yes    bool   `short:"y" help:"Remove it without asking."`
	DryRun bool   `help:"Print the request, and send only requests that change nothing."`
}

// Run removes the module.
func (r *removeCommand) Run(ctx context.Context, m *Command, c console.Console, settings project.Module) error {
	name := strings.TrimSpace(r.Name)
	if name == "" && settings.First() == "" {
		return console.Usage(errors.New("no module: pass its name, or run this in the project's folder"))
	}
	if name == "" {
		d, err := declaration(settings.First())
		if err != nil {
			return err
		}
		name = settings.NameFor(d)
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
		sure, err := c.Confirm(ctx, console.Printable(fmt.Sprintf("Remove the module %s (%s) at %s?",
			module.Name, module.ID, cmp.Or(publicURL(module.Settings.URL), "no URL"))))
		if err != nil {
			return err
		}
		if !sure {
			return errors.New("nothing was removed")
		}
	}
	return m.apply(ctx, c, client, platform.DeleteInstance(module.ID), r.DryRun, outcome{Result: "removed", Kind: "module", Name: module.Name, ID: module.ID})
}
