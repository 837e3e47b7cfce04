package modulecmd

import (
	"fmt"
	"slices"
	"strings"

	"github.com/serverless-relay/relay/cmd/relay/internal/platform"
)

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
