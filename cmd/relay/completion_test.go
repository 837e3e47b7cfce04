package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

func TestCompletion(t *testing.T) {
	c := newCLI(t)
	for _, tt := range []struct {
		typed string // the last word is the one to complete
		want  string
	}{
		{"pro", "providers"},
		{"jwt ", "sign inspect"},
		{"jwt inspect --v", "--version --verify"},
		{"jwt dev --exp", "--expires"},
		{"completion ", "bash zsh fish"},
		{"module --region ", "us eu apjc"},
		{"module --region us add --visib", "--visibility"},
		{"module add --visibility ", "org user"},
		{"check --observable ", ""},
		{"__", ""},
		{"help jw", "jwt"},
		{"help jwt ", "sign inspect"},
	} {
		args := append([]string{"__complete", "--"}, strings.Split(tt.typed, " ")...)
		if out, _ := c.run(0, args...); strings.Join(strings.Fields(out), " ") != tt.want {
			t.Errorf("%q: got %q, want %q", tt.typed, out, tt.want)
		}
	}
}

// The shells that are installed accept their scripts.
func TestCompletionScripts(t *testing.T) {
	c := newCLI(t)
	for _, shell := range []string{"bash", "zsh", "fish"} {
		script, _ := c.run(0, "completion", shell)
		path, err := exec.LookPath(shell)
		if err != nil {
			continue
		}
		if out, err := exec.CommandContext(t.Context(), path, "-n", c.write(shell, script)).CombinedOutput(); err != nil {
			t.Errorf("%s: %v: %s", shell, err, out)
		}
	}
	bash, err := exec.LookPath("bash")
	if err != nil {
		return
	}
	script, _ := c.run(0, "completion", "bash")
	folder := t.TempDir()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(self, filepath.Join(folder, "relay")); err != nil {
		t.Skip(err)
	}
	command := exec.CommandContext(t.Context(), bash, "-c", script+`
COMP_WORDS=(relay completion "") COMP_CWORD=2
_relay
echo "${COMPREPLY[@]}"`)
	command.Env = append(os.Environ(), asRelay+"=1", "PATH="+folder+":"+os.Getenv("PATH"))
	if out, err := command.CombinedOutput(); err != nil || string(out) != "bash zsh fish\n" {
		t.Errorf("%v: %s", err, out)
	}
}
