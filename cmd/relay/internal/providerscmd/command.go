// Package providerscmd is `relay providers`: it lists the providers and chooses one.
package providerscmd

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/serverless-relay/relay/cmd/relay/internal/project"
	"github.com/serverless-relay/relay/providers"
	"github.com/serverless-relay/relay/shared/console"
	"github.com/serverless-relay/relay/shared/ctim"
	"github.com/serverless-relay/relay/shared/relay"
)

// Command is `relay providers`.
type Command struct {
	JSON bool   `name:"json" help:"Print the list as JSON."`
	Use  string `help:"Make these providers the default, which are served and deployed: one, or several separated by commas." placeholder:"NAME,..."`
}

// Help implements kong.HelpProvider.
func (Command) Help() string {
	return `Lists the providers with their routes, their credentials and their observable types. The default is in
module_settings.json. It is served and deployed unless RELAY_PROVIDER names others.

--use changes the default: it writes the names, and the title and credentials of the first provider, into
module_settings.json, and runs go generate. The first answers at the relay's URL, each at URL/NAME:

  relay providers --use watchlist,misp,greynoise`
}

// listedProvider is a provider in the list.
type listedProvider struct {
	Name  string `json:"name"`
	Title string `json:"title"`
	// Default is set if module_settings.json listed it when the binary was built.
	Default bool `json:"default"`
	// Selected is set if RELAY_PROVIDER lists it, or if it is a default and
	// RELAY_PROVIDER is empty.
	Selected    bool                  `json:"selected"`
	Answers     []relay.Capability    `json:"answers"`
	Credentials []string              `json:"credentials"`
	Types       []ctim.ObservableType `json:"types"`
}

// Run lists the providers, or makes one the default.
func (p *Command) Run(ctx context.Context, c console.Console, find project.FindProvider) error {
	if p.Use != "" {
		return p.use(ctx, c, find)
	}
	defaults, err := names("")
	if err != nil {
		return err
	}
	selected, err := names(os.Getenv("RELAY_PROVIDER"))
	if err != nil {
		fmt.Fprintf(c.Err, "Warning: RELAY_PROVIDER: %s.\n", console.Printable(err.Error()))
	}
	all := []listedProvider{}
	var b strings.Builder
	for _, d := range providers.Declarations() {
		l := listedProvider{d.Name, d.Title, slices.Contains(defaults, d.Name), slices.Contains(selected, d.Name), d.Capabilities(), credentialNames(d), d.ObservableTypes}
		all = append(all, l)
		fmt.Fprintf(&b, "%s (%s)", l.Name, l.Title)
		switch {
		case l.Default && l.Selected:
			b.WriteString(", the default: served and deployed")
		case l.Default:
			b.WriteString(", the default")
		case l.Selected:
			b.WriteString(", selected by RELAY_PROVIDER: served and deployed")
		}
		fmt.Fprintf(&b, "\n  answers      %s\n  credentials  %s\n  types        %s\n", words(l.Answers), words(l.Credentials), words(l.Types))
	}
	return c.Print(p.JSON, all, b.String())
}

// credentialNames returns the names of the credentials, and which are optional.
func credentialNames(d relay.Declaration) []string {
	names := make([]string, len(d.Credentials))
	for i, c := range d.Credentials {
		names[i] = c.Name
		if c.Optional {
			names[i] += " (optional)"
		}
	}
	return names
}

// names returns the names in a list of providers. An empty list is the default.
func names(list string) ([]string, error) {
	selected, err := providers.Selected(strings.TrimSpace(list), providers.Find)
	var all []string
	for _, provider := range selected {
		all = append(all, provider.Declaration().Name)
	}
	return all, err
}

// use changes the default.
func (p *Command) use(ctx context.Context, c console.Console, find project.FindProvider) error {
	selected, err := providers.Selected(p.Use, find)
	if err != nil {
		return console.Usage(fmt.Errorf("--use: %w", err))
	}
	var titles []string
	var declarations []relay.Declaration
	for _, provider := range selected {
		declarations = append(declarations, provider.Declaration())
		titles = append(titles, provider.Declaration().Title)
	}
	root, err := project.Find(".")
	if err != nil {
		return err
	}
	if err := project.Use(root, declarations); err != nil {
		return err
	}
	if err := project.Go(ctx, root, c.Err, "generate", "./..."); err != nil {
		return err
	}
	_, err = fmt.Fprintf(c.Out, "The default is now: %s. The module type ids in module_settings.json are unchanged.\n", strings.Join(titles, ", "))
	return err
}

// words joins names. If there are none, it returns "none".
func words[S ~string](all []S) string {
	var texts []string
	for _, one := range all {
		texts = append(texts, string(one))
	}
	return cmp.Or(strings.Join(texts, ", "), "none")
}
