package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/serverless-relay/relay/cmd/relay/internal/platform"
	"github.com/serverless-relay/relay/shared/relay"
)

// newModuleType is the type of modules that a provider's relay makes. auth is
// platform.HeaderAuth or platform.TokenAuth, and url the relay's, where all
// modules shall use that one. keysAt is the platform's host that has the keys of
// its tokens.
func newModuleType(d relay.Declaration, auth, url, keysAt string) platform.Type {
	kind := platform.Type{
		Title:            d.Title,
		DefaultName:      d.Title,
		ShortDescription: fmt.Sprintf("Asks %s about observables.", d.Title),
		Description:      fmt.Sprintf("Asks %s about observables: %s.", d.Title, typeList(d)),
		Capabilities:     []platform.Capability{},
		Properties:       platform.TypeProperties{URL: url, SupportedAPIs: supportedAPIs(d), AuthType: auth},
	}
	for _, c := range d.Capabilities() {
		kind.Capabilities = append(kind.Capabilities, platform.Capability{ID: string(c), Description: fmt.Sprintf(purpose(c), d.Title)})
	}
	kind.ConfigurationSpec = form(d, auth, url)
	if auth == platform.TokenAuth {
		kind.Properties.TokenAlgorithm = "RS256"
		kind.Properties.TokenAudience = url
		kind.Properties.JWKSHost = keysAt
	}
	kind.Tips = tips(d, auth, kind.ConfigurationSpec)
	return kind
}

// typeList names the observable types as Markdown.
func typeList(d relay.Declaration) string {
	names := make([]string, len(d.ObservableTypes))
	for i, t := range d.ObservableTypes {
		names[i] = "`" + string(t) + "`"
	}
	return strings.Join(names, ", ")
}

// purpose says what a capability is for, with a place for the provider's title.
func purpose(c relay.Capability) string {
	switch c {
	case relay.CapabilityHealth:
		return "Tells whether %s answers and accepts the credentials"
	case relay.CapabilityDeliberate:
		return "Gives the verdict of %s on an observable"
	case relay.CapabilityObserve:
		return "Tells what %s knows about an observable, and how it is related"
	case relay.CapabilityRefer:
		return "Links to pages of %s and others about an observable"
	case relay.CapabilityRespond:
		return "Takes actions in %s on an observable"
	case relay.CapabilityTiles:
		return "Shows what %s has on the dashboard"
	default:
		return "Serves " + string(c) + " with %s"
	}
}

// claimPrefix makes a field of the form a claim of the platform's tokens.
const claimPrefix = "custom_"

// form are the fields that a person fills in. The declaration doesn't say which
// credential is secret, so all are hidden when they are typed.
func form(d relay.Declaration, auth, url string) []platform.Field {
	fields := []platform.Field{}
	if url == "" {
		fields = append(fields, platform.Field{Key: "url", Type: "string", Label: "URL", Tooltip: "The relay's URL, with the stage, without a route", Required: true})
	}
	if auth == platform.HeaderAuth {
		return append(fields, platform.Field{Key: platform.HeaderAuth, Type: "api_key", Label: "Authorization header",
			Tooltip: "The word Bearer, a space, and the JWT that holds the credentials", Required: true})
	}
	for _, c := range d.Credentials {
		fields = append(fields, platform.Field{Key: claimPrefix + c.Name, Type: "api_key", Label: c.Name, Tooltip: c.Prompt, Required: !c.Optional})
	}
	if slices.Contains(d.Capabilities(), relay.CapabilityObserve) {
		fields = append(fields, platform.Field{Key: claimPrefix + relay.EntitiesLimitClaim, Type: "integer", Label: "Entities limit",
			Tooltip: fmt.Sprintf("The most judgements, sightings and indicators for one observable; %d where it is left empty", relay.DefaultEntitiesLimit)})
	}
	return fields
}

// tips are the steps that lead to a module, as Markdown.
func tips(d relay.Declaration, auth string, fields []platform.Field) string {
	var b strings.Builder
	step := 0
	say := func(format string, args ...any) {
		step++
		fmt.Fprintf(&b, "%d. "+format+"\n", append([]any{step}, args...)...)
	}
	fmt.Fprintf(&b, "To connect %s you need the serverless relay that asks it.\n\n", d.Title)
	if auth == platform.HeaderAuth {
		say("Deploy the relay, or ask whoever runs it for its **URL**.")
		say("Make a token with `relay jwt`, or ask for one.%s", holds(d))
	} else if len(d.Credentials) > 0 {
		say("Have your credentials for %s ready.", d.Title)
	}
	say("Fill in this form:")
	b.WriteString("    - **Integration Name**: keep it, or choose one that tells you more.\n")
	for _, f := range fields {
		fmt.Fprintf(&b, "    - **%s**: %s.\n", f.Label, f.Tooltip)
	}
	say("Click **Add**. The platform then asks the relay whether all is well.")
	return b.String()
}

// holds says what a token must hold.
func holds(d relay.Declaration) string {
	if len(d.Credentials) == 0 {
		return ""
	}
	var names []string
	for _, c := range d.Credentials {
		names = append(names, "`"+c.Name+"`")
	}
	return fmt.Sprintf(" It holds your credentials for %s: %s.", d.Title, strings.Join(names, ", "))
}
