// Package schematest checks in tests that what a relay emits is valid CTIM in
// a valid envelope. The JSON Schemas are those of the platform; they lie in a
// folder "shared" beside the checkout. Where that folder is absent, as in most
// clones, the checks pass without looking.
package schematest

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// Dir is the folder of that name ("ctim", "xdr", "data") beside the checkout,
// or empty where it is absent.
func Dir(name string) string {
	_, here, _, ok := runtime.Caller(0)
	if !ok {
		return ""
	}
	dir := filepath.Join(filepath.Dir(here), "..", "..", "..", "..", "shared", name)
	if _, err := os.Stat(dir); err != nil {
		return ""
	}
	return dir
}

// Entity fails the test unless v, written as JSON, is a valid CTIM entity of
// the type that it says it is.
func Entity(t testing.TB, v any) {
	t.Helper()
	raw, err := json.Marshal(v)
	if err != nil {
		t.Errorf("entity %T: %v", v, err)
		return
	}
	entity(t, raw)
}

// envelopes are the schemas of the answers, by path. The platform publishes
// none for the other routes.
var envelopes = map[string]string{
	"/health":                 "health",
	"/deliberate/observables": "deliberate",
	"/observe/observables":    "observe",
	"/refer/observables":      "refer",
	"/respond/observables":    "respond-observables",
	"/respond/trigger":        "respond-trigger",
}

// Answer fails the test unless body is a valid answer of the route at path,
// and holds only valid entities.
func Answer(t testing.TB, path string, body []byte) {
	t.Helper()
	name, ok := envelopes[strings.TrimSuffix(path, "/")]
	if !ok {
		return
	}
	validate(t, filepath.Join("xdr", name+".response.schema.json"), "", body)
	var answer struct {
		Data map[string]struct{ Docs []json.RawMessage }
	}
	if json.Unmarshal(body, &answer) != nil {
		return // data is not an object of documents on this route
	}
	for _, docs := range answer.Data {
		for _, doc := range docs.Docs {
			entity(t, doc)
		}
	}
}

func entity(t testing.TB, raw []byte) {
	t.Helper()
	var head struct {
		Type string `json:"type"`
	}
	if err := json.Unmarshal(raw, &head); err != nil || head.Type == "" {
		t.Errorf("not an entity: %.200s", raw)
		return
	}
	name := strings.ReplaceAll(head.Type, "-", "_")
	if name == "identity_assertion" {
		// It has no schema of its own, only a place in the bundle's.
		validate(t, filepath.Join("ctim", "bundle.schema.json"), "#/properties/identity_assertions/items", raw)
		return
	}
	validate(t, filepath.Join("ctim", name+".schema.json"), "", raw)
}

// schemas keeps what was compiled: a test may validate thousands of entities.
var schemas sync.Map // of *jsonschema.Schema by file and fragment

func validate(t testing.TB, file, fragment string, raw []byte) {
	t.Helper()
	dir := Dir(filepath.Dir(file))
	if dir == "" {
		return
	}
	compiled, ok := schemas.Load(file + fragment)
	if !ok {
		compiler := jsonschema.NewCompiler()
		compiler.AssertFormat()
		schema, err := compiler.Compile(filepath.Join(dir, filepath.Base(file)) + fragment)
		if err != nil {
			t.Fatalf("schema %s: %v", file, err)
		}
		compiled, _ = schemas.LoadOrStore(file+fragment, schema)
	}
	value, err := jsonschema.UnmarshalJSON(bytes.NewReader(raw))
	if err != nil {
		t.Errorf("not JSON: %v: %.200s", err, raw)
		return
	}
	if err := compiled.(*jsonschema.Schema).Validate(value); err != nil {
		t.Errorf("%s: %v\n%.2000s", file, err, raw)
	}
}
