// Package modulecmd is `relay module`: it registers the relay with Cisco XDR.
package modulecmd

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/serverless-relay/relay/cmd/relay/internal/flags"
	"github.com/serverless-relay/relay/cmd/relay/internal/platform"
	"github.com/serverless-relay/relay/shared/console"
)

// Command is `relay module`.
type Command struct {
	Region       string       `help:"The platform's region: us, eu or apjc. Default: XDR_REGION, or us." enum:",us,eu,apjc" default:"" placeholder:"REGION"`
	Host         platformHost `help:"The platform's host, if it isn't the region's." placeholder:"HOST"`
	ClientID     string       `name:"client-id" help:"The id of an API client. Default: XDR_CLIENT_ID." placeholder:"ID"`
	PasswordFile string       `help:"A file with the API client's password; - is standard input. Default: XDR_CLIENT_PASSWORD, or a prompt." placeholder:"PATH"`
	JSON         bool         `name:"json" help:"Print the result as JSON; with --dry-run, the request."`

	Add    addCommand    `cmd:"" help:"Register the relay as a module."`
	Edit   editCommand   `cmd:"" help:"Change a registered module."`
	Remove removeCommand `cmd:"" help:"Remove a module."`
	List   listCommand   `cmd:"" help:"List the organisation's modules."`
	Type   typeCommand   `cmd:"" help:"Print a module type for the provider, or register it."`
}

// Help implements kong.HelpProvider.
func (Command) Help() string {
	return `Calls Cisco XDR's API as an API client of your organisation. Create one with the scope "integration"
under Administration, API Clients. Its password is shown only once.

  export XDR_CLIENT_ID=client-... XDR_CLIENT_PASSWORD=...
  relay module add --url https://abc.execute-api.us-east-1.amazonaws.com
  relay module list

In the project's folder, the name, provider and module type come from module_settings.json.`
}

// platformHost is the base URL of the platform's API. The scheme may be omitted.
type platformHost string

// UnmarshalText implements encoding.TextUnmarshaler.
func (h *platformHost) UnmarshalText(text []byte) error {
	address := string(text)
	if !strings.Contains(address, "://") {
		address = "https://" + address
	}
	address, err := flags.ParseSecureURL(address, "the platform's host", "visibility.amp.cisco.com")
	*h = platformHost(address)
	return err
}

// AfterApply completes the flags from the environment.
func (m *Command) AfterApply() error {
	m.Region = cmp.Or(m.Region, os.Getenv("XDR_REGION"), "us")
	m.ClientID = strings.TrimSpace(cmp.Or(m.ClientID, os.Getenv("XDR_CLIENT_ID")))
	host := platform.Host(m.Region)
	if host == "" {
		return errors.New("XDR_REGION is not us, eu or apjc")
	}
	m.Host = cmp.Or(m.Host, platformHost("https://"+host))
	return nil
}

// client returns a client of the platform's API. It asks for the password if
// neither a flag nor the environment has it.
func (m *Command) client(ctx context.Context, c console.Console) (*platform.Client, error) {
	if m.ClientID == "" {
		return nil, console.Usage(errors.New("no API client: set XDR_CLIENT_ID, or pass --client-id"))
	}
	password, err := flags.Secret{File: m.PasswordFile, Variable: "XDR_CLIENT_PASSWORD", Prompt: "API client's password", Flag: "--password-file"}.Get(ctx, c)
	if err != nil {
		return nil, err
	}
	return platform.New(string(m.Host), m.ClientID, password, nil)
}

// apply makes a change and prints the outcome, which gets the id in the response if
// it has none. With dryRun it prints the request instead, without anything secret.
func (m *Command) apply(ctx context.Context, c console.Console, client *platform.Client, change platform.Change, dryRun bool, o outcome) error {
	if dryRun {
		preview := change.Preview(string(m.Host))
		return c.Print(m.JSON, preview, preview.String())
	}
	var created struct{ ID string }
	var into any // nil, because the response to other changes may be empty
	if o.ID == "" {
		into = &created
	}
	if err := client.Send(ctx, change, into); err != nil {
		return err
	}
	o.ID = cmp.Or(o.ID, created.ID)
	return m.report(c, o)
}

// outcome is the result of a command that registers or changes something.
type outcome struct {
	// Result is "added", "changed", "unchanged" or "removed".
	Result string `json:"result"`
	// Kind is "module" or "type".
	Kind string `json:"kind"`
	Name string `json:"name"`
	ID   string `json:"id"`
	URL  string `json:"url,omitempty"`
	// Details are sentences, such as what was changed. They contain no token.
	Details []string `json:"details,omitempty"`
}

// report prints an outcome.
func (m *Command) report(c console.Console, o outcome) error {
	var b strings.Builder
	fmt.Fprintf(&b, "%s the %s %s (%s)", o.Result, o.Kind, console.Printable(o.Name), console.Printable(o.ID))
	if o.URL != "" {
		b.WriteString(": " + o.URL)
	}
	b.WriteString("\n")
	for _, detail := range o.Details {
		b.WriteString("  " + console.Printable(detail) + "\n")
	}
	return c.Print(m.JSON, o, b.String())
}
