package main

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/serverless-relay/relay/cmd/relay/internal/platform"
)

// moduleTypeCommand is `relay module type`.
type moduleTypeCommand struct {
	Auth     string   `help:"How the platform authorizes itself: authorization-header (a token of ours) or configuration-token (a token that it signs)." enum:"authorization-header,configuration-token" default:"authorization-header" placeholder:"WHICH"`
	URL      relayURL `name:"url" help:"The relay's URL, for modules that shall all use it. Needed for configuration-token. Default: RELAY_URL." placeholder:"URL"`
	Title    string   `help:"The type's title. Default: the provider's." placeholder:"TEXT"`
	Provider string   `help:"The provider that answers. Default: the one in module_settings.json." placeholder:"NAME"`
	Register bool     `help:"Register the type with the organisation, or change the one of that title."`
	DryRun   bool     `help:"With --register: print the request and send none that changes anything."`
}

// Help implements kong.HelpProvider.
func (moduleTypeCommand) Help() string {
	return `Writes a module type as JSON, made from what the provider declares: the form that a person fills in, the
routes, tips. Without a type of your own, modules are of Cisco's type for relays, as
module_settings.json names it.

  relay module type > module_type.json
  relay module type --auth configuration-token --url https://relay.example.com --register

With authorization-header a person fills in the relay's URL and a token from relay jwt, which holds the
credentials. With configuration-token a person fills in the credentials themselves, and the platform
signs a token with them for each request.`
}

// Run writes or registers the type.
func (t *moduleTypeCommand) Run(ctx context.Context, m *moduleCommand, c console) error {
	settings, err := projectModule()
	if err != nil {
		return err
	}
	d, err := declaration(cmp.Or(t.Provider, settings.Provider))
	if err != nil {
		return err
	}
	region, err := m.region()
	if err != nil {
		return err
	}
	url, err := t.URL.orEnvironment()
	if err != nil {
		return err
	}
	if t.Auth == platform.TokenAuth && url == "" {
		return usageError{errors.New("--url is needed: the platform signs its tokens for that URL, and the relay takes no others")}
	}
	kind := newModuleType(d, t.Auth, string(url), region.Host())
	kind.Title = cmp.Or(strings.TrimSpace(t.Title), kind.Title)
	if t.Register {
		return t.register(ctx, m, c, kind)
	}
	encoder := json.NewEncoder(c.out)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	return encoder.Encode(kind)
}

// register makes the type, or changes the organisation's type of that title.
func (t *moduleTypeCommand) register(ctx context.Context, m *moduleCommand, c console, kind platform.Type) error {
	client, err := m.client(ctx, c)
	if err != nil {
		return err
	}
	all, err := client.Types(ctx)
	if err != nil {
		return err
	}
	own := slices.DeleteFunc(all, func(l platform.ListedType) bool { return l.Visibility != "org" || l.Title != kind.Title })
	if len(own) > 1 {
		return fmt.Errorf("%d types of the organisation have the title %s: --title chooses another", len(own), kind.Title)
	}
	if len(own) == 0 {
		var made platform.ListedType
		err := m.apply(ctx, c, client, platform.CreateType(kind), t.DryRun, &made)
		if err == nil && !t.DryRun {
			_, err = fmt.Fprintf(c.out, "added the type %s (%s)\n", kind.Title, printable(made.ID))
		}
		return err
	}
	names, err := differing(own[0], kind)
	if err != nil {
		return err
	}
	if len(names) == 0 {
		_, err = fmt.Fprintf(c.out, "unchanged: the type %s (%s) is there already\n", kind.Title, printable(own[0].ID))
		return err
	}
	err = m.apply(ctx, c, client, platform.UpdateType(own[0].ID, kind), t.DryRun, nil)
	if err == nil && !t.DryRun {
		_, err = fmt.Fprintf(c.out, "changed the type %s (%s): %s\n", kind.Title, printable(own[0].ID), strings.Join(names, ", "))
	}
	return err
}

// differing are the fields in which a registered type is not as it should be.
func differing(registered platform.ListedType, kind platform.Type) (names []string, err error) {
	raw, err := json.Marshal(kind)
	if err != nil {
		return nil, err
	}
	var wanted map[string]any
	if err := json.NewDecoder(bytes.NewReader(raw)).Decode(&wanted); err != nil {
		return nil, err
	}
	for name, value := range wanted {
		if !reflect.DeepEqual(value, registered.Fields[name]) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names, nil
}
