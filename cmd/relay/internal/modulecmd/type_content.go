package modulecmd

import (
	"fmt"
	"slices"
	"strings"

	"github.com/serverless-relay/relay/cmd/relay/internal/platform"
	"github.com/serverless-relay/relay/shared/relay"
)

// NewModuleType returns the module type for a provider. auth is
// platform.HeaderAuth or platform.TokenAuth. url is the URL of the relay that all
// modules use; if it is empty, each module has its own. keysHost is the
// platform's host with the keys of its tokens.
func NewModuleType(d relay.Declaration, auth, url, keysHost string) platform.Type {
	kind := platform.Type{
		Title:            d.Title,
		DefaultName:      d.Title,
		ShortDescription: fmt.Sprintf("Queries %s about observables.", d.Title),
		Description:      fmt.Sprintf("Queries %s about observables: %s.", d.Title, typeList(d)),
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
		kind.Properties.JWKSHost = keysHost
	}
	kind.Tips = tips(d, auth, kind.ConfigurationSpec)
	return kind
}

// typeList returns the observable types as Markdown.
func typeList(d relay.Declaration) string {
	names := make([]string, len(d.ObservableTypes))
	for i, t := range d.ObservableTypes {
		names[i] = "`" + string(t) + "`"
	}
	return strings.Join(names, ", ")
}

// purpose describes a capability, with a verb for the provider's title.
func purpose(c relay.Capability) string {
	switch c {
	case relay.CapabilityHealth:
		return "Checks whether %s is available and accepts the credentials"
	case relay.CapabilityDeliberate:
		return "Returns the verdict of %s on an observable"
	case relay.CapabilityObserve:
		return "Returns what %s knows about an observable, and its relations"
	case relay.CapabilityRefer:
		return "Links to pages about an observable, of %s and others"
	case relay.CapabilityRespond:
		return "Runs actions in %s on an observable"
	case relay.CapabilityTiles:
		return "Shows data of %s on the dashboard"
	default:
		return "Serves " + string(c) + " with %s"
	}
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
	var b strings.Builder
	step := 0
	add := func(format string, args ...any) {
		step++
		fmt.Fprintf(&b, "%d. "+format+"\n", append([]any{step}, args...)...)
	}
	fmt.Fprintf(&b, "To connect %s, you need a serverless relay that queries it.\n\n", d.Title)
	if auth == platform.HeaderAuth {
		add("Deploy the relay, or ask its operator for the **URL**.")
		add("Make a token with `relay jwt`, or ask its operator for one.%s", contents(d))
	} else if len(d.Credentials) > 0 {
		add("Have your credentials for %s ready.", d.Title)
	}
	add("Fill in this form:")
	b.WriteString("    - **Integration Name**: keep it, or choose a clearer one.\n")
	for _, f := range fields {
		fmt.Fprintf(&b, "    - **%s**: %s.\n", f.Label, f.Tooltip)
	}
	add("Click **Add**. The platform then checks the relay.")
	return b.String()
}

// contents describes the credentials in a token.
func contents(d relay.Declaration) string {
	if len(d.Credentials) == 0 {
		return ""
	}
	var names []string
	for _, c := range d.Credentials {
		names = append(names, "`"+c.Name+"`")
	}
	return fmt.Sprintf(" It contains your credentials for %s: %s.", d.Title, strings.Join(names, ", "))
}
