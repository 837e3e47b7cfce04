package scaffold

import (
	"bytes"
	"go/format"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/serverless-relay/relay/shared/ctim"
	"github.com/serverless-relay/relay/shared/relay"
)

func acme() Provider {
	return Provider{
		Name:            "testparty",
		Title:           "Acme Intelligence",
		ObservableTypes: []ctim.ObservableType{ctim.TypeIP, ctim.TypeSHA256},
		Credentials:     []relay.Credential{{Name: "key", Prompt: `Your "key"`}, {Name: "tenant_id", Prompt: "Your tenant"}},
	}
}

// text is what a file of the tree will hold.
func text(t *testing.T, tree *Tree, path string) string {
	t.Helper()
	text, err := tree.read(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func wantParts(t *testing.T, text string, parts ...string) {
	t.Helper()
	for _, part := range parts {
		if !strings.Contains(text, part) {
			t.Errorf("no %q in:\n%s", part, text)
		}
	}
}

// What is made and taken out again leaves nothing behind.
func TestNewAndRemove(t *testing.T) {
	tree := thisProject(t)
	if err := tree.New(acme()); err != nil {
		t.Fatal(err)
	}
	wantParts(t, text(t, tree, registry), `	"`+tree.module+`/providers/testparty"`, ` func() (relay.Provider, error) { return testparty.FromEnvironment() },`)
	wantParts(t, text(t, tree, readme), "| `testparty` | health, deliberate, observe, refer, respond, tiles | `key`, `tenant_id` | `ip`, `sha256` |\n",
		"| `TESTPARTY_URL` | `https://api.testparty.example` | where Acme Intelligence's API is |\n")
	if notes := tree.Notes(); len(notes) > 0 {
		t.Errorf("notes: %s", notes)
	}
	if err := tree.checkFree("testparty"); err == nil {
		t.Error("the name is free still")
	}

	if err := tree.Remove("testparty"); err != nil {
		t.Fatal(err)
	}
	if changes := tree.Changes(); len(changes) > 0 {
		t.Errorf("left: %v", changes)
	}
}

// Of whatever kind it is, its files are Go code as gofmt has it, and say where
// there is something to be filled in.
func TestTemplates(t *testing.T) {
	for name, change := range map[string]func(*Provider){
		"as it is":        func(*Provider) {},
		"no credentials":  func(p *Provider) { p.Credentials = nil },
		"one credential":  func(p *Provider) { p.Credentials = p.Credentials[:1] },
		"another type":    func(p *Provider) { p.ObservableTypes = []ctim.ObservableType{ctim.TypeACUDID} },
		"a type twice":    func(p *Provider) { p.ObservableTypes = []ctim.ObservableType{ctim.TypeURL, ctim.TypeURL} },
		"a strange title": func(p *Provider) { p.Title = `"A" \ & <b> %s */ ` + "`" + `é` },
	} {
		t.Run(name, func(t *testing.T) {
			tree, p := thisProject(t), acme()
			change(&p)
			if err := tree.New(p); err != nil {
				t.Fatal(err)
			}
			marks := 0
			for _, path := range tree.below("providers/testparty") {
				content := []byte(text(t, tree, path))
				marks += bytes.Count(content, []byte(Mark))
				if bytes.ContainsAny(content, "«»") || strings.HasSuffix(path, templateEnding) {
					t.Errorf("%s is still a template", path)
				}
				if !isGo(path) {
					continue
				}
				formatted, err := format.Source(content)
				if err != nil {
					t.Errorf("%s: %v", path, err)
				}
				if diff := cmp.Diff(string(formatted), string(content)); diff != "" {
					t.Errorf("%s: %s", path, diff)
				}
			}
			if marks < 10 {
				t.Errorf("%d marks", marks)
			}
			if source := text(t, tree, "providers/testparty/provider.go"); strings.Count(source, "ctim.TypeURL") > 1 {
				t.Error("a type is there twice")
			}
		})
	}
}

func TestNewRefuses(t *testing.T) {
	for name, test := range map[string]struct {
		change func(*Provider)
		want   string
	}{
		"a bad name":              {func(p *Provider) { p.Name = "Testparty" }, "try testparty"},
		"no title":                {func(p *Provider) { p.Title = "" }, "title"},
		"a title of two lines":    {func(p *Provider) { p.Title = "a\nb" }, "title"},
		"a title with a bar":      {func(p *Provider) { p.Title = "a | b" }, "title"},
		"no types":                {func(p *Provider) { p.ObservableTypes = nil }, "one type"},
		"an unknown type":         {func(p *Provider) { p.ObservableTypes = []ctim.ObservableType{"ipv4"} }, `"ipv4" is no observable type. There are: acudid,`},
		"a bad credential":        {func(p *Provider) { p.Credentials[0].Name = "a b" }, "letters, digits"},
		"a claim of the token":    {func(p *Provider) { p.Credentials[0].Name = "exp" }, "something else in a token"},
		"no prompt":               {func(p *Provider) { p.Credentials[0].Prompt = "" }, "prompt"},
		"a credential twice":      {func(p *Provider) { p.Credentials[1].Name = "KEY" }, "two credentials"},
		"a prompt of two lines":   {func(p *Provider) { p.Credentials[0].Prompt = "a\nb" }, "prompt"},
		"a limit as a credential": {func(p *Provider) { p.Credentials[0].Name = "CTR_ENTITIES_LIMIT" }, "something else in a token"},
	} {
		t.Run(name, func(t *testing.T) {
			tree, p := thisProject(t), acme()
			test.change(&p)
			if err := tree.New(p); err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want %q", err, test.want)
			}
			if changes := tree.Changes(); len(changes) > 0 {
				t.Errorf("changed: %v", changes)
			}
		})
	}
}

// A project that somebody has changed gets all that it has a place for, and is
// told what it doesn't get.
func TestNewInAnotherTree(t *testing.T) {
	files := func() map[string]string {
		project := thisProject(t)
		files := map[string]string{}
		for _, path := range []string{registry, observableTypes, relaySettings, readme, moduleSettings} {
			files[path] = strings.ReplaceAll(text(t, project, path), project.module, "example.com/old")
		}
		return files
	}
	t.Run("no places for settings", func(t *testing.T) {
		all := files()
		all[readme] = strings.ReplaceAll(all[readme], "| variable |", "| name |")
		tree := newProject(t, all)
		if err := tree.New(acme()); err != nil {
			t.Fatal(err)
		}
		wantParts(t, strings.Join(tree.Notes(), "\n"), "README.md has no table of settings")
	})
	for path, pattern := range map[string]string{registry: "func all()", readme: tableBegins, observableTypes: "ObservableType = "} {
		t.Run("no "+pattern, func(t *testing.T) {
			all := files()
			all[path] = strings.ReplaceAll(all[path], pattern, map[string]string{registry: "func other()", observableTypes: "ObservableType = \"x\" + "}[path])
			tree := newProject(t, all)
			before := onDisk(t, tree.root)
			if err := tree.New(acme()); err == nil {
				t.Error("it was made all the same")
			}
			if diff := cmp.Diff(before, onDisk(t, tree.root)); diff != "" {
				t.Error(diff)
			}
		})
	}
}
