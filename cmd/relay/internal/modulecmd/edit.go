package modulecmd

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/serverless-relay/relay/cmd/relay/internal/platform"
	"github.com/serverless-relay/relay/cmd/relay/internal/project"
	"github.com/serverless-relay/relay/shared/console"
)

// editCommand is `relay module edit`.
type editCommand struct {
	moduleFlags
	Rename  string `help:"Give the module this name." placeholder:"NAME"`
	Enabled *bool  `help:"Enable or disable the module." negatable:""`
}

func (editCommand) Help() string {
	return `Changes a module, which is named by its name or id. Without its flag, a property stays as it is. But
RELAY_URL and RELAY_JWT replace the URL and the token, as --url and --jwt do. The routes are always set to
those of the provider. So the command without flags registers the routes that the provider has gained.

  relay module edit --jwt - < token.txt
  relay module edit "Watchlist EU" --region eu --no-enabled --dry-run`
}

// Run changes the module.
func (e *editCommand) Run(ctx context.Context, m *Command, c console.Console, settings project.Module) error {
	module, err := e.module(ctx, m, c, settings, false)
	if err != nil {
		return err
	}
	name := module.Name
	module.Name, module.Enabled = strings.TrimSpace(e.Rename), e.Enabled
	client, err := m.client(ctx, c)
	if err != nil {
		return err
	}
	current, err := find(ctx, client, name)
	if err != nil {
		return err
	}
	if auth := current.Settings.AuthType; auth != "" && auth != platform.HeaderAuth {
		return fmt.Errorf("the module %s has the authorization type %s, so it is not a relay with a token", name, auth)
	}
	change := compare(current, module)
	if len(change.lines) == 0 {
		return m.report(c, outcome{Result: "unchanged", Kind: "module", Name: current.Name, ID: current.ID})
	}
	return m.apply(ctx, c, client, platform.UpdateInstance(current.ID, change.patch), e.DryRun,
		outcome{Result: "changed", Kind: "module", Name: current.Name, ID: current.ID, Details: change.lines})
}

// moduleChange is the difference between a registered module and a wanted one.
type moduleChange struct {
	patch platform.InstancePatch
	// lines describe the change to people, without the token.
	lines []string
	// onlyHiddenToken is set if the token may differ and nothing else does: the
	// platform doesn't show it.
	onlyHiddenToken bool
}

// compare returns the change that makes a registered module the wanted one. What
// is empty in wanted stays as it is.
func compare(current, wanted platform.Instance) moduleChange {
	var change moduleChange
	add := func(what, from, to string) {
		change.lines = append(change.lines, fmt.Sprintf("%s: %s -> %s", what, from, to))
	}
	if wanted.Name != "" && wanted.Name != current.Name {
		change.patch.Name = wanted.Name
		add("name", current.Name, wanted.Name)
	}
	if wanted.Enabled != nil && (current.Enabled == nil || *current.Enabled != *wanted.Enabled) {
		change.patch.Enabled = wanted.Enabled
		add("enabled", enabled(current), enabled(wanted))
	}
	before, after := current.Settings, wanted.Settings
	settings := len(change.lines)
	if after.URL != "" && strings.TrimRight(before.URL, "/") != after.URL {
		add("url", publicURL(before.URL), after.URL)
	}
	if before.AuthType != after.AuthType {
		add("auth-type", before.AuthType, after.AuthType)
	}
	apis := append(missing("+", after.SupportedAPIs, before.SupportedAPIs), missing("-", before.SupportedAPIs, after.SupportedAPIs)...)
	if len(apis) > 0 {
		change.lines = append(change.lines, "supported-apis: "+strings.Join(apis, " "))
	}
	switch {
	case after.AuthorizationHeader == "" || after.AuthorizationHeader == before.AuthorizationHeader:
	case before.ShowsToken():
		change.lines = append(change.lines, "token: replaced")
	default:
		change.onlyHiddenToken = len(change.lines) == 0
		change.lines = append(change.lines, "token: replaced, if it is another one: the platform doesn't show the module's")
	}
	if len(change.lines) > settings {
		change.patch.Settings = complete(before, after)
	}
	return change
}

// complete returns all settings after the change, because a patch may replace
// them.
func complete(before, after platform.Settings) *platform.Settings {
	if after.URL == "" {
		after.URL = before.URL
	}
	if after.AuthorizationHeader == "" && before.ShowsToken() {
		after.AuthorizationHeader = before.AuthorizationHeader
	}
	return &after
}

func enabled(i platform.Instance) string {
	switch {
	case i.Enabled == nil:
		return "-"
	case *i.Enabled:
		return "yes"
	default:
		return "no"
	}
}

// missing returns the words that aren't among others, with a prefix.
func missing(prefix string, words, others []string) (found []string) {
	for _, word := range words {
		if !slices.Contains(others, word) {
			found = append(found, prefix+word)
		}
	}
	return found
}
