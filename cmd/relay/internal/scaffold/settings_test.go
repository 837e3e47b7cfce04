package scaffold

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/serverless-relay/relay/shared/relay"
)

func TestUse(t *testing.T) {
	tree := newProject(t, map[string]string{
		moduleSettings: `{"name":"One","own":{"b":1,"a":[ ]},"provider":"one","jwt":{},"region":{"us":"1"}}`,
		relaySettings:  "package config\n\ntype Relay struct {\n\tProvider string `envconfig:\"RELAY_PROVIDER\" default:\"one\"`\n}\n",
	})
	d := relay.Declaration{Name: "two", Title: "Two & <more>", Credentials: []relay.Credential{{Name: "z", Prompt: "Z?"}, {Name: "a", Prompt: `"A"?`}}}
	if err := tree.Use(d); err != nil {
		t.Fatal(err)
	}
	want := `{
  "name": "Two & <more>",
  "own": {
    "b": 1,
    "a": []
  },
  "provider": "two",
  "jwt": {
    "z": "Z?",
    "a": "\"A\"?"
  },
  "region": {
    "us": "1"
  }
}
`
	if diff := cmp.Diff(want, text(t, tree, moduleSettings)); diff != "" {
		t.Error(diff)
	}
	wantParts(t, text(t, tree, relaySettings), `default:"two"`)
	notes := []string{
		`module_settings.json: name was "One", and is "Two & <more>" now`,
		`module_settings.json: provider was "one", and is "two" now`,
		`module_settings.json: jwt was {}, and is {"z":"Z?","a":"\"A\"?"} now`,
	}
	if diff := cmp.Diff(notes, tree.Notes()); diff != "" {
		t.Error(diff)
	}
	if err := tree.Use(d); err != nil || len(tree.Notes()) != len(notes) {
		t.Errorf("once more: %v, %v", err, tree.Notes())
	}
}

func TestUseRefuses(t *testing.T) {
	good := "package config\n\n// `envconfig:\"RELAY_PROVIDER\" default:\"one\"`"
	for name, files := range map[string]map[string]string{
		moduleSettings: {moduleSettings: `[]`, relaySettings: good},
		"JSON":         {moduleSettings: `{"name":`, relaySettings: good},
		relaySettings:  {relaySettings: "package config\n"},
	} {
		if err := newProject(t, files).Use(relay.Declaration{Name: "two"}); err == nil || name != "JSON" && !strings.Contains(err.Error(), name) {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

// Whatever else module_settings.json says stays.
func FuzzModuleSettings(f *testing.F) {
	f.Add(`{"name":"One","own":{"b":1e400,"a":[ ]},"provider":1,"jwt":null}`)
	f.Add(`{"":"\ud800","name":"a","name":"b"}`)
	f.Add(` {} x`)
	f.Fuzz(func(t *testing.T, before string) {
		var tree Tree
		after, err := tree.name([]byte(before), relay.Declaration{Name: "two", Title: "Two"})
		if err != nil {
			return
		}
		was, err := object([]byte(before))
		if err != nil {
			t.Fatal(err)
		}
		is, err := object(after)
		if err != nil || !json.Valid(after) {
			t.Fatalf("%q became %q: %v", before, after, err)
		}
		for i, f := range was {
			if f.name == "name" || f.name == "provider" || f.name == "jwt" {
				continue
			}
			if f.name != is[i].name || compact(f.value) != compact(is[i].value) {
				t.Errorf("%q became %q", before, after)
			}
		}
	})
}
