package ctim_test

import (
	"encoding/json"
	"go/ast"
	"go/constant"
	"go/parser"
	"go/token"
	"go/types"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/serverless-relay/relay/shared/ctim"
)

// vocabularies returns the lists of words by the names of their types, each with its
// place in the schemas.
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
		"ObservableType":   {texts(ctim.Words[ctim.ObservableType]()), "judgement", []string{"$defs", "map2", "properties", "type"}},
		"Severity":         {texts(ctim.Words[ctim.Severity]()), "judgement", []string{"properties", "severity"}},
		"Confidence":       {texts(ctim.Words[ctim.Confidence]()), "judgement", []string{"properties", "confidence"}},
		"TLP":              {texts(ctim.Words[ctim.TLP]()), "judgement", []string{"properties", "tlp"}},
		"RelationshipType": {texts(ctim.Words[ctim.RelationshipType]()), "relationship", []string{"properties", "relationship_type"}},
		"RelationType":     {texts(ctim.Words[ctim.RelationType]()), "sighting", []string{"$defs", "map7", "properties", "relation"}},
		"SensorType":       {texts(ctim.Words[ctim.SensorType]()), "sighting", []string{"properties", "sensor"}},
		"Resolution":       {texts(ctim.Words[ctim.Resolution]()), "sighting", []string{"properties", "resolution"}},
		"IndicatorType":    {texts(ctim.Words[ctim.IndicatorType]()), "indicator", []string{"properties", "indicator_type", "items"}},
		"MalwareLabel":     {texts(ctim.Words[ctim.MalwareLabel]()), "malware", []string{"properties", "labels", "items"}},
		"ToolLabel":        {texts(ctim.Words[ctim.ToolLabel]()), "tool", []string{"properties", "labels", "items"}},
		"ActorType":        {texts(ctim.Words[ctim.ActorType]()), "actor", []string{"properties", "actor_types", "items"}},
		"Phase":            {texts(ctim.Words[ctim.Phase]()), "malware", []string{"$defs", "map2", "properties", "phase_name"}},
	}
}

func texts[S ~string](words []S) []string {
	all := make([]string, len(words))
	for i, word := range words {
		all[i] = string(word)
	}
	return all
}

// Words reads the source text. It must find all constants that the compiler finds, with
// their values.
func TestWordsAreTheConstants(t *testing.T) {
	files := token.NewFileSet()
	file, err := parser.ParseFile(files, "vocabulary.go", nil, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	pkg, err := new(types.Config).Check("ctim", files, []*ast.File{file}, nil)
	if err != nil {
		t.Fatal(err)
	}
	want := map[string][]string{}
	for _, name := range pkg.Scope().Names() {
		if c, ok := pkg.Scope().Lookup(name).(*types.Const); ok {
			kind := c.Type().(*types.Named).Obj().Name()
			want[kind] = append(want[kind], constant.StringVal(c.Val()))
		}
	}
	got := map[string][]string{}
	for name, v := range vocabularies() {
		got[name] = v.words
	}
	if diff := cmp.Diff(want, got, cmpopts.SortSlices(strings.Compare)); diff != "" {
		t.Error(diff)
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
