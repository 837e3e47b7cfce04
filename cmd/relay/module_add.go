package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/serverless-relay/relay/cmd/relay/internal/platform"
	"github.com/serverless-relay/relay/cmd/relay/internal/project"
)

// moduleAddCommand is `relay module add`.
type moduleAddCommand struct {
	moduleFlags
	Type       string `help:"Id of the module's type. Default: the region's in module_settings.json." placeholder:"ID"`
	Visibility string `help:"Who sees the module: org or user." enum:"org,user" default:"org" placeholder:"WHO"`
}

// Help implements kong.HelpProvider.
func (moduleAddCommand) Help() string {
	return `Registers the relay at that URL as a module, with the routes that its provider serves. A module of
the name that is there with the same content is left alone; one with other content is an error, which
says what relay module edit would change.

  relay module add --url https://abc.execute-api.us-east-1.amazonaws.com --jwt - < token.txt
  relay module add "Watchlist EU" --region eu --url https://relay.example.com --dry-run

Without --jwt and RELAY_JWT the token is asked for. A token as a flag shows in the list of processes.`
}

// Run registers the module.
func (a *moduleAddCommand) Run(ctx context.Context, m *moduleCommand, c console) error {
	settings, err := projectModule()
	if err != nil {
		return err
	}
	wanted, err := a.wanted(ctx, m, c, settings)
	if err != nil {
		return err
	}
	var client *platform.Client
	if a.DryRun && m.clientID() == "" {
		fmt.Fprintln(c.err, "No API client is named, so it isn't looked whether the module is there already.")
	} else {
		if client, err = m.client(ctx, c); err != nil {
			return err
		}
		if there, err := isThere(ctx, c, client, wanted); there || err != nil {
			return err
		}
	}
	var made platform.Instance
	err = m.apply(ctx, c, client, platform.CreateInstance(wanted), a.DryRun, &made)
	if errors.Is(err, platform.ErrUncertain) {
		return fmt.Errorf("%w. The same command again does no harm", err)
	}
	if err != nil || a.DryRun {
		return err
	}
	_, err = fmt.Fprintf(c.out, "added %s (%s): %s\n  supported-apis %s\n", printable(wanted.Name), printable(made.ID), wanted.Settings.URL,
		strings.Join(wanted.Settings.SupportedAPIs, ", "))
	return err
}

// wanted is the module that is to be registered.
func (a *moduleAddCommand) wanted(ctx context.Context, m *moduleCommand, c console, settings project.Module) (platform.Instance, error) {
	region, err := m.region()
	if err != nil {
		return platform.Instance{}, err
	}
	name, err := moduleName(a.Name, settings)
	if err != nil {
		return platform.Instance{}, err
	}
	kind := cmp.Or(a.Type, settings.Types[string(region)])
	if kind == "" {
		return platform.Instance{}, usageError{fmt.Errorf("no module type for region %s: run this in the project's folder, or pass --type", region)}
	}
	wanted, err := a.wantedModule(ctx, m, c, settings, secret{given: a.JWT, variable: "RELAY_JWT", prompt: "JWT", flag: "--jwt", must: true})
	if err != nil {
		return platform.Instance{}, err
	}
	if wanted.Settings.URL == "" {
		return platform.Instance{}, usageError{errors.New("where is the relay? Pass --url, or set RELAY_URL")}
	}
	on := true
	wanted.Name, wanted.TypeID, wanted.Visibility, wanted.Enabled = name, kind, a.Visibility, &on
	return wanted, nil
}

// isThere says whether the module is registered as it should be. One of the
// name that is different is an error.
func isThere(ctx context.Context, c console, client *platform.Client, wanted platform.Instance) (bool, error) {
	all, err := client.Instances(ctx)
	if err != nil {
		return false, err
	}
	current, ok, err := named(all, wanted.Name)
	if !ok || err != nil {
		return false, err
	}
	if current.TypeID != wanted.TypeID {
		return false, fmt.Errorf("there is a module %s of another type (%s): choose another name, or remove it", wanted.Name, current.TypeID)
	}
	change := changeOf(current, wanted)
	switch {
	case len(change.lines) == 0:
		_, err = fmt.Fprintf(c.out, "unchanged: %s (%s) is there already\n", printable(wanted.Name), printable(current.ID))
		return true, err
	case change.blind:
		_, err = fmt.Fprintf(c.out, "unchanged: %s (%s) is there already. The platform doesn't show its token; relay module edit sends this one\n",
			printable(wanted.Name), printable(current.ID))
		return true, err
	default:
		return false, fmt.Errorf("the module %s is there with other content. relay module edit would change: %s", wanted.Name, strings.Join(change.lines, "; "))
	}
}
