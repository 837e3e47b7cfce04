// Package newcmd is `relay new`: it writes a provider, or renames the module of a
// fork.
package newcmd

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/serverless-relay/relay/cmd/relay/internal/project"
	"github.com/serverless-relay/relay/shared/console"
	"github.com/serverless-relay/relay/shared/relay"
)

// Command is `relay new`.
type Command struct {
	provider
	Credential []string `help:"A claim of the token, and the prompt for it. Repeat the flag for more. Default: the credentials that --auth needs." sep:"none" placeholder:"NAME=PROMPT"`
	Module     string   `help:"Change the path of the Go module, for a fork: in go.mod and in all imports." placeholder:"PATH"`
}

// Help implements kong.HelpProvider.
func (Command) Help() string {
	return `Writes providers/NAME, a provider that compiles, passes its tests and answers every route, and runs
go generate. What you have to change is marked TODO. docs/Provider.md explains it.

  relay new acme --title "Acme Intelligence" --types ip,domain,sha256
  relay new acme --auth basic --credential user="Your user name" --credential password="Your password"
  relay new --module example.com/you/relay

To remove a provider: rm -r providers/NAME && go generate ./...`
}

// Run writes the provider, or renames the module.
func (n *Command) Run(ctx context.Context, c console.Console) error {
	root, err := project.Find(".")
	if err != nil {
		return err
	}
	switch {
	case (n.Name == "") == (n.Module == ""):
		return console.Usage(errors.New("pass the name of the provider, as in relay new NAME, or --module alone"))
	case n.Module != "":
		if err := rename(root, n.Module); err != nil {
			return err
		}
		return project.Go(ctx, root, c.Err, "generate", "./...")
	}
	p := n.provider
	for _, text := range n.Credential {
		name, prompt, _ := strings.Cut(text, "=")
		p.Credentials = append(p.Credentials, relay.Credential{Name: name, Prompt: strings.TrimSpace(prompt)})
	}
	if err := write(root, p); err != nil {
		return console.Usage(err)
	}
	err = project.Go(ctx, root, c.Err, "generate", "./...")
	if err == nil {
		err = project.Go(ctx, root, c.Err, "test", "./providers/"+n.Name, "-update") // writes the golden response
	}
	if err != nil {
		return fmt.Errorf("providers/%s is written, but: %w", n.Name, err)
	}
	_, err = fmt.Fprintf(c.Out, `Written: providers/%[1]s. Replace what is marked TODO as docs/Provider.md describes, and keep its tests passing:

  grep -rn TODO providers/%[1]s
  go test ./providers/%[1]s
`, n.Name)
	return err
}
