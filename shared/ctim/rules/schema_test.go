package rules

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// The platform's schemas are in a folder "shared" beside the checkout. The rules must
// reject what a schema rejects, and accept what it accepts, except for the rules that
// go beyond the schemas.
func TestTheRulesAgreeWithTheSchemas(t *testing.T) {
	const folder = "../../../../shared"
	if _, err := os.Stat(folder); err != nil {
		t.Skip("the schemas are not here")
	}
	compiler := jsonschema.NewCompiler()
	compiler.AssertFormat()
	compile := func(t *testing.T, name string) *jsonschema.Schema {
		t.Helper()
		schema, err := compiler.Compile(filepath.FromSlash(folder + "/" + name))
		if err != nil {
			t.Fatal(err)
		}
		return schema
	}
	rejected, accepted := 0, 0
	compare := func(t *testing.T, value any, schema *jsonschema.Schema, r rule, skip []string, beyond *regexp.Regexp) {
		t.Helper()
		if problems := r("", value); len(problems) > 0 || schema.Validate(value) != nil {
			t.Errorf("the value itself: %v, %v", problems, schema.Validate(value))
		}
		for _, m := range mutants(value, "") {
			if slices.ContainsFunc(skip, func(field string) bool {
				return m.path == field || strings.HasPrefix(m.path, field+".") || strings.HasPrefix(m.path, field+"[")
			}) {
				continue
			}
			problems := r("", m.value)
			if err := schema.Validate(m.value); err != nil {
				rejected++
				if len(problems) == 0 {
					t.Errorf("%s: the schema rejects it, the rules don't: %v", m, err)
				}
				continue
			}
			accepted++
			for _, p := range Errors(problems) {
				if !beyond.MatchString(p.String()) {
					t.Errorf("%s: the schema accepts it, the rules don't: %s", m, p)
				}
			}
		}
	}
	for _, k := range kinds() {
		t.Run(k.name, func(t *testing.T) {
			schema := compile(t, "ctim/bundle.schema.json#/properties/"+k.list+"/items")
			compare(t, parse(t, entities(t)[k.list]), schema, k.rule, unclaimed[k.list],
				regexp.MustCompile(`must not start after it ends|must be \w+ for disposition \d`))
		})
	}
	t.Logf("%d changed entities were rejected, %d accepted", rejected, accepted)
	if rejected < 3000 || accepted < 500 {
		t.Errorf("only %d changed entities were rejected and %d accepted", rejected, accepted)
	}
	const errors = `"errors":[{"type":"warning","code":"timeout","message":"m"}]`
	const verdicts = `"verdicts":{"count":1,"docs":[{"type":"verdict","disposition":2,"observable":{"type":"ip","value":"v"},"valid_time":{"end_time":"2026-01-02T00:00:00.000Z"}}]}`
	for route, tt := range map[string]struct{ schema, data string }{
		"/health":                 {"health", `{"status":"ok","quotas":{}}`},
		"/deliberate/observables": {"deliberate", `{` + verdicts + `}`},
		"/observe/observables":    {"observe", `{` + verdicts + `}`},
		"/refer/observables":      {"refer", `[{"id":"i","title":"t","description":"d","url":"https://example.com","categories":["c"]}]`},
		"/respond/observables":    {"respond-observables", `[{"id":"i","title":"t","description":"d","categories":["c"],"query-params":{"p":"v"}}]`},
		"/respond/trigger":        {"respond-trigger", `{"status":"success"}`},
	} {
		t.Run(tt.schema, func(t *testing.T) {
			schema := compile(t, "xdr/"+tt.schema+".response.schema.json")
			compare(t, parse(t, `{"data":`+tt.data+`,`+errors+`}`), schema, routes()[route], nil, regexp.MustCompile(`\.docs\[|must not be blank|count must be|must be an http or https URL`))
		})
	}
}
