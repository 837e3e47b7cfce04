package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/serverless-relay/relay/providers"
	"github.com/serverless-relay/relay/shared/relay"
)

// providersCommand is `relay providers`.
type providersCommand struct{}

// Help implements kong.HelpProvider.
func (providersCommand) Help() string {
	return `Lists the providers with the routes that they answer, the credentials that they need and the observable
types that they know.`
}

// Run lists the providers.
func (p *providersCommand) Run(c console) error {
	var b strings.Builder
	for _, d := range providers.Declarations() {
		fmt.Fprintf(&b, "%s (%s)\n", d.Name, d.Title)
		fmt.Fprintf(&b, "  answers      %s\n", words(d.Capabilities()))
		fmt.Fprintf(&b, "  credentials  %s\n", words(credentialNames(d)))
		fmt.Fprintf(&b, "  types        %s\n", words(d.ObservableTypes))
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
