package scaffold

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/mod/modfile"

	"github.com/serverless-relay/relay/cmd/relay/internal/examples"
	"github.com/serverless-relay/relay/shared/ctim"
	"github.com/serverless-relay/relay/shared/normalize"
	"github.com/serverless-relay/relay/shared/relay"
)

// project is the path of this project.
const project = "../../../.."

// newRoot returns a folder with the files that New reads.
func newRoot(t *testing.T) string {
	t.Helper()
	root := t.TempDir()
	for _, name := range []string{"go.mod", "go.sum", "shared/ctim/vocabulary.go"} {
		text, err := os.ReadFile(filepath.Join(project, name))
		if err != nil {
			t.Fatal(err)
		}
		put(t, filepath.Join(root, name), string(text))
	}
	return root
}

func put(t *testing.T, file, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func read(t *testing.T, file string) string {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// acme is the provider of docs/Provider.md.
var acme = Provider{Name: "acme", Title: "Acme Intelligence", Types: []ctim.ObservableType{"ip", "domain"}, Auth: "header"}

// docs/Provider.md shows the file that New writes, in pieces.
func TestTheDocumentShowsWhatIsWritten(t *testing.T) {
	root := newRoot(t)
	put(t, filepath.Join(root, "go.mod"), "module github.com/serverless-relay/relay\n")
	if err := New(root, acme); err != nil {
		t.Fatal(err)
	}
	var shown strings.Builder
	document := read(t, filepath.Join(project, "docs", "Provider.md"))
	for _, block := range strings.Split(document, "```go\n")[1:] {
		code, _, _ := strings.Cut(block, "```\n")
		shown.WriteString(code)
	}
	written := read(t, filepath.Join(root, "providers", "acme", "acme.go"))
	blank := func(text string) string { return strings.ReplaceAll(text, "\n\n", "\n") } // blocks have none between them
	if diff := cmp.Diff(blank(written), blank(shown.String())); diff != "" {
		t.Errorf("docs/Provider.md shows other code (+) than relay new writes (-): %s", diff)
	}
}

// The provider for each kind of credentials passes its tests unchanged.
func TestWhatIsWrittenPasses(t *testing.T) {
	if testing.Short() {
		t.Skip("it builds six providers")
	}
	root := newRoot(t)
	for name := range kinds {
		if err := New(root, Provider{Name: "a" + name, Title: `The "` + name + `" & Co`, URL: "https://example.org/api/v3/", Types: []ctim.ObservableType{"url", "sha256", "mutex"}, Auth: name}); err != nil {
			t.Fatal(err)
		}
	}
	// A module of its own, which uses the project's packages.
	absolute, err := filepath.Abs(project)
	if err != nil {
		t.Fatal(err)
	}
	gomod, module := read(t, filepath.Join(root, "go.mod")), modfile.ModulePath([]byte(read(t, filepath.Join(root, "go.mod"))))
	put(t, filepath.Join(root, "go.mod"), strings.Replace(gomod, "module "+module, "module example.com/beside", 1)+
		"\nrequire "+module+" v0.0.0\nreplace "+module+" => "+absolute+"\n")
	command := exec.CommandContext(t.Context(), "go", "test", "./providers/...", "-update")
	command.Dir = root
	// Built as npm start builds, so that the project's packages are not compiled once more.
	command.Env = append(os.Environ(), "CGO_ENABLED=0", "GOFLAGS=-trimpath")
	if out, err := command.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	for name := range kinds {
		answer := read(t, filepath.Join(root, "providers", "a"+name, "testdata", "known", "answer.json"))
		if !strings.Contains(answer, `"disposition_name": "Malicious"`) || !strings.Contains(answer, "Night Ferry") {
			t.Errorf("%s: %s", name, answer)
		}
	}
}

func TestNewRefuses(t *testing.T) {
	tests := map[string]func(*Provider){
		"small letters and digits":            func(p *Provider) { p.Name = "Acme-Intelligence" },
		"a letter first":                      func(p *Provider) { p.Name = "../acme" },
		`named "func": it has another`:        func(p *Provider) { p.Name = "func" },
		`named "string": it has another`:      func(p *Provider) { p.Name = "string" },
		`named "internal": it has another`:    func(p *Provider) { p.Name = "internal" },
		`named "tiles": a route`:              func(p *Provider) { p.Name = "tiles" },
		`named "upstream"`:                    func(p *Provider) { p.Name = "upstream" },
		"providers/there exists":              func(p *Provider) { p.Name = "there" },
		"--title":                             func(p *Provider) { p.Title = "Acme\n// Intelligence" },
		"--url":                               func(p *Provider) { p.URL = "ftp://acme.example" },
		"--types hash: not an observable":     func(p *Provider) { p.Types = []ctim.ObservableType{"ip", "hash"} },
		"--types Critical: not an observable": func(p *Provider) { p.Types = []ctim.ObservableType{"Critical"} },
		"--types: name at least one":          func(p *Provider) { p.Types = nil },
		`--auth "magic": use header`:          func(p *Provider) { p.Auth = "magic" },
		"--auth basic needs 2":                func(p *Provider) { p.Auth, p.Credentials = "basic", []relay.Credential{{Name: "key", Prompt: "Key"}} },
		"--auth none needs 0":                 func(p *Provider) { p.Auth, p.Credentials = "none", []relay.Credential{{Name: "key", Prompt: "Key"}} },
		`--credential "exp"`:                  func(p *Provider) { p.Credentials = []relay.Credential{{Name: "exp", Prompt: "End"}} },
		`--credential "\"key"`:                func(p *Provider) { p.Credentials = []relay.Credential{{Name: `"key`, Prompt: "Key"}} },
		"--credential key has no prompt":      func(p *Provider) { p.Credentials = []relay.Credential{{Name: "key"}} },
		`--credential "key": use letters`: func(p *Provider) {
			p.Credentials = []relay.Credential{{Name: "key", Prompt: "Key"}, {Name: "key", Prompt: "Key"}}
		},
	}
	root := newRoot(t)
	put(t, filepath.Join(root, "providers", "there", "there.go"), "package there\n")
	for want, change := range tests {
		p := acme
		change(&p)
		if err := New(root, p); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("want %q, got %v", want, err)
		}
	}
	entries, err := os.ReadDir(filepath.Join(root, "providers"))
	if err != nil || len(entries) != 1 {
		t.Errorf("written: %v, %v", entries, err)
	}
}

// Stand-ins know an example of the first type. A lookup.Source must look it up.
func TestExamplesAreAskedAbout(t *testing.T) {
	for _, kind := range ctim.Words[ctim.ObservableType]() {
		example := examples.Observables(kind)[0]
		if normal, err := normalize.Observable(example); err != nil || normal != example || !normalize.IsPublic(normal) {
			t.Errorf("%s: %q becomes %q, %v", kind, example.Value, normal.Value, err)
		}
	}
}

func TestRename(t *testing.T) {
	root := t.TempDir()
	files := map[string]string{
		"go.mod": "// github.com/old/relay is a relay.\nmodule github.com/old/relay\n\ngo 1.26\n\nrequire github.com/old/relaytools v1.0.0\n",
		"a.go": "package a\n\nimport (\n\t\"fmt\"\n\n\t_ \"github.com/old/relay\"\n\tb \"github.com/old/relay/b\" // b\n\t\"github.com/old/relaytools\"\n\t\"golang.org/x/c\"\n)\n\n" +
			"const id = \"https://github.com/old/relay\" // github.com/old/relay\n",
		"b/b.go":               "package b\n\nfunc  untouched() {}\n",
		"node_modules/n/n.go":  "not Go",
		".build/generated.go":  "not Go",
		"docs/github.com.text": "github.com/old/relay\n",
	}
	for name, text := range files {
		put(t, filepath.Join(root, name), text)
	}
	if err := Rename(root, "not a path"); err == nil || !strings.Contains(err.Error(), "--module") {
		t.Errorf("got %v", err)
	}
	if err := Rename(root, "example.com/new"); err != nil {
		t.Fatal(err)
	}
	files["go.mod"] = strings.Replace(files["go.mod"], "module github.com/old/relay", "module example.com/new", 1)
	files["a.go"] = "package a\n\nimport (\n\t\"fmt\"\n\n\t_ \"example.com/new\"\n\tb \"example.com/new/b\" // b\n\t\"github.com/old/relaytools\"\n\t\"golang.org/x/c\"\n)\n\n" +
		"const id = \"https://github.com/old/relay\" // github.com/old/relay\n"
	for name, want := range files {
		if diff := cmp.Diff(want, read(t, filepath.Join(root, name))); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
	put(t, filepath.Join(root, "broken.go"), "package\n")
	if err := Rename(root, "example.com/newer"); err == nil || !strings.Contains(err.Error(), "broken.go") {
		t.Errorf("got %v", err)
	}
}
