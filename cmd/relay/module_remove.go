package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/serverless-relay/relay/cmd/relay/internal/platform"
)

// moduleRemoveCommand is `relay module remove`.
type moduleRemoveCommand struct {
	Name   string `arg:"" optional:"" help:"The module's name or id. Default: the name in module_settings.json." placeholder:"NAME"`
	Yes    bool   `short:"y" help:"Don't ask whether to remove it."`
	DryRun bool   `help:"Print the request and send none that changes anything."`
}

// Run removes the module.
func (r *moduleRemoveCommand) Run(ctx context.Context, m *moduleCommand, c console) error {
	settings, err := projectModule()
	if err != nil {
		return err
	}
	name, err := moduleName(r.Name, settings)
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
		sure, err := confirm(ctx, c, fmt.Sprintf("Remove the module %s (%s) at %s?", printable(module.Name), printable(module.ID), printable(module.Settings.URL)))
		if errors.Is(err, errNoTerminal) {
			return usageError{errors.New("there is no terminal to ask on whether to remove the module: --yes says so")}
		}
		if err != nil {
			return err
		}
		if !sure {
			return errors.New("nothing was removed")
		}
	}
	if err := m.apply(ctx, c, client, platform.DeleteInstance(module.ID), r.DryRun, nil); err != nil || r.DryRun {
		return err
	}
	_, err = fmt.Fprintf(c.out, "removed %s (%s)\n", printable(module.Name), printable(module.ID))
	return err
}
