package main

import (
	"os"
	"strings"
	"testing"
)

func TestNewRefuses(t *testing.T) {
	c := newProject(t, moduleOfNone)
	c.put("go.mod", "module example.com/relay\n")
	for wanted, args := range map[string][]string{
		"pass the name":     {"new"},
		"--module alone":    {"new", "acme", "--module", "example.com/other"},
		"named \"Acme\"":    {"new", "Acme"},
		"is not one line":   {"new", "acme", "--title", "\n"},
		"key has no prompt": {"new", "acme", "--credential", "key"},
		"--auth \"magic\"":  {"new", "acme", "--auth", "magic"},
		"needs 2":           {"new", "acme", "--auth", "basic", "--credential", "key=Your key"},
	} {
		_, text := c.run(exitUsage, args...)
		want(t, text, wanted)
	}
	if _, err := os.Stat("providers"); err == nil {
		t.Error("something is written")
	}
}

// The module is renamed, and what is generated follows.
func TestNewModulePath(t *testing.T) {
	c := newProject(t, moduleOfNone)
	c.put("go.mod", "module example.com/relay\n")
	c.put("generated.go", "package relay\n\nimport _ \"example.com/relay/shared\"\n\n//go:generate cp go.mod generated.mod\n")
	c.run(0, "new", "--module", "example.com/fork")
	want(t, c.content("generated.mod"), "module example.com/fork\n")
	want(t, c.content("generated.go"), `"example.com/fork/shared"`)
	_, text := c.run(exitFailed, "new", "--module", "no path")
	if !strings.Contains(text, "--module: ") {
		t.Errorf("got %s", text)
	}
}
