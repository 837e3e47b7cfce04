package providers

import (
	"encoding/json"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/zap"

	"github.com/serverless-relay/relay/shared/config"
	"github.com/serverless-relay/relay/shared/relay"
)

// The lists of providers and their commands are those that go generate makes of the
// folders.
func TestTheListsAreGenerated(t *testing.T) {
	var before []byte
	for _, name := range []string{"all.go", "../cmd/relay/extensions.go"} {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		before = append(before, text...)
	}
	out, err := exec.CommandContext(t.Context(), "go", "run", "./internal/registry", "-print").Output()
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(out), string(before)); diff != "" {
		t.Errorf("all.go or cmd/relay/extensions.go is stale; run go generate ./...\n%s", diff)
	}
}

func TestEachIsDeclaredUnderItsOwnName(t *testing.T) {
	for _, d := range Declarations() {
		if d.Title == "" || len(d.ObservableTypes) == 0 || len(d.Capabilities()) == 0 {
			t.Errorf("%s declares %+v", d.Name, d)
		}
		for _, c := range d.Credentials {
			// The others mean something else in a token.
			if c.Prompt == "" || slices.Contains([]string{"", "exp", "nbf", "sub", relay.ProviderClaim, relay.StageClaim, relay.EntitiesLimitClaim}, c.Name) {
				t.Errorf("%s declares the credential %+v", d.Name, c)
			}
		}
		if info, err := os.Stat(d.Name); err != nil || !info.IsDir() {
			t.Errorf("%s has no folder of its name", d.Name)
		}
	}
	if _, err := Selected("", Find); err != nil {
		t.Errorf("module_settings.json: %v", err)
	}
}

// A wrong setting of one provider must not keep anybody from reading what they
// declare.
func TestDeclarationsReadNoSettings(t *testing.T) {
	for _, d := range Declarations() {
		for _, setting := range []string{"URL", "TIMEOUT", "VALID_FOR", "STORE"} {
			t.Setenv(strings.ToUpper(d.Name)+"_"+setting, "wrong")
		}
	}
	if len(Declarations()) == 0 {
		t.Error("there are no providers")
	}
}

func TestAnUnknownNameIsToldTheKnownOnes(t *testing.T) {
	if _, err := Open(config.Relay{Provider: "nobody"}, zap.NewNop()); err == nil || !strings.Contains(err.Error(), "RELAY_PROVIDER") || !strings.Contains(err.Error(), strings.Join(Names(), ", ")) {
		t.Errorf("error %v", err)
	}
}

// module_settings.json is what a module is made from, so it must ask for what
// the provider needs.
func TestModuleSettingsFitTheProvider(t *testing.T) {
	raw, err := os.ReadFile("../module_settings.json")
	if err != nil {
		t.Fatal(err)
	}
	var settings struct {
		Name, Provider string
		JWT            map[string]string
		Region         map[string]string
	}
	if err := json.Unmarshal(raw, &settings); err != nil {
		t.Fatal(err)
	}
	const remedy = "`relay providers --use NAME` writes them"
	selected, err := Selected(settings.Provider, Find)
	if err != nil {
		t.Fatalf("%v; %s", err, remedy)
	}
	prompts := map[string]string{}
	for _, c := range selected[0].Declaration().Credentials {
		prompts[c.Name] = c.Prompt
	}
	if diff := cmp.Diff(prompts, settings.JWT); diff != "" {
		t.Errorf("jwt: %s; %s", diff, remedy)
	}
	for _, region := range []string{"us", "eu", "apjc"} {
		if settings.Region[region] == "" {
			t.Errorf("no module type id for region %s", region)
		}
	}
}
