package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// someProject makes a project of what `relay new` looks at in this one, and
// goes there.
func someProject(t *testing.T) {
	t.Helper()
	to := t.TempDir()
	for _, name := range []string{"go.mod", "module_settings.json", "README.md", "serverless.yml", "providers/providers.go", "shared/config/config.go", "shared/ctim/observable_type.go"} {
		text, err := os.ReadFile(filepath.Join("..", "..", name))
		if err != nil {
			t.Fatal(err)
		}
		if err := os.MkdirAll(filepath.Dir(filepath.Join(to, name)), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(to, name), text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	t.Chdir(to)
}

func read(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestNew(t *testing.T) {
	c := newCLI(t)
	someProject(t)
	before := read(t, "module_settings.json")
	out, _ := c.run(0, "new", "testparty", "--dry-run")
	want(t, out, "Nothing is done.", "add     providers/testparty/: deliberate.go, ", "module_settings.json: provider was ")
	if _, err := os.Stat("providers/testparty"); err == nil || read(t, "module_settings.json") != before {
		t.Error("something is done")
	}

	t.Chdir("shared") // from anywhere in the project
	out, _ = c.run(0, "new", "testparty", "--keep-settings", "--types", "url, email", "--credential", "key=Your key, please", "--credential", "tenant=Whose?=")
	t.Chdir("..")
	want(t, out, "add     providers/testparty/: ", "grep -rn 'FILL IN:' providers/testparty", "go test ./providers/testparty/...")
	want(t, read(t, "providers/testparty/provider.go"), `const title = "Testparty"`, "ctim.TypeURL, ctim.TypeEmail}", `{Name: "key", Prompt: "Your key, please"}`, `{Name: "tenant", Prompt: "Whose?="}`)
	if read(t, "module_settings.json") != before {
		t.Error("module_settings.json is changed")
	}

	out, _ = c.run(0, "new", "secondparty", "--title", "Beta Inc.", "--credential", "none")
	want(t, out, `module_settings.json: provider was `, `, and is "secondparty" now`)
	want(t, read(t, "module_settings.json"), `"name": "Beta Inc."`, `"jwt": {}`)
	if strings.Contains(read(t, "providers/secondparty/provider.go"), "Credentials") {
		t.Error("it wants credentials")
	}
	c.run(0, "new", "thirdparty")
	want(t, read(t, "module_settings.json"), `"key": "Your Thirdparty API key"`)

	out, _ = c.run(0, "new", "--remove", "testparty")
	want(t, out, "remove  providers/testparty/: ", "go mod tidy")
	out, _ = c.run(0, "new", "--module", "example.com/copy/relay")
	want(t, out, "is example.com/copy/relay now", "change  providers/thirdparty/: ")
	want(t, read(t, "go.mod"), "module example.com/copy/relay\n")
}

func TestNewRefuses(t *testing.T) {
	c := newCLI(t)
	for _, args := range [][]string{{}, {"testparty", "--remove", "testparty"}, {"--remove", "testparty", "--module", "example.com/x"}, {"testparty", "secondparty"}} {
		_, err := c.run(exitUsage, append([]string{"new"}, args...)...)
		want(t, err, "relay: ", "--help")
	}
	someProject(t)
	for reason, args := range map[string][]string{
		"try testparty":                  {"Testparty"},
		`"ipv4" is no observable`:        {"testparty", "--types", "ipv4"},
		"it is NAME=PROMPT":              {"testparty", "--credential", "key"},
		"something else in a token":      {"testparty", "--credential", "exp=When?"},
		"there is no provider testparty": {"--remove", "testparty"},
		"missing dot in first path":      {"testparty", "--module", "relay"},
		"two credentials named none":     {"testparty", "--credential", "none=x", "--credential", "none=y"},
	} {
		_, err := c.run(exitFailed, append([]string{"new"}, args...)...)
		want(t, err, reason)
	}
	t.Chdir(t.TempDir())
	_, err := c.run(exitFailed, "new", "testparty")
	want(t, err, "change to the project's folder")
}
