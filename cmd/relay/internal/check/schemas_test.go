package check

import (
	"path/filepath"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/serverless-relay/relay/cmd/relay/internal/check/ctimrules"
	"github.com/serverless-relay/relay/cmd/relay/internal/check/shape"
	"github.com/serverless-relay/relay/cmd/relay/internal/check/shape/shapetest"
	"github.com/serverless-relay/relay/shared/ctim/schematest"
)

// What the platform's schemas of answers refuse, the rules must refuse.
func TestTheRulesRefuseWhatTheSchemasRefuse(t *testing.T) {
	dir := schematest.Dir("xdr")
	if dir == "" {
		t.Skip("the schemas are not here")
	}
	const wrong = `"errors":[{"type":"warning","code":"timeout","message":"m"}]`
	const verdict = `"verdicts":{"count":1,"docs":[{"type":"verdict","disposition":2,"observable":{"type":"ip","value":"v"},"valid_time":{"end_time":"2026-01-02T00:00:00.000Z"}}]}`
	for name, tt := range map[string]struct {
		rule   shape.Rule
		answer string
	}{
		"health":              {envelope(healthData()), `{"data":{"status":"ok","quotas":{}},` + wrong + `}`},
		"deliberate":          {envelope(ctimrules.Deliberated()), `{"data":{` + verdict + `},` + wrong + `}`},
		"observe":             {envelope(ctimrules.Observed()), `{"data":{` + verdict + `},` + wrong + `}`},
		"refer":               {envelope(shape.List(link())), `{"data":[{"id":"i","title":"t","description":"d","url":"https://example.com","categories":["c"]}],` + wrong + `}`},
		"respond-observables": {envelope(shape.List(action())), `{"data":[{"id":"i","title":"t","description":"d","categories":["c"],"query-params":{"p":"v"}}],` + wrong + `}`},
		"respond-trigger":     {envelope(success()), `{"data":{"status":"success"},` + wrong + `}`},
	} {
		compiler := jsonschema.NewCompiler()
		schema, err := compiler.Compile(filepath.Join(dir, name+".response.schema.json"))
		if err != nil {
			t.Fatal(err)
		}
		value, err := shape.Decode([]byte(tt.answer))
		if err != nil {
			t.Fatal(err)
		}
		if problems := tt.rule("", value); len(problems) > 0 || schema.Validate(value) != nil {
			t.Errorf("%s: %v, %v", name, problems, schema.Validate(value))
		}
		refused := 0
		for _, m := range shapetest.Mutants(value) {
			if err := schema.Validate(m.Value); err != nil {
				refused++
				if len(tt.rule("", m.Value)) == 0 {
					t.Errorf("%s: %s: the schema refuses it, the rules don't: %v", name, m, err)
				}
			}
		}
		if refused < 50 {
			t.Errorf("%s: only %d mutants were refused", name, refused)
		}
	}
}
