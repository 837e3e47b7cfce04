package project

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/serverless-relay/relay/shared/relay"
)

// root is the project that these tests are part of.
const root = "../../../.."

func TestFind(t *testing.T) {
	want, err := filepath.Abs(root)
	if err != nil {
		t.Fatal(err)
	}
	for _, dir := range []string{".", root, want} {
		if got, err := Find(dir); err != nil || got != want {
			t.Errorf("from %s: got %q, %v", dir, got, err)
		}
	}
	elsewhere := t.TempDir()
	if err := os.Mkdir(filepath.Join(elsewhere, moduleFile), 0o700); err != nil { // a folder is no file
		t.Fatal(err)
	}
	if got, err := Find(elsewhere); err == nil || !strings.Contains(err.Error(), "change to the project's folder") {
		t.Errorf("elsewhere: got %q, %v", got, err)
	}
}

func TestThisProject(t *testing.T) {
	m, err := ReadModule(root)
	if err != nil || m.Name == "" || m.First() == "" || m.Types["us"] == "" || m.Types["eu"] == "" || m.Types["apjc"] == "" {
		t.Errorf("module %+v, %v", m, err)
	}
	s, err := ReadService(root)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"dev", "prod"}, s.Stages); diff != "" {
		t.Errorf("stages: %s", diff)
	}
	if diff := cmp.Diff([]string{"deliberate", "health", "observe", "refer", "respond", "tiles", "version"}, s.Functions); diff != "" {
		t.Errorf("functions: %s", diff)
	}
	if got := s.DeployedName("dev", "health"); got != "serverless-relay-dev-health" {
		t.Errorf("deployed as %s", got)
	}
	if got, err := s.Region("", empty); err != nil || got != "us-east-1" {
		t.Errorf("region %q, %v", got, err)
	}
}

func TestMissingFilesAreNamed(t *testing.T) {
	if _, err := ReadModule(t.TempDir()); !errors.Is(err, os.ErrNotExist) || !strings.Contains(err.Error(), moduleFile) {
		t.Errorf("module: %v", err)
	}
	if _, err := ReadService(t.TempDir()); !errors.Is(err, os.ErrNotExist) || !strings.Contains(err.Error(), serviceFile) {
		t.Errorf("service: %v", err)
	}
}

