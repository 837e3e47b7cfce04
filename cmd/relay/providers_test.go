package main

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/serverless-relay/relay/providers"
	"github.com/serverless-relay/relay/shared/relay"
)

func TestProviders(t *testing.T) {
	c := newCLI(t)
	out, _ := c.run(0, "providers")
	for _, d := range providers.Declarations() {
		want(t, out, d.Name+" ("+d.Title+")")
	}
	want(t, out, ", the default: served and deployed\n", "answers      health, ")

	other := otherProvider(t)
	t.Setenv("RELAY_PROVIDER", other.Name)
	t.Setenv("RELAY_CONCURRENCY", "wrong") // the list needs no setting
	out, _ = c.run(0, "providers")
	want(t, out, other.Name+" ("+other.Title+"), selected by RELAY_PROVIDER: served and deployed\n", "), the default\n")

	t.Setenv("RELAY_PROVIDER", "nobody")
	_, err := c.run(0, "providers")
	want(t, err, `Warning: RELAY_PROVIDER: this binary has no provider "nobody"`)
}

// otherProvider returns a provider that is not the default.
func otherProvider(t *testing.T) relay.Declaration {
	t.Helper()
	for _, d := range providers.Declarations() {
		if d.Name != providers.Default {
			return d
		}
	}
	t.Skip("there is only one provider")
	return relay.Declaration{}
}

func TestProvidersAsJSON(t *testing.T) {
	c, other := newCLI(t), otherProvider(t)
	t.Setenv("RELAY_PROVIDER", other.Name)
	out, _ := c.run(0, "providers", "--json")
	var all []struct {
		Name                        string
		Default, Selected           bool
		Answers, Credentials, Types []string
	}
	if err := json.Unmarshal([]byte(out), &all); err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, l := range all {
		names = append(names, l.Name)
		if l.Default != (l.Name == providers.Default) || l.Selected != (l.Name == other.Name) || len(l.Answers) == 0 || l.Credentials == nil && len(l.Types) == 0 {
			t.Errorf("listed %+v", l)
		}
	}
	if diff := cmp.Diff(providers.Names(), names); diff != "" {
		t.Error(diff)
	}
}

// --use writes module_settings.json and runs go generate.
func TestProvidersUse(t *testing.T) {
	c := newProject(t, `{"name":"Watchlist","provider":"watchlist","jwt":{},"region":{"us":"11-us"}}`)
	c.put("go.mod", "module example.com/relay\n")
	c.put("generated.go", "package relay\n\n//go:generate cp module_settings.json generated.json\n")
	c.run(0, "providers", "--use", "some")
	wanted := "{\n  \"name\": \"Some Intelligence\",\n  \"provider\": \"some\",\n  \"jwt\": {\n    \"AuthKey\": \"Your key\",\n    \"HOST\": \"Its address\",\n    \"tenant\": \"Your tenant\"\n  },\n  \"region\": {\n    \"us\": \"11-us\"\n  }\n}\n"
	for _, file := range []string{"module_settings.json", "generated.json"} {
		if diff := cmp.Diff(wanted, c.content(file)); diff != "" {
			t.Errorf("%s: %s", file, diff)
		}
	}
	_, text := c.run(exitUsage, "providers", "--use", "nobody")
	want(t, text, `--use: this binary has no provider "nobody"`, providers.Default)
	c.put("generated.go", "package relay\n\n//go:generate false\n")
	_, text = c.run(exitFailed, "providers", "--use", "some")
	want(t, text, "go generate ./...: ")
}
