package providers

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/serverless-relay/relay/shared/config"
	"github.com/serverless-relay/relay/shared/relay"
)

// declarations are all of them by name.
func declarations(t *testing.T) map[string]relay.Declaration {
	t.Helper()
	all, err := Declarations()
	if err != nil {
		t.Fatal(err)
	}
	byName := map[string]relay.Declaration{}
	for i, d := range all {
		byName[Names()[i]] = d
	}
	return byName
}

func TestEachIsListedUnderItsOwnName(t *testing.T) {
	for name, d := range declarations(t) {
		if d.Name != name || d.Title == "" || len(d.ObservableTypes) == 0 || len(d.Capabilities()) == 0 {
			t.Errorf("%s declares %+v", name, d)
		}
		if _, err := os.Stat(name); err != nil {
			t.Errorf("%s has no folder of its name", name)
		}
	}
}

// What is registered with the platform is what a session can do.
func TestEachDeclaresTheSessionThatItOpens(t *testing.T) {
	for _, name := range Names() {
		t.Setenv("WATCHLIST_FILE", t.TempDir()+"/watchlist.db") // with providers/watchlist
		provider, err := New(name)
		if err != nil {
			t.Fatal(err)
		}
		d := provider.Declaration()
		claims := map[string]any{}
		for _, credential := range d.Credentials {
			claims[credential.Name] = "example.com"
		}
		session, err := provider.Connect(t.Context(), relay.NewClaims(claims), nil)
		if err != nil || reflect.TypeOf(session) != reflect.TypeOf(d.Session) || len(d.Capabilities()) == 0 {
			t.Errorf("%s opens a %T (%v) and declares a %T", name, session, err, d.Session)
		}
	}
}

func TestAnUnknownNameIsToldTheKnownOnes(t *testing.T) {
	if _, err := New("nobody"); err == nil || !strings.Contains(err.Error(), "RELAY_PROVIDER") || !strings.Contains(err.Error(), strings.Join(Names(), ", ")) {
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
	const remedy = "`relay providers --use NAME` sets both"
	declared, ok := declarations(t)[settings.Provider]
	if !ok {
		t.Fatalf("there is no provider %s; %s", settings.Provider, remedy)
	}
	prompts := map[string]string{}
	for _, c := range declared.Credentials {
		prompts[c.Name] = c.Prompt
	}
	if diff := cmp.Diff(prompts, settings.JWT); diff != "" {
		t.Errorf("jwt: %s; %s", diff, remedy)
	}
	t.Setenv("RELAY_PROVIDER", "")
	if unset, err := config.Load(); err != nil || unset.Provider != settings.Provider {
		t.Errorf("where RELAY_PROVIDER is not set, it is %s; module_settings.json names %s (%v); %s", unset.Provider, settings.Provider, err, remedy)
	}
	for _, region := range []string{"us", "eu", "apjc"} {
		if settings.Region[region] == "" {
			t.Errorf("no module type id for region %s", region)
		}
	}
}

// The provider that the README shows is the one that is tested.
func TestReadmeShowsTheExample(t *testing.T) {
	readme, err := os.ReadFile("../README.md")
	if err != nil {
		t.Fatal(err)
	}
	example, err := os.ReadFile("../shared/relay/example_test.go")
	if err != nil {
		t.Fatal(err)
	}
	_, code, found := strings.Cut(string(example), "// A Provider says what it is")
	code, _, foundEnd := strings.Cut(code, "\n// keyed stands for")
	if !found || !foundEnd || !strings.Contains(string(readme), code) {
		t.Error("README.md does not show shared/relay/example_test.go as it is")
	}

	// And it compiles as the file that the README says it is.
	_, file, found := strings.Cut(string(readme), "```go\n// Package example")
	file, _, foundEnd = strings.Cut(file, "```\n")
	if !found || !foundEnd {
		t.Fatal("README.md has no provider to copy")
	}
	folder, err := filepath.Abs("example")
	if err != nil {
		t.Fatal(err)
	}
	source := filepath.Join(t.TempDir(), "example.go")
	overlay := filepath.Join(t.TempDir(), "overlay.json")
	replace, _ := json.Marshal(map[string]map[string]string{"Replace": {filepath.Join(folder, "example.go"): source}})
	for name, content := range map[string]string{source: "// Package example" + file, overlay: string(replace)} {
		if err := os.WriteFile(name, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if out, err := exec.CommandContext(t.Context(), "go", "build", "-overlay", overlay, "./example").CombinedOutput(); err != nil {
		t.Errorf("%v: %s", err, out)
	}
}
