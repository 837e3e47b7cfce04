package modulecmd

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/serverless-relay/relay/cmd/relay/internal/flags"
	"github.com/serverless-relay/relay/cmd/relay/internal/platform"
	"github.com/serverless-relay/relay/cmd/relay/internal/project"
	"github.com/serverless-relay/relay/shared/console"
	"github.com/serverless-relay/relay/shared/relay"
)

// typeCommand is `relay module type`.
type typeCommand struct {
	Auth     string         `help:"How the platform authorizes its requests: with authorization-header (a token from relay jwt) or configuration-token (a token that it signs)." enum:"authorization-header,configuration-token" default:"authorization-header" placeholder:"WHICH"`
	URL      flags.RelayURL `name:"url" help:"The URL of the relay that all modules of the type use. Required with configuration-token. Default: RELAY_URL." placeholder:"URL"`
	Title    string         `help:"The type's title. Default: the provider's." placeholder:"TEXT"`
	Provider string         `help:"The relay's provider. Default: the first in RELAY_PROVIDER or module_settings.json." placeholder:"NAME"`
	Register bool           `help:"Register the type with the organisation, or change the registered type with that title."`
	DryRun   bool           `help:"With --register: print the request, and send only requests that change nothing."`
}

func (typeCommand) Help() string {
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
func (t *typeCommand) Run(ctx context.Context, m *Command, c console.Console, settings project.Module) error {
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
func (t *typeCommand) register(ctx context.Context, m *Command, c console.Console, kind platform.Type) error {
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
	if o.Details = differing(registered[0], kind); len(o.Details) == 0 {
		o.Result = "unchanged"
		return m.report(c, o)
	}
	o.Result = "changed"
	return m.apply(ctx, c, client, platform.UpdateType(o.ID, kind), t.DryRun, o)
}

// differing returns the names of the fields in which a registered type differs.
func differing(registered map[string]any, kind platform.Type) (names []string) {
	raw, _ := json.Marshal(kind) // never fails for texts and lists
	var wanted map[string]any
	_ = json.Unmarshal(raw, &wanted)
	for _, name := range slices.Sorted(maps.Keys(wanted)) {
		if !reflect.DeepEqual(wanted[name], registered[name]) {
			names = append(names, name)
		}
	}
	return names
}

// NewModuleType returns the module type for a provider. auth is
// platform.HeaderAuth or platform.TokenAuth. url is the URL of the relay that all
// modules use; if it is empty, each module has its own. keysHost is the
// platform's host with the keys of its tokens.
func NewModuleType(d relay.Declaration, auth, url, keysHost string) platform.Type {
	kind := platform.Type{
		Title:            d.Title,
		DefaultName:      d.Title,
		ShortDescription: fmt.Sprintf("Queries %s about observables.", d.Title),
		Description:      fmt.Sprintf("Queries %s about observables: %s.", d.Title, code(d.ObservableTypes)),
		Capabilities:     []platform.Capability{},
		Properties:       platform.TypeProperties{URL: url, SupportedAPIs: relay.APIs(d.Capabilities()), AuthType: auth},
	}
	for _, c := range d.Capabilities() {
		kind.Capabilities = append(kind.Capabilities, platform.Capability{ID: string(c), Description: fmt.Sprintf(purposes[c], d.Title)})
	}
	kind.ConfigurationSpec = form(d, auth, url)
	if auth == platform.TokenAuth {
		kind.Properties.TokenAlgorithm = "RS256"
		kind.Properties.TokenAudience = url
		kind.Properties.JWKSHost = keysHost
	}
	kind.Tips = tips(d, auth, kind.ConfigurationSpec)
	return kind
}

// code returns names as Markdown.
func code[S ~string](names []S) string {
	var all []string
	for _, name := range names {
		all = append(all, "`"+string(name)+"`")
	}
	return strings.Join(all, ", ")
}

// purposes describe the capabilities, with a verb for the provider's title.
var purposes = map[relay.Capability]string{
	relay.CapabilityHealth:     "Checks whether %s is available and accepts the credentials",
	relay.CapabilityDeliberate: "Returns the verdict of %s on an observable",
	relay.CapabilityObserve:    "Returns what %s knows about an observable, and its relations",
	relay.CapabilityRefer:      "Links to pages about an observable, of %s and others",
	relay.CapabilityRespond:    "Runs actions in %s on an observable",
	relay.CapabilityTiles:      "Shows data of %s on the dashboard",
}

// claimPrefix marks the fields of the form that become claims of the platform's
// tokens.
const claimPrefix = "custom_"

// form returns the fields that a person fills in. All credentials are hidden while
// they are typed, because the declaration doesn't say which are secret.
func form(d relay.Declaration, auth, url string) []platform.Field {
	fields := []platform.Field{}
	if url == "" {
		fields = append(fields, platform.Field{Key: "url", Type: "string", Label: "URL", Tooltip: "The relay's URL, with the stage, without a route", Required: true})
	}
	if auth == platform.HeaderAuth {
		return append(fields, platform.Field{Key: platform.HeaderAuth, Type: "api_key", Label: "Authorization header",
			Tooltip: "The word Bearer, a space, and the JWT that contains the credentials", Required: true})
	}
	for _, c := range d.Credentials {
		fields = append(fields, platform.Field{Key: claimPrefix + c.Name, Type: "api_key", Label: c.Name, Tooltip: c.Prompt, Required: !c.Optional})
	}
	if slices.Contains(d.Capabilities(), relay.CapabilityObserve) {
		fields = append(fields, platform.Field{Key: claimPrefix + relay.EntitiesLimitClaim, Type: "integer", Label: "Entities limit",
			Tooltip: fmt.Sprintf("The maximum number of judgements, sightings and indicators for one observable; %d if it is empty", relay.DefaultEntitiesLimit)})
	}
	return fields
}

// tips returns the steps that lead to a module, as Markdown.
func tips(d relay.Declaration, auth string, fields []platform.Field) string {
	var names []string
	for _, c := range d.Credentials {
		names = append(names, c.Name)
	}
	var steps []string
	switch {
	case auth == platform.HeaderAuth:
		token := "Make a token with `relay jwt`, or ask its operator for one."
		if len(names) > 0 {
			token += fmt.Sprintf(" It contains your credentials for %s: %s.", d.Title, code(names))
		}
		steps = append(steps, "Deploy the relay, or ask its operator for the **URL**.", token)
	case len(names) > 0:
		steps = append(steps, fmt.Sprintf("Have your credentials for %s ready.", d.Title))
	}
	form := "Fill in this form:\n    - **Integration Name**: keep it, or choose a clearer one."
	for _, f := range fields {
		form += fmt.Sprintf("\n    - **%s**: %s.", f.Label, f.Tooltip)
	}
	text := fmt.Sprintf("To connect %s, you need a serverless relay that queries it.\n\n", d.Title)
	for i, step := range append(steps, form, "Click **Add**. The platform then checks the relay.") {
		text += fmt.Sprintf("%d. %s\n", i+1, step)
	}
	return text
}
