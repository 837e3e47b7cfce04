package scaffold

import (
	"strings"
	"testing"
)

func TestReplaceModule(t *testing.T) {
	const from, to = "example.com/old", "example.com/me/new"
	for text, want := range map[string]string{
		"module example.com/old\n":                 "module example.com/me/new\n",
		"example.com/old":                          "example.com/me/new",
		`import "example.com/old/shared/x"`:        `import "example.com/me/new/shared/x"`,
		"(`example.com/old`), example.com/old.":    "(`example.com/me/new`), example.com/me/new.",
		"go install example.com/old/cmd/x@latest":  "go install example.com/me/new/cmd/x@latest",
		"example.com/old/a example.com/old/b":      "example.com/me/new/a example.com/me/new/b",
		"https://example.com/old":                  "",
		"https://pkg.go.dev/example.com/old/x":     "",
		"example.com/older example.com/old-er":     "",
		"example.com/old.git example.com/old_2":    "",
		"my-example.com/old www.example.com/old":   "",
		"git@example.com/old":                      "",
		"nothing":                                  "",
		"https://example.com/old, example.com/old": "https://example.com/old, example.com/me/new",
	} {
		got, n := replaceModule(text, from, to)
		if want == "" {
			want = text
		}
		if got != want || (n > 0) != (want != text) {
			t.Errorf("%s: got %s (%d), want %s", text, got, n, want)
		}
	}
}

// There and back is where it was.
func FuzzReplaceModule(f *testing.F) {
	f.Add(`import "example.com/old/x" // example.com/older, https://example.com/old`)
	f.Add("example.com/oldexample.com/old")
	f.Fuzz(func(t *testing.T, text string) {
		const from, to = "example.com/old", "example.net/new"
		if strings.Contains(text, to) {
			return
		}
		there, n := replaceModule(text, from, to)
		back, m := replaceModule(there, to, from)
		if back != text || n != m {
			t.Errorf("%q: %q (%d), and back %q (%d)", text, there, n, back, m)
		}
	})
}

func TestRename(t *testing.T) {
	tree := thisProject(t)
	from := tree.module
	const to = "aaa.example/" + "me/relay" // this file is renamed too
	if err := tree.Rename(to); err != nil {
		t.Fatal(err)
	}
	for _, path := range tree.texts() {
		text, err := tree.read(path)
		if err != nil {
			t.Fatal(err)
		}
		if rest := strings.ReplaceAll(string(text), "https://"+from, ""); strings.Contains(rest, from) {
			t.Errorf("%s still has %s", path, from)
		}
	}
	if err := tree.checkImports(); err != nil {
		t.Error(err)
	}
	if err := tree.Rename(from); err != nil {
		t.Fatal(err)
	}
	if changes := tree.Changes(); len(changes) > 0 {
		t.Errorf("there and back changes %v", changes)
	}
}

func TestRenameRefuses(t *testing.T) {
	tree := thisProject(t)
	for _, path := range []string{"", "relay", "Example", "example.com/a b", "https://example.com/x", "example.com/x/", "/x", tree.module} {
		if err := tree.Rename(path); err == nil {
			t.Errorf("%q is taken", path)
		}
	}
	if changes := tree.Changes(); len(changes) > 0 {
		t.Errorf("changed: %v", changes)
	}
}
