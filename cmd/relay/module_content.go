package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/serverless-relay/relay/cmd/relay/internal/platform"
	"github.com/serverless-relay/relay/cmd/relay/internal/project"
)

// moduleFlags are what may be said of a module.
type moduleFlags struct {
	Name     string   `arg:"" optional:"" help:"The module's name. Default: the name in module_settings.json." placeholder:"NAME"`
	URL      relayURL `name:"url" help:"The relay's URL, with the stage, without a route. Default: RELAY_URL." placeholder:"URL"`
	JWT      string   `name:"jwt" help:"The token that the platform sends to the relay; - reads it from standard input. Default: RELAY_JWT." placeholder:"TOKEN"`
	Provider string   `help:"The provider that answers: it tells which routes are served. Default: the one in module_settings.json." placeholder:"NAME"`
	DryRun   bool     `help:"Print the request and send none that changes anything."`
}

// headerOf is the header that the platform shall send, of a token as somebody
// gave it.
func headerOf(token string) (string, error) {
	token = bearer(token)
	var claims jwt.RegisteredClaims
	if _, _, err := jwt.NewParser().ParseUnverified(token, &claims); err != nil {
		return "", usageError{errors.New("what was given as a token is not a JWT: relay jwt makes one")} // the error may quote it
	}
	if end := claims.ExpiresAt; end != nil && end.Before(time.Now()) {
		return "", usageError{fmt.Errorf("the token expired at %s: relay jwt makes a new one", end.UTC().Format(time.RFC3339))}
	}
	return "Bearer " + token, nil
}

// moduleChange is what must change of a module to make it as it should be.
type moduleChange struct {
	patch platform.InstancePatch
	// lines tell it to people, without the token.
	lines []string
	// blind says that the only reason to change it is that the platform doesn't
	// show the module's token.
	blind bool
}

// changeOf compares a module with what it should be. What is empty there stays
// as it is.
func changeOf(current, wanted platform.Instance) moduleChange {
	var change moduleChange
	tell := func(what, from, to string) {
		change.lines = append(change.lines, fmt.Sprintf("%s: %s -> %s", what, from, to))
	}
	if wanted.Name != "" && wanted.Name != current.Name {
		change.patch.Name = wanted.Name
		tell("name", current.Name, wanted.Name)
	}
	if wanted.Enabled != nil && (current.Enabled == nil || *current.Enabled != *wanted.Enabled) {
		change.patch.Enabled = wanted.Enabled
		tell("enabled", enabled(current), enabled(wanted))
	}
	old, now := current.Settings, wanted.Settings
	settings := len(change.lines)
	if now.URL != "" && strings.TrimRight(old.URL, "/") != now.URL {
		tell("url", publicURL(old.URL), now.URL)
	}
	if old.AuthType != now.AuthType {
		tell("auth-type", old.AuthType, now.AuthType)
	}
	if gone, added := missing(old.SupportedAPIs, now.SupportedAPIs), missing(now.SupportedAPIs, old.SupportedAPIs); len(gone)+len(added) > 0 {
		change.lines = append(change.lines, strings.Join(slices.Concat([]string{"supported-apis:"}, signed("+", added), signed("-", gone)), " "))
	}
	switch {
	case now.AuthorizationHeader == "" || now.AuthorizationHeader == old.AuthorizationHeader:
	case old.ShowsToken():
		change.lines = append(change.lines, "token: replaced")
	default:
		change.blind = len(change.lines) == 0
		change.lines = append(change.lines, "token: replaced, if it is another one: the platform doesn't show the module's")
	}
	if len(change.lines) > settings {
		change.patch.Settings = whole(old, now)
	}
	return change
}

// whole are all settings as they should be: a patch may replace them.
func whole(old, now platform.Settings) *platform.Settings {
	if now.URL == "" {
		now.URL = old.URL
	}
	if now.AuthorizationHeader == "" && old.ShowsToken() {
		now.AuthorizationHeader = old.AuthorizationHeader
	}
	return &now
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

// missing are the words that aren't among the others.
func missing(words, others []string) []string {
	return slices.DeleteFunc(slices.Clone(words), func(w string) bool { return slices.Contains(others, w) })
}

func signed(sign string, words []string) []string {
	all := make([]string, len(words))
	for i, w := range words {
		all[i] = sign + w
	}
	return all
}

// wantedModule is the module as flags and settings say it should be. The token
// is only there where somebody said it.
func (f *moduleFlags) wantedModule(ctx context.Context, m *moduleCommand, c console, settings project.Module, token secret) (platform.Instance, error) {
	if f.JWT == "-" && m.PasswordFile == "-" {
		return platform.Instance{}, usageError{errors.New("standard input has one secret: --jwt or --password-file, not both")}
	}
	d, err := declaration(cmp.Or(f.Provider, settings.Provider))
	if err != nil {
		return platform.Instance{}, err
	}
	url, err := f.URL.orEnvironment()
	if err != nil {
		return platform.Instance{}, err
	}
	wanted := platform.Instance{Settings: platform.Settings{URL: string(url), AuthType: platform.HeaderAuth, SupportedAPIs: supportedAPIs(d)}}
	if !token.wanted() {
		return wanted, nil
	}
	text, err := token.get(ctx, c)
	if err != nil {
		return platform.Instance{}, err
	}
	wanted.Settings.AuthorizationHeader, err = headerOf(text)
	return wanted, err
}
