package scaffold

import (
	"strings"
	"testing"
)

func TestWithoutMarked(t *testing.T) {
	for _, tt := range []struct{ text, want string }{
		{"a\nb // with providers/acme\nc\n", "a\nc\n"},
		{"a: 1 # with providers/acme\r\nb\r\n", "b\r\n"},
		{"| a | b <!-- with providers/acme --> \nc", "c"},
		{"a\n# with providers/acme, from here\nb\n\nc\n# with providers/acme, to here\nd\n", "a\nd\n"},
		{"a // with providers/acme2\nb // with providers/acme too\nc with providers/acme\n", "a // with providers/acme2\nb // with providers/acme too\nc with providers/acme\n"},
		{"", ""},
	} {
		if got, err := withoutMarked(tt.text, "acme"); err != nil || got != tt.want {
			t.Errorf("%q: got %q, %v, want %q", tt.text, got, err, tt.want)
		}
	}
	for _, text := range []string{
		"a\n// with providers/acme, from here\nb\n",
		"a\n// with providers/acme, to here\nb\n",
		"// with providers/acme, from here\n// with providers/acme, from here\n// with providers/acme, to here\n",
	} {
		if got, err := withoutMarked(text, "acme"); err == nil || !strings.Contains(err.Error(), "line") {
			t.Errorf("%q: got %q, %v", text, got, err)
		}
	}
}

// twoProviders is a project with two providers, of which two is wired in several places.
func twoProviders() map[string]string {
	return map[string]string{
		registry: `package providers

import (
	"example.com/old/providers/one"
	"example.com/old/providers/two"
	"example.com/old/providers/two/stores"
)

func all() map[string]func() (int, error) {
	return map[string]func() (int, error){
		"one": func() (int, error) { return one.New() },
		"two": func() (int, error) { // stays in memory
			return two.New(stores.Open)
		},
	}
}
`,
		"providers/one/one.go":        "package one\n",
		"providers/two/two.go":        "package two\n",
		"providers/two/stores/s.go":   "package stores\n",
		"providers/two_test.go":       "package providers\n",
		"cmd/relay/two.go":            "package main\n",
		"cmd/relay/two_list.go":       "package main\n",
		"cmd/relay/twofold.go":        "package main\n",
		"cmd/relay/main.go":           "package main\n\nimport (\n\t\"fmt\"\n\n\t\"example.com/old/providers/two\"\n)\n\nfunc main() {\n\tfmt.Println()\n\ttwo.Run() // with providers/two\n}\n",
		"shared/two/two.go":           "package two\n",
		"shared/odd.go":               "package   shared // not as gofmt has it, and nobody's business\n",
		"README.md":                   "| `two` | x |\n| `TWO_URL` | x |\n| `TWOFOLD_URL` | x |\nSpeaks of Two.\n",
		"aws/EnvironmentVariables.md": "| `TWO_URL` | x |\n",
	}
}

func TestRemove(t *testing.T) {
	tree := newProject(t, twoProviders())
	if err := tree.Remove("two"); err != nil {
		t.Fatal(err)
	}
	if err := tree.Apply(); err != nil {
		t.Fatal(err)
	}
	got := onDisk(t, tree.root)
	for _, path := range []string{"providers/two/two.go", "providers/two/stores/s.go", "providers/two_test.go", "cmd/relay/two.go", "cmd/relay/two_list.go"} {
		if _, there := got[path]; there {
			t.Errorf("%s is still there", path)
		}
	}
	for path, want := range map[string]string{
		registry:                      "package providers\n\nimport (\n\t\"example.com/old/providers/one\"\n)\n\nfunc all() map[string]func() (int, error) {\n\treturn map[string]func() (int, error){\n\t\t\"one\": func() (int, error) { return one.New() },\n\t}\n}\n",
		"cmd/relay/main.go":           "package main\n\nimport (\n\t\"fmt\"\n)\n\nfunc main() {\n\tfmt.Println()\n}\n",
		"cmd/relay/twofold.go":        "package main\n",
		"shared/two/two.go":           "package two\n",
		"shared/odd.go":               twoProviders()["shared/odd.go"],
		"README.md":                   "| `TWOFOLD_URL` | x |\nSpeaks of Two.\n",
		"aws/EnvironmentVariables.md": "",
	} {
		if got[path] != "-rw------- "+want {
			t.Errorf("%s: got %s", path, got[path])
		}
	}
	wantParts(t, strings.Join(tree.Notes(), "\n"), "go mod tidy", "README.md still speaks of it in line 2")
}

func TestRemoveRefuses(t *testing.T) {
	for name, test := range map[string]struct {
		remove string
		change func(map[string]string)
		want   string
	}{
		"one that isn't there": {"three", func(map[string]string) {}, "there is no provider three: one, two"},
		"a way out":            {"../shared", func(map[string]string) {}, "there is no provider"},
		"the deployed one":     {"two", func(p map[string]string) { p[moduleSettings] = `{"name":"Two","provider":"two","jwt":{}}` }, "relay providers --use NAME (one)"},
		"the only one":         {"one", func(p map[string]string) { delete(p, "providers/two/two.go"); delete(p, "providers/two/stores/s.go") }, "the only provider"},
		"one that is used": {"two", func(p map[string]string) {
			p["cmd/relay/main.go"] = strings.ReplaceAll(p["cmd/relay/main.go"], " // with providers/two", "")
		}, "cmd/relay/main.go: line 11 uses two.Run: mark it"},
		"marks that don't pair": {"two", func(p map[string]string) { p["cmd/relay/main.go"] += "// with providers/two, from here\n" }, "cmd/relay/main.go: line 13: a mark"},
	} {
		t.Run(name, func(t *testing.T) {
			files := twoProviders()
			test.change(files)
			tree := newProject(t, files)
			if err := tree.Remove(test.remove); err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want %q", err, test.want)
			}
		})
	}
}
