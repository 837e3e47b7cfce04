package modulecmd

import (
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/serverless-relay/relay/cmd/relay/internal/platform"
	"github.com/serverless-relay/relay/providers"
	"github.com/serverless-relay/relay/shared/ctim"
	"github.com/serverless-relay/relay/shared/relay"
)

func TestSupportedAPIs(t *testing.T) {
	want := []string{"health", "deliberate/observables", "observe/observables", "refer/observables",
		"respond/observables", "respond/trigger", "tiles", "tiles/tile", "tiles/tile-data"}
	if diff := cmp.Diff(want, relay.APIs(witness().Capabilities())); diff != "" {
		t.Error(diff)
	}
}

// witness declares what no provider here has yet: credentials and all routes.
func witness() relay.Declaration {
	return relay.Declaration{Name: "witness", Title: "Witness", ObservableTypes: []ctim.ObservableType{ctim.TypeIP},
		Credentials: []relay.Credential{{Name: "HOST", Prompt: "Where Witness is"}, {Name: "AuthKey", Prompt: "Your key"}, {Name: "REGION", Prompt: "Your region", Optional: true}}, Session: allOf{}}
}

type allOf struct {
	relay.HealthChecker
	relay.Deliberator
	relay.Observer
	relay.Referrer
	relay.Responder
	relay.Dashboard
}

func TestModuleTypes(t *testing.T) {
	url := platform.Field{Key: "url", Type: "string", Label: "URL", Tooltip: "The relay's URL, with the stage, without a route", Required: true}
	header := platform.Field{Key: "authorization-header", Type: "api_key", Label: "Authorization header", Tooltip: "The word Bearer, a space, and the JWT that contains the credentials", Required: true}
	credentials := []platform.Field{
		{Key: "custom_HOST", Type: "api_key", Label: "HOST", Tooltip: "Where Witness is", Required: true},
		{Key: "custom_AuthKey", Type: "api_key", Label: "AuthKey", Tooltip: "Your key", Required: true},
		{Key: "custom_REGION", Type: "api_key", Label: "REGION", Tooltip: "Your region"},
		{Key: "custom_CTR_ENTITIES_LIMIT", Type: "integer", Label: "Entities limit", Tooltip: "The maximum number of judgements, sightings and indicators for one observable; 100 if it is empty"},
	}
	all := []string{"health", "deliberate/observables", "observe/observables", "refer/observables", "respond/observables", "respond/trigger", "tiles", "tiles/tile", "tiles/tile-data"}
	for _, tt := range []struct {
		name, auth, url string
		fields          []platform.Field
		properties      platform.TypeProperties
		tips            []string
	}{
		{"header", platform.HeaderAuth, "", []platform.Field{url, header}, platform.TypeProperties{SupportedAPIs: all, AuthType: "authorization-header"},
			[]string{"2. Make a token with `relay jwt`", "`HOST`, `AuthKey`, `REGION`", "    - **URL**: "}},
		{"header, one URL", platform.HeaderAuth, "https://r.example", []platform.Field{header}, platform.TypeProperties{URL: "https://r.example", SupportedAPIs: all, AuthType: "authorization-header"}, nil},
		{"token", platform.TokenAuth, "https://r.example", credentials, platform.TypeProperties{URL: "https://r.example", SupportedAPIs: all, AuthType: "configuration-token",
			TokenAlgorithm: "RS256", TokenAudience: "https://r.example", JWKSHost: "visibility.eu.amp.cisco.com"}, []string{"1. Have your credentials for Witness ready.", "    - **HOST**: Where Witness is."}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			kind := NewModuleType(witness(), tt.auth, tt.url, platform.Host("eu"))
			if diff := cmp.Diff(tt.fields, kind.ConfigurationSpec); diff != "" {
				t.Error(diff)
			}
			if diff := cmp.Diff(tt.properties, kind.Properties); diff != "" {
				t.Error(diff)
			}
			for _, tip := range tt.tips {
				if !strings.Contains(kind.Tips, tip) {
					t.Errorf("no %q in %s", tip, kind.Tips)
				}
			}
			for _, c := range kind.Capabilities {
				if !strings.Contains(c.Description, "Witness") || strings.Contains(c.Description, "%") {
					t.Errorf("%+v", c)
				}
			}
			if len(kind.Capabilities) != len(relay.Capabilities()) {
				t.Errorf("%d capabilities", len(kind.Capabilities))
			}
			raw, _ := json.Marshal(kind)
			validModuleType(t, raw)
		})
	}
}

// The types of all providers are valid.
func TestTypesOfProviders(t *testing.T) {
	for _, d := range providers.Declarations() {
		for auth, url := range map[string]string{platform.HeaderAuth: "", platform.TokenAuth: "https://relay.example.com"} {
			raw, err := json.Marshal(NewModuleType(d, auth, url, platform.Host("us")))
			if err != nil {
				t.Fatal(err)
			}
			validModuleType(t, raw)
		}
	}
}

// validModuleType fails unless the platform's schema accepts the type.
func validModuleType(t *testing.T, raw []byte) {
	t.Helper()
	const published = "../../../../../shared/xdr/module-type.schema.json"
	if _, err := os.Stat(published); err != nil {
		return
	}
	schema, err := jsonschema.NewCompiler().Compile(published)
	if err != nil {
		t.Fatal(err)
	}
	value, err := jsonschema.UnmarshalJSON(strings.NewReader(string(raw)))
	if err != nil {
		t.Fatal(err)
	}
	if err := schema.Validate(value); err != nil {
		t.Errorf("%v in %s", err, raw)
	}
}
