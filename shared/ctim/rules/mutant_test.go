package rules

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
)

// mutant is a value with one change.
type mutant struct {
	// path is the place, such as docs[0].title. All items of a list count as its
	// first.
	path string
	// how describes the change, such as "is null".
	how   string
	value any
}

func (m mutant) String() string { return m.path + " " + m.how }

// substitutes returns the values that replace others in mutants.
func substitutes() map[string]any {
	return map[string]any{
		"null": nil, "a number": json.Number("7"), "a negative number": json.Number("-2"), "a fraction": json.Number("1.5"), "a word": "Word", "nothing": "", "true": true,
		"an empty list": []any{}, "an empty object": map[string]any{}, "a list of one": []any{"x"}, "a list of an object": []any{map[string]any{}}, "the same twice": []any{"x", "x"},
		"1,024 characters": strings.Repeat("é", 1024), "1,025 characters": strings.Repeat("é", 1025), "2,049 characters": strings.Repeat("é", 2049), "5,001 characters": strings.Repeat("é", 5001),
		"a date": "2026-01-01", "a local time": "2026-01-01T00:00:00", "another zone": "2026-01-01T00:00:00+02:00",
		"a stored id": "https://intel.example/ctia/judgement/judgement-0a1b2c3d-0a1b-4c2d-8e3f-0a1b2c3d4e5f", "a bare id": "judgement-0a1b2c3d-0a1b-4c2d-8e3f-0a1b2c3d4e5f",
	}
}

// mutants returns the value with one change, in every place and way: another
// value, no value, or an unknown member.
func mutants(value any, path string) []mutant {
	var all []mutant
	if path != "" {
		for how, substitute := range substitutes() {
			all = append(all, mutant{path, "is " + how, substitute})
		}
	}
	switch v := value.(type) {
	case map[string]any:
		for name, old := range v {
			inner := strings.TrimPrefix(path+"."+name, ".")
			rest := maps.Clone(v)
			delete(rest, name)
			all = append(all, mutant{inner, "is missing", rest})
			for _, m := range mutants(old, inner) {
				changed := maps.Clone(v)
				changed[name] = m.value
				all = append(all, mutant{m.path, m.how, changed})
			}
		}
		more := maps.Clone(v)
		more["unheard_of"] = "x"
		all = append(all, mutant{path, "has an unknown field", more})
	case []any:
		for i, old := range v {
			for _, m := range mutants(old, path+"[0]") {
				changed := slices.Clone(v)
				changed[i] = m.value
				all = append(all, mutant{m.path, m.how, changed})
			}
		}
	}
	return all
}
