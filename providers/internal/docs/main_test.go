package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/serverless-relay/relay/providers"
	"github.com/serverless-relay/relay/shared/config"
	"github.com/serverless-relay/relay/shared/relay"
	"github.com/serverless-relay/relay/shared/upstream"
)

func TestDocumentsAreUpToDate(t *testing.T) {
	documents, err := generate("../../..", providers.Declarations())
	if err != nil {
		t.Fatal(err)
	}
	for path, want := range documents {
		got, err := os.ReadFile(path)
		if diff := cmp.Diff(want, string(got)); err != nil || diff != "" {
			t.Errorf("%s is stale; run go generate ./...\n%v %s", path, err, diff)
		}
	}
}

func TestEverySettingIsDocumented(t *testing.T) {
	settings := append(config.Describe(config.Relay{}), config.Describe(upstream.Settings{})...)
	for _, d := range providers.Declarations() {
		settings = append(settings, d.Settings()...)
	}
	for _, s := range settings {
		if !strings.HasSuffix(s.Doc, ".") {
			t.Errorf("%s: the description is %q, want sentences", s.Name, s.Doc)
		}
	}
}

func TestOnlyTheGeneratedPartChanges(t *testing.T) {
	root := t.TempDir()
	provider := relay.Declaration{Name: "acme", Title: "Acme", Describe: func() []relay.Setting {
		return []relay.Setting{{Name: "ACME_MODE", Default: "a|b", Doc: "How it is asked."}}
	}}
	readme, own := filepath.Join(root, "README.md"), filepath.Join(root, "providers", "acme", "README.md")
	if err := os.WriteFile(readme, []byte("before\n"+begin+"stale\n"+end+"after\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	documents, err := generate(root, []relay.Declaration{provider})
	if err != nil {
		t.Fatal(err)
	}
	if got := documents[readme]; !strings.HasPrefix(got, "before\n"+begin+"| provider |") || !strings.HasSuffix(got, "|\n"+end+"after\n") || strings.Contains(got, "stale") {
		t.Errorf("README.md:\n%s", got)
	}
	if got := documents[own]; !strings.HasPrefix(got, "# Acme\n\n"+begin) || !strings.Contains(got, "| `ACME_MODE` | `a\\|b` | How it is asked. |\n") {
		t.Errorf("the provider's README.md:\n%s", got)
	}
	if err := os.WriteFile(readme, []byte("no marks\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := generate(root, nil); err == nil || !strings.Contains(err.Error(), "README.md has no lines") {
		t.Errorf("without marks: %v", err)
	}
}
