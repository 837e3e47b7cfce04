package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"

	"github.com/serverless-relay/relay/cmd/relay/internal/project"
	"github.com/serverless-relay/relay/providers"
	"github.com/serverless-relay/relay/shared/ctim"
	"github.com/serverless-relay/relay/shared/relay"
)

// providersCommand is `relay providers`.
type providersCommand struct {
	JSON bool   `name:"json" help:"Print the list as JSON."`
	Use  string `help:"Make this provider the one that is deployed." placeholder:"NAME"`
}

// Help implements kong.HelpProvider.
func (providersCommand) Help() string {
	return `Lists the providers with the routes that they answer, the credentials that they need and the observable
types that they know. The default answers unless RELAY_PROVIDER names another.

--use writes the provider's name, title and credentials into module_settings.json, and runs go generate:
it is the default of everything that is built from then on.`
}

// listedProvider is a provider in the list.
type listedProvider struct {
	Name        string                `json:"name"`
	Title       string                `json:"title"`
	Default     bool                  `json:"default"`
	Answers     []relay.Capability    `json:"answers"`
	Credentials []string              `json:"credentials"`
	Types       []ctim.ObservableType `json:"types"`
}

// Run lists the providers, or makes one the default.
func (p *providersCommand) Run(ctx context.Context, c console) error {
	if p.Use != "" {
		return p.use(ctx, c)
	}
	asked := strings.TrimSpace(os.Getenv("RELAY_PROVIDER"))
	all := []listedProvider{}
	var b strings.Builder
	for _, d := range providers.Declarations() {
		l := listedProvider{d.Name, d.Title, d.Name == providers.Default, d.Capabilities(), credentialNames(d), d.ObservableTypes}
		all = append(all, l)
		fmt.Fprintf(&b, "%s (%s)", l.Name, l.Title)
		if l.Default {
			b.WriteString(", the default")
		}
		if l.Name == asked {
			b.WriteString(", named by RELAY_PROVIDER")
		}
		fmt.Fprintf(&b, "\n  answers      %s\n  credentials  %s\n  types        %s\n", words(l.Answers), words(l.Credentials), words(l.Types))
	}
	if p.JSON {
		return json.NewEncoder(c.out).Encode(all)
	}
	_, err := io.WriteString(c.out, b.String())
	return err
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

// use makes a provider the default.
func (p *providersCommand) use(ctx context.Context, c console) error {
	provider, err := c.find(p.Use)
	if err != nil {
		return usageError{fmt.Errorf("--use: %w", err)}
	}
	root, err := project.Find(".")
	if err != nil {
		return err
	}
	d := provider.Declaration()
	if err := project.Use(root, d); err != nil {
		return err
	}
	if err := runGo(ctx, c, root, "generate", "./..."); err != nil {
		return err
	}
	_, err = fmt.Fprintf(c.out, "%s is the default now. The region's module type ids in module_settings.json are as before.\n", d.Title)
	return err
}

// runGo runs the go command in a project's folder.
func runGo(ctx context.Context, c console, root string, args ...string) error {
	command := exec.CommandContext(ctx, "go", args...)
	command.Dir, command.Stdout, command.Stderr = root, c.err, c.err
	if err := command.Run(); err != nil {
		return fmt.Errorf("go %s: %w", strings.Join(args, " "), err)
	}
	return nil
}

// words joins names for a sentence.
func words[S ~string](all []S) string {
	if len(all) == 0 {
		return "none"
	}
	texts := make([]string, len(all))
	for i, one := range all {
		texts[i] = string(one)
	}
	return strings.Join(texts, ", ")
}
