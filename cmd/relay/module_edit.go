package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/serverless-relay/relay/cmd/relay/internal/platform"
)

// moduleEditCommand is `relay module edit`.
type moduleEditCommand struct {
	moduleFlags
	Rename  string `help:"Give the module this name." placeholder:"NAME"`
	Enabled *bool  `help:"Switch the module on or off." negatable:""`
}

// Help implements kong.HelpProvider.
func (moduleEditCommand) Help() string {
	return `Changes a module, named by its name or its id, to what the flags say; what they don't say stays. The
routes are always set to those that the provider serves, so after the provider has learned something
new the command without flags registers that.

  relay module edit --jwt - < token.txt
  relay module edit "Watchlist EU" --region eu --no-enabled --dry-run`
}

// Run changes the module.
func (e *moduleEditCommand) Run(ctx context.Context, m *moduleCommand, c console) error {
	settings, err := projectModule()
	if err != nil {
		return err
	}
	name, err := moduleName(e.Name, settings)
	if err != nil {
		return err
	}
	wanted, err := e.wantedModule(ctx, m, c, settings, secret{given: e.JWT, variable: "RELAY_JWT", prompt: "JWT", flag: "--jwt"})
	if err != nil {
		return err
	}
	wanted.Name, wanted.Enabled = strings.TrimSpace(e.Rename), e.Enabled
	client, err := m.client(ctx, c)
	if err != nil {
		return err
	}
	current, err := find(ctx, client, name)
	if err != nil {
		return err
	}
	if auth := current.Settings.AuthType; auth != "" && auth != platform.HeaderAuth {
		return fmt.Errorf("the module %s has the authorization type %s: it is no relay with a token of its own", name, auth)
	}
	change := changeOf(current, wanted)
	if len(change.lines) == 0 {
		_, err = fmt.Fprintf(c.out, "unchanged: %s (%s)\n", printable(current.Name), printable(current.ID))
		return err
	}
	if err := m.apply(ctx, c, client, platform.UpdateInstance(current.ID, change.patch), e.DryRun, nil); err != nil || e.DryRun {
		return err
	}
	fmt.Fprintf(c.out, "changed %s (%s)\n", printable(current.Name), printable(current.ID))
	for _, line := range change.lines {
		if _, err := fmt.Fprintf(c.out, "  %s\n", printable(line)); err != nil {
			return err
		}
	}
	return nil
}
