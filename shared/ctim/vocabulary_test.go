package ctim_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
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

func TestTheVocabularyIsGenerated(t *testing.T) {
	want, err := exec.CommandContext(t.Context(), "go", "run", "./internal/vocabulary", "-print").Output()
	if err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile("vocabulary.go")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("vocabulary.go is stale; run go generate ./...\n%s", diff)
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
