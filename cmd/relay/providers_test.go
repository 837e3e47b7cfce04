package main

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/serverless-relay/relay/providers"
)

func TestProviders(t *testing.T) {
	c := newCLI(t)
	last := providers.Names()[len(providers.Names())-1]
	t.Setenv("RELAY_PROVIDER", last)
	t.Setenv("RELAY_CONCURRENCY", "wrong") // no setting keeps anybody from the list
	out, _ := c.run(0, "providers")
	for _, name := range providers.Names() {
		want(t, out, name+" (", "answers      health, ", last+" (", ", named by RELAY_PROVIDER\n", ", the default")
	}
	want(t, out, "key (optional)") // of greynoise
}

func TestProvidersAsJSON(t *testing.T) {
	out, _ := newCLI(t).run(0, "providers", "--json")
	var all []struct {
		Name                        string
		Default                     bool
		Answers, Credentials, Types []string
	}
	if err := json.Unmarshal([]byte(out), &all); err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, l := range all {
		names = append(names, l.Name)
		if l.Default != (l.Name == providers.Default) || len(l.Answers) == 0 || l.Credentials == nil && len(l.Types) == 0 {
			t.Errorf("listed %+v", l)
		}
	}
	if diff := cmp.Diff(providers.Names(), names); diff != "" {
		t.Error(diff)
	}
}

// The default is what module_settings.json names, and what is generated follows.
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
