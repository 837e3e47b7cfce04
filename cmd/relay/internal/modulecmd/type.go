package modulecmd

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/serverless-relay/relay/cmd/relay/internal/console"
	"github.com/serverless-relay/relay/cmd/relay/internal/flags"
	"github.com/serverless-relay/relay/cmd/relay/internal/platform"
)

// Type is `relay module type`.
type Type struct {
	Auth     string         `help:"How the platform authorizes its requests: with authorization-header (a token from relay jwt) or configuration-token (a token that it signs)." enum:"authorization-header,configuration-token" default:"authorization-header" placeholder:"WHICH"`
	URL      flags.RelayURL `name:"url" help:"The URL of the relay that all modules of the type use. Required with configuration-token. Default: RELAY_URL." placeholder:"URL"`
	Title    string         `help:"The type's title. Default: the provider's." placeholder:"TEXT"`
	Provider string         `help:"The relay's provider. Default: the one in module_settings.json." placeholder:"NAME"`
	Register bool           `help:"Register the type with the organisation, or change the registered type with that title."`
	DryRun   bool           `help:"With --register: print the request, and send only requests that change nothing."`
}

// Help implements kong.HelpProvider.
func (Type) Help() string {
	return `Prints a module type as JSON: the form that a person fills in, the routes, and tips, from the provider's
declaration. Unless you register a type of your own, modules have Cisco's type for relays, which
module_settings.json names.

  relay module type > module_type.json
  relay module type --auth configuration-token --url https://relay.example.com --register

With authorization-header, a person fills in the relay's URL and a token from relay jwt, which contains
the credentials. With configuration-token, a person fills in the credentials, and the platform signs a
token with them for each request.`
}

// Run prints or registers the type.
func (t *Type) Run(ctx context.Context, m *Command, c console.Console) error {
	settings, err := projectModule()
	if err != nil {
		return err
	}
	d, err := declaration(cmp.Or(t.Provider, settings.First()))
	if err != nil {
		return err
	}
	url, err := t.URL.OrEnvironment()
	if err != nil {
		return err
	}
	if t.Auth == platform.TokenAuth && url == "" {
		return console.Usage(errors.New("--url is required: the platform signs its tokens for that URL, and the relay accepts no others"))
	}
	kind := NewModuleType(d, t.Auth, string(url), platform.Host(m.Region))
	kind.Title = cmp.Or(strings.TrimSpace(t.Title), kind.Title)
	if t.Register {
		return t.register(ctx, m, c, kind)
	}
	return c.PrintJSON(kind)
}

// register adds the type, or changes the organisation's type with that title.
func (t *Type) register(ctx context.Context, m *Command, c console.Console, kind platform.Type) error {
	client, err := m.client(ctx, c)
	if err != nil {
		return err
	}
	all, err := client.Types(ctx)
	if err != nil {
		return err
	}
	registered := slices.DeleteFunc(all, func(t map[string]any) bool { return t["visibility"] != "org" || t["title"] != kind.Title })
	if len(registered) > 1 {
		return fmt.Errorf("%d types of the organisation have the title %s: pass another --title", len(registered), kind.Title)
	}
	o := outcome{Kind: "type", Name: kind.Title}
	if len(registered) == 0 {
		o.Result = "added"
		return m.apply(ctx, c, client, platform.CreateType(kind), t.DryRun, o)
	}
	o.ID, _ = registered[0]["id"].(string)
	if o.Details, err = differing(registered[0], kind); err != nil {
		return err
	}
	if len(o.Details) == 0 {
		o.Result = "unchanged"
		return m.report(c, o)
	}
	o.Result = "changed"
	return m.apply(ctx, c, client, platform.UpdateType(o.ID, kind), t.DryRun, o)
}

// differing returns the names of the fields in which a registered type differs.
func differing(registered map[string]any, kind platform.Type) (names []string, err error) {
	raw, err := json.Marshal(kind)
	if err != nil {
		return nil, err
	}
	var wanted map[string]any
	if err := json.Unmarshal(raw, &wanted); err != nil {
		return nil, err
	}
	for name, value := range wanted {
		if !reflect.DeepEqual(value, registered[name]) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names, nil
}
