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

// addCommand is `relay module add`.
type addCommand struct {
	moduleFlags
	Type       string `help:"The id of the module's type. Default: the region's in module_settings.json." placeholder:"ID"`
	Visibility string `help:"Who sees the module: org or user." enum:"org,user" default:"org" placeholder:"WHO"`
}

func (addCommand) Help() string {
	return `Registers the relay at a URL as a module, with the routes of its provider. If a module with the same
name and content exists already, nothing happens. If its content differs, an error shows what
relay module edit would change.

  relay module add --url https://abc.execute-api.us-east-1.amazonaws.com --jwt - < token.txt
  relay module add "Watchlist EU" --region eu --url https://relay.example.com --dry-run

Without --jwt and RELAY_JWT, you are asked for the token. Other users can see a token in the arguments
in the list of processes.`
}

// Run registers the module.
func (a *addCommand) Run(ctx context.Context, m *Command, c console.Console, settings project.Module) error {
	kind := cmp.Or(a.Type, settings.Types[m.Region])
	if kind == "" {
		return console.Usage(fmt.Errorf("no module type for region %s: run this in the project's folder, or pass --type", m.Region))
	}
	module, err := a.module(ctx, m, c, settings, true)
	if err != nil {
		return err
	}
	if module.Settings.URL == "" {
		return console.Usage(errors.New("no relay: pass its URL with --url, or set RELAY_URL"))
	}
	module.TypeID, module.Visibility, module.Enabled = kind, a.Visibility, new(true)
	var client *platform.Client
	if a.DryRun && m.ClientID == "" {
		fmt.Fprintln(c.Err, "There is no API client, so this doesn't check whether the module exists already.")
	} else {
		if client, err = m.client(ctx, c); err != nil {
			return err
		}
		if exists, err := m.exists(ctx, c, client, module); exists || err != nil {
			return err
		}
	}
	return m.apply(ctx, c, client, platform.CreateInstance(module), a.DryRun, outcome{Result: "added", Kind: "module", Name: module.Name, URL: module.Settings.URL,
		Details: []string{"supported-apis " + strings.Join(module.Settings.SupportedAPIs, ", ")}})
}

// exists reports whether the module is registered already, and prints that. If a
// different module has its name, it returns an error.
func (m *Command) exists(ctx context.Context, c console.Console, client *platform.Client, module platform.Instance) (bool, error) {
	all, err := client.Instances(ctx)
	if err != nil {
		return false, err
	}
	current, ok, err := findName(all, module.Name)
	if !ok || err != nil {
		return false, err
	}
	if current.TypeID != module.TypeID {
		return false, fmt.Errorf("there is a module %s of another type (%s): choose another name, or remove that module", module.Name, current.TypeID)
	}
	change := compare(current, module)
	if len(change.lines) > 0 && !change.onlyHiddenToken {
		return false, fmt.Errorf("the module %s exists with other content. relay module edit would change: %s", module.Name, strings.Join(change.lines, "; "))
	}
	unchanged := outcome{Result: "unchanged", Kind: "module", Name: current.Name, ID: current.ID}
	if change.onlyHiddenToken {
		unchanged.Details = []string{"The platform doesn't show the module's token. relay module edit replaces it."}
	}
	return true, m.report(c, unchanged)
}
