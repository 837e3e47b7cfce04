package ctim_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/serverless-relay/relay/shared/ctim"
)

// vocabularies are the lists of words, by the name of their type, each with a
// place in the schemas where its words stand.
func vocabularies() map[string]struct {
	words  []string
	schema string
	path   []string
} {
	type vocabulary = struct {
		words  []string
		schema string
		path   []string
	}
	return map[string]vocabulary{
		"ObservableType":   {texts(ctim.ObservableTypes()), "judgement", []string{"$defs", "map2", "properties", "type"}},
		"Severity":         {texts(ctim.Severities()), "judgement", []string{"properties", "severity"}},
		"Confidence":       {texts(ctim.Confidences()), "judgement", []string{"properties", "confidence"}},
		"TLP":              {texts(ctim.TLPs()), "judgement", []string{"properties", "tlp"}},
		"RelationshipType": {texts(ctim.RelationshipTypes()), "relationship", []string{"properties", "relationship_type"}},
		"RelationType":     {texts(ctim.RelationTypes()), "sighting", []string{"$defs", "map7", "properties", "relation"}},
		"SensorType":       {texts(ctim.SensorTypes()), "sighting", []string{"properties", "sensor"}},
		"Resolution":       {texts(ctim.Resolutions()), "sighting", []string{"properties", "resolution"}},
		"IndicatorType":    {texts(ctim.IndicatorTypes()), "indicator", []string{"properties", "indicator_type", "items"}},
		"MalwareLabel":     {texts(ctim.MalwareLabels()), "malware", []string{"properties", "labels", "items"}},
		"ToolLabel":        {texts(ctim.ToolLabels()), "tool", []string{"properties", "labels", "items"}},
		"ActorType":        {texts(ctim.ActorTypes()), "actor", []string{"properties", "actor_types", "items"}},
		"Phase":            {texts(ctim.Phases()), "malware", []string{"$defs", "map2", "properties", "phase_name"}},
	}
}

func texts[S ~string](words []S) []string {
	all := make([]string, len(words))
	for i, word := range words {
		all[i] = string(word)
	}
	return all
}

// A word that gets a constant must get into its list too.
func TestVocabulariesAreAll(t *testing.T) {
	constants := map[string][]string{}
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		source, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, constant := range regexp.MustCompile(`(?m)^\t\w+ +(\w+) += "(.+)"$`).FindAllSubmatch(source, -1) {
			constants[string(constant[1])] = append(constants[string(constant[1])], string(constant[2]))
		}
	}
	for name, v := range vocabularies() {
		if diff := cmp.Diff(sorted(constants[name]), sorted(v.words)); diff != "" || len(v.words) == 0 {
			t.Errorf("the constants of %s (-) are not those in the list (+): %s", name, diff)
		}
		delete(constants, name)
	}
	delete(constants, "ThreatKind") // these are types of entities
	for name := range constants {
		t.Errorf("%s has constants and no list", name)
	}
}

func TestVocabulariesAreThoseOfTheSchemas(t *testing.T) {
	dir := filepath.Join("..", "..", "..", "shared", "ctim")
	if _, err := os.Stat(dir); err != nil {
		t.Skip("the schemas are not here")
	}
	for name, v := range vocabularies() {
		raw, err := os.ReadFile(filepath.Join(dir, v.schema+".schema.json"))
		if err != nil {
			t.Fatal(err)
		}
		var node map[string]any
		if err := json.Unmarshal(raw, &node); err != nil {
			t.Fatal(err)
		}
		for _, step := range v.path {
			node, _ = node[step].(map[string]any)
		}
		var words []string
		list, _ := node["enum"].([]any)
		for _, word := range list {
			words = append(words, word.(string))
		}
		if diff := cmp.Diff(sorted(words), sorted(v.words)); diff != "" {
			t.Errorf("%s: the schema's (-) are not those in the list (+): %s", name, diff)
		}
	}
}

func sorted(words []string) []string { return slices.Sorted(slices.Values(words)) }