func TestParseModule(t *testing.T) {
	got, err := parseModule([]byte("\ufeff" + `{"name":" Some Intelligence ","provider":"some, other","jwt":{"HOST":"Its address","AuthKey":"Your key"},"region":{"us":"1","eu":null},"more":[1]}`))
	if err != nil {
		t.Fatal(err)
	}
	want := Module{
		Name: "Some Intelligence", Providers: []string{"some", "other"},
		Types: map[string]string{"us": "1"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestParseModuleRefuses(t *testing.T) {
	for text, want := range map[string]string{
		`[]`:         "cannot unmarshal",
		`{"jwt":{}}`: "no name",
	} {
		if got, err := parseModule([]byte(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %+v, %v, want %q", text, got, err, want)
		}
	}
}

func TestUse(t *testing.T) {
	before := `{"name": "Watchlist", "provider": "watchlist", "jwt": {}, "region": {"us": "1", "eu": "2", "apjc": "3"}}`
	root := t.TempDir()
	path := filepath.Join(root, moduleFile)
	d := relay.Declaration{Name: "acme", Title: "Acme & Co", Credentials: []relay.Credential{{Name: "key", Prompt: "Your <key>"}}}
	for text, want := range map[string]string{
		before: `{
  "name": "Acme & Co",
  "provider": "acme,other",
  "jwt": {
    "key": "Your <key>"
  },
  "region": {
    "us": "1",
    "eu": "2",
    "apjc": "3"
  }
}
`,
		`{"name": "Watchlist", "mine": 1}`: `unknown field "mine"`,
		`{"name": `:                        "unexpected EOF",
	} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		err := Use(root, []relay.Declaration{d, {Name: "other"}})
		got, readErr := os.ReadFile(path)
		switch {
		case readErr != nil:
			t.Fatal(readErr)
		case text == before && (err != nil || string(got) != want):
			t.Errorf("got %v\n%s", err, cmp.Diff(want, string(got)))
		case text != before && (err == nil || !strings.Contains(err.Error(), want) || string(got) != text):
			t.Errorf("%s: got %v, and %s", text, err, got)
		}
	}
}

func TestParseServiceRefuses(t *testing.T) {
	for text, want := range map[string]string{
		"a: [":              "yaml",
		"params: {dev: {}}": "service",
		"service: ${env:NAME}\nparams: {dev: {}}": "service",
		"service: x":                                 "no stage",
		"service: x\nparams: {default: {a: 1}}":      "no stage",
		"service: x\nparams: {../dev: {}, prod: {}}": "../dev",
	} {
		if got, err := parseService([]byte(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %+v, %v, want %q", text, got, err, want)
		}
	}
}

func empty(string) (string, error) { return "", nil }

func TestRegion(t *testing.T) {
	inEnv := func(name string) (string, error) {
		return map[string]string{"AWS_REGION": "eu-west-1", "BAD": "Frankfurt am Main"}[name], nil
	}
	failing := func(string) (string, error) { return "", errors.New("no environment") }
	tests := map[string]struct {
		written, asked string
		getenv         func(string) (string, error)
		want, failed   string
	}{
		"plain":                 {written: "eu-central-1", getenv: failing, want: "eu-central-1"},
		"asked for":             {written: "eu-central-1", asked: "ap-northeast-1", getenv: failing, want: "ap-northeast-1"},
		"environment":           {written: "${opt:region, env:AWS_REGION, 'us-east-1'}", getenv: inEnv, want: "eu-west-1"},
		"default":               {written: "${opt:region, env:AWS_REGION, 'us-east-1'}", getenv: empty, want: "us-east-1"},
		"double quotes":         {written: `${env:OTHER, "us-east-2"}`, getenv: inEnv, want: "us-east-2"},
		"nothing left":          {written: "${opt:region, env:OTHER}", getenv: inEnv, failed: "--region"},
		"not written":           {getenv: empty, failed: "--region"},
		"another variable":      {written: "${ssm:/region}", getenv: inEnv, failed: "--region"},
		"part of it a variable": {written: "eu-${env:AWS_REGION}-1", getenv: inEnv, failed: "--region"},
		"no region":             {written: "${env:BAD}", getenv: inEnv, failed: `"Frankfurt am Main"`},
		"asked for none":        {asked: "EU&x=", getenv: inEnv, failed: "EU&x="},
		"broken environment":    {written: "${env:AWS_REGION}", getenv: failing, failed: "no environment"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := Service{region: test.written}.Region(test.asked, test.getenv)
			if test.failed == "" && (err != nil || got != test.want) {
				t.Errorf("got %q, %v", got, err)
			}
			if test.failed != "" && (err == nil || !strings.Contains(err.Error(), test.failed)) {
				t.Errorf("got %q, %v, want an error with %q", got, err, test.failed)
			}
		})
	}
}

func TestModulesOfSeveralProviders(t *testing.T) {
	m := Module{Name: "Our Watchlist", Providers: []string{"watchlist", "misp"}}
	for _, test := range []struct{ provider, url, wantName, wantURL string }{
		{"watchlist", "https://relay.example.com/dev", "Our Watchlist", "https://relay.example.com/dev"},
		{"misp", "https://relay.example.com/dev", "MISP", "https://relay.example.com/dev/misp"},
		{"misp", "https://relay.example.com/misp", "MISP", "https://relay.example.com/misp"},
		{"misp", "", "MISP", ""},
		{"otx", "https://otx.example.com", "OTX", "https://otx.example.com"}, // deployed elsewhere
	} {
		d := relay.Declaration{Name: test.provider, Title: strings.ToUpper(test.provider)}
		if name, url := m.NameFor(d), m.URLFor(d, test.url); name != test.wantName || url != test.wantURL {
			t.Errorf("%s at %s: %s at %s", test.provider, test.url, name, url)
		}
	}
	if diff := cmp.Diff(m, m.With(" ")); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(Module{Name: "Our Watchlist", Providers: []string{"watchlist", "otx"}}, m.With("watchlist, otx")); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(Module{Providers: []string{"misp", "watchlist"}}, m.With("misp,watchlist")); diff != "" {
		t.Error(diff)
	}
	if got := (Module{}).URLFor(relay.Declaration{Name: "misp"}, "https://relay.example.com"); got != "https://relay.example.com" {
		t.Errorf("outside of a project: %s", got)
	}
}
