package main

import (
	"errors"
	"fmt"
	"io"
	"path"
	"strings"

	"github.com/serverless-relay/relay/cmd/relay/internal/scaffold"
	"github.com/serverless-relay/relay/shared/ctim"
	"github.com/serverless-relay/relay/shared/relay"
)

// newCommand is `relay new`.
type newCommand struct {
	Name         string   `arg:"" optional:"" help:"The new provider's name: small letters and digits."`
	Title        string   `help:"What people call the third party. Default: the name, with a capital." placeholder:"TEXT"`
	Types        []string `help:"The observable types that it knows. Default: ip,domain." default:"ip,domain" placeholder:"TYPE"`
	Credential   []string `help:"What it asks a caller for: a claim of the token and the question for it, once for each, or none. Default: key=..., an API key." sep:"none" placeholder:"NAME=PROMPT"`
	KeepSettings bool     `help:"Leave module_settings.json as it is: another provider stays the one that is deployed."`
	Module       string   `help:"Give the Go module another path, for a fork: in go.mod, imports and documents." placeholder:"PATH"`
	Remove       string   `help:"Take a provider out instead." placeholder:"NAME"`
	DryRun       bool     `help:"Say what would be done, and do nothing."`
}

// Help implements kong.HelpProvider.
func (newCommand) Help() string {
	return `Makes providers/NAME: a provider that compiles, passes its tests and answers every route, with marked
places to fill in. It gets its line in providers/providers.go and its rows in README.md, and becomes the one that is deployed (module_settings.json).

  relay new acme --title "Acme Intelligence" --types ip,domain,sha256
  relay new acme --credential key="Your API key" --credential tenant="Your tenant's name"
  relay new --module example.com/me/relay
  relay new --remove watchlist

All is done or, where something fails, nothing. --module wants all, and --remove what goes, to be
committed to git. docs/WriteAProvider.md leads from here to a registered module.`
}

// Validate implements kong's validation.
func (n *newCommand) Validate() error {
	switch {
	case n.Remove != "" && (n.Name != "" || n.Module != ""):
		return errors.New("--remove goes alone: one thing at a time")
	case n.Name == "" && n.Remove == "" && n.Module == "":
		return errors.New("name the provider: relay new NAME")
	}
	return nil
}

// Run makes the changes.
func (n *newCommand) Run(c console) error {
	tree, err := scaffold.Load(".")
	if err != nil {
		return err
	}
	if n.Module != "" {
		if err := n.rename(tree); err != nil {
			return err
		}
	}
	provider, err := n.provider()
	if err != nil {
		return err
	}
	switch {
	case n.Remove != "":
		err = tree.Remove(n.Remove)
	case n.Name != "":
		if err = tree.New(provider); err == nil && !n.KeepSettings {
			err = tree.Use(provider.Declaration())
		}
	}
	if err != nil {
		return err
	}
	if err := finish(c.out, tree, n.DryRun); err != nil || n.Name == "" || n.DryRun {
		return err
	}
	_, err = fmt.Fprintf(c.out, `
Fill in what is marked, and keep the tests passing:

  grep -rn '%s' providers/%s
  go test ./providers/%[2]s/...

docs/WriteAProvider.md goes through it.
`, scaffold.Mark, n.Name)
	return err
}

// rename renames the module, in a project of which all is committed.
func (n *newCommand) rename(tree *scaffold.Tree) error {
	if err := tree.Clean(); err != nil {
		return err
	}
	return tree.Rename(n.Module)
}

// provider is what the flags ask for.
func (n *newCommand) provider() (scaffold.Provider, error) {
	p := scaffold.Provider{Name: n.Name, Title: n.Title}
	if p.Title == "" && n.Name != "" {
		p.Title = strings.ToUpper(n.Name[:1]) + n.Name[1:]
	}
	for _, kind := range n.Types {
		p.ObservableTypes = append(p.ObservableTypes, ctim.ObservableType(strings.TrimSpace(kind)))
	}
	switch {
	case len(n.Credential) == 0:
		p.Credentials = []relay.Credential{{Name: "key", Prompt: "Your " + p.Title + " API key"}}
	case len(n.Credential) == 1 && n.Credential[0] == "none":
	default:
		for _, text := range n.Credential {
			name, prompt, ok := strings.Cut(text, "=")
			if !ok {
				return p, fmt.Errorf("--credential %s: it is NAME=PROMPT, such as key=\"Your API key\"", text)
			}
			p.Credentials = append(p.Credentials, relay.Credential{Name: name, Prompt: strings.TrimSpace(prompt)})
		}
	}
	return p, nil
}

// finish makes the changes, unless it is only to say what they are, and says it.
func finish(w io.Writer, tree *scaffold.Tree, dry bool) error {
	changes := tree.Changes()
	if !dry {
		if err := tree.Apply(); err != nil {
			return err
		}
	}
	var b strings.Builder
	if dry {
		b.WriteString("Nothing is done. This would be: ")
	}
	fmt.Fprintf(&b, "%s in %s\n", plural(len(changes), "file", "files"), tree.Root())
	for i := 0; i < len(changes); {
		n := i + 1
		for n < len(changes) && changes[n].Kind == changes[i].Kind && folder(changes[n].Path) == folder(changes[i].Path) {
			n++
		}
		fmt.Fprintf(&b, "  %-6s  %s\n", changes[i].Kind, files(changes[i:n]))
		i = n
	}
	for _, note := range tree.Notes() {
		fmt.Fprintln(&b, printable(note))
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// files names some of the files in a folder to which the same happens.
func files(changes []scaffold.Change) string {
	const most = 6
	below := folder(changes[0].Path)
	var names []string
	for _, c := range changes[:min(len(changes), most)] {
		names = append(names, strings.TrimPrefix(c.Path, below+"/"))
	}
	if rest := len(changes) - len(names); rest > 0 {
		names = append(names, fmt.Sprintf("%d more", rest))
	}
	if len(changes) == 1 || below == "." {
		return strings.TrimPrefix(below+"/", "./") + strings.Join(names, ", ")
	}
	return below + "/: " + strings.Join(names, ", ")
}

// folder is the one in which a file is listed: no deeper than providers/NAME.
func folder(name string) string {
	parts := strings.Split(path.Dir(name), "/")
	return path.Join(parts[:min(len(parts), 2)]...)
}
