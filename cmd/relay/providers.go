package main

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/serverless-relay/relay/cmd/relay/internal/scaffold"
	"github.com/serverless-relay/relay/providers"
	"github.com/serverless-relay/relay/shared/relay"
)

// providersCommand is `relay providers`.
type providersCommand struct {
	Readme bool   `help:"Write the table of providers into README.md, as go generate does."`
	Use    string `help:"Make a provider the one that is deployed: in module_settings.json, and where RELAY_PROVIDER is not set." placeholder:"NAME"`
}

// Help implements kong.HelpProvider.
func (providersCommand) Help() string {
	return `Lists the providers with what they answer, the credentials that they need and the observable types that
they know, as they declare it.

  relay providers --use acme`
}

// Run lists the providers, or writes what they declare into the project's files.
func (p *providersCommand) Run(c console) error {
	all, err := providers.Declarations()
	if err != nil {
		return err
	}
	if !p.Readme && p.Use == "" {
		_, err := io.WriteString(c.out, scaffold.List(all))
		return err
	}
	tree, err := scaffold.Load(".")
	if err != nil {
		return err
	}
	if p.Readme {
		if err := tree.UpdateReadme(all); err != nil {
			return err
		}
	}
	if p.Use != "" {
		i := slices.IndexFunc(all, func(d relay.Declaration) bool { return d.Name == p.Use })
		if i < 0 {
			return fmt.Errorf("there is no provider %s: %s", p.Use, strings.Join(providers.Names(), ", "))
		}
		if err := tree.Use(all[i]); err != nil {
			return err
		}
	}
	return finish(c.out, tree, false)
}
