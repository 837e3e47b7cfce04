package ctimrules_test

import (
	"encoding/json"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/serverless-relay/relay/cmd/relay/internal/check/ctimrules"
	"github.com/serverless-relay/relay/cmd/relay/internal/check/shape"
	"github.com/serverless-relay/relay/cmd/relay/internal/check/shape/shapetest"
	"github.com/serverless-relay/relay/shared/ctim/schematest"
)

// entities has one of each kind, by the name under which answers list it.
func entities(t testing.TB) map[string]string {
	t.Helper()
	var raw map[string]json.RawMessage
	if err := json.Unmarshal([]byte(strings.NewReplacer(parts...).Replace(strings.NewReplacer(parts...).Replace(whole))), &raw); err != nil {
		t.Fatal(err)
	}
	all := map[string]string{}
	for name, entity := range raw {
		kind := regexp.MustCompile(`"type": ?"([a-z-]+)"`).FindSubmatch(entity)
		all[name] = strings.ReplaceAll(string(entity), "KIND", string(kind[1]))
	}
	return all
}

func decode(t testing.TB, text string) any {
	t.Helper()
	value, err := shape.Decode([]byte(text))
	if err != nil {
		t.Fatalf("%v in %s", err, text)
	}
	return value
}

func TestEveryKindIsThereAndGood(t *testing.T) {
	all := entities(t)
	for _, name := range ctimrules.Names() {
		if problems := ctimrules.Entity(name)("", decode(t, all[name])); len(problems) > 0 {
			t.Errorf("%s: %v", name, problems)
		}
	}
	if len(all) != len(ctimrules.Names()) || len(all) != 18 {
		t.Errorf("%d kinds, %d with rules", len(all), len(ctimrules.Names()))
	}
}

// What the platform's schemas refuse, the rules must refuse; what the schemas
// take, the rules must take, but for what they know beyond them.
func TestTheRulesSayWhatTheSchemasSay(t *testing.T) {
	dir := schematest.Dir("ctim")
	if dir == "" {
		t.Skip("the schemas are not here")
	}
	compiler := jsonschema.NewCompiler()
	compiler.AssertFormat()
	refused, taken := 0, 0
	for name, text := range entities(t) {
		schema, err := compiler.Compile(filepath.Join(dir, "bundle.schema.json") + "#/properties/" + name + "/items")
		if err != nil {
			t.Fatal(err)
		}
		rule := ctimrules.Entity(name)
		for _, m := range shapetest.Mutants(decode(t, text)) {
			if slices.ContainsFunc(unclaimed[name], func(field string) bool {
				return m.Path == field || strings.HasPrefix(m.Path, field+".") || strings.HasPrefix(m.Path, field+"[")
			}) {
				continue
			}
			problems := rule("", m.Value)
			if err := schema.Validate(m.Value); err != nil {
				refused++
				if len(problems) == 0 {
					t.Errorf("%s: %s: the schema refuses it, the rules don't: %v", name, m, err)
				}
				continue
			}
			taken++
			for _, p := range shape.Failures(problems) {
				if !strings.Contains(p.Text, "starts after it ends") && !regexp.MustCompile(`^disposition \d is`).MatchString(p.Text) {
					t.Errorf("%s: %s: the schema takes it, the rules don't: %s", name, m, p)
				}
			}
		}
	}
	if refused < 3000 || taken < 500 {
		t.Errorf("only %d mutants were refused and %d taken", refused, taken)
	}
}

// What the rules know beyond the schemas.
func TestBeyondTheSchemas(t *testing.T) {
	tests := []struct {
		name, kind, old, new string
		want                 string // of a warning, in brackets
	}{
		{"start after end", "judgements", `"end_time":"2026-02-02`, `"end_time":"2025-02-02`, "valid_time: starts after it ends"},
		{"a target's start after its end", "sightings", `"end_time":"2026-01-02`, `"end_time":"2025-01-02`, "targets[0].observed_time: starts after it ends"},
		{"disposition's name", "judgements", `"Malicious"`, `"Clean"`, "disposition 2 is Malicious, not Clean"},
		{"a verdict's too", "verdicts", `"disposition":2`, `"disposition":3`, "disposition 3 is Suspicious, not Malicious"},
		{"verdict without an end", "verdicts", `,"end_time":"2026-02-02T00:00:00.000Z"`, ``, "(the verdict's valid_time has no end_time)"},
		{"id of another kind", "indicators", "transient:indicator-0a", "transient:sighting-0a", "(id: \"transient:sighting-0a"},
		{"id without a UUID", "indicators", "transient:indicator-0a1b2c3d-", "transient:indicator-", "(id: \"transient:indicator-0a"},
		{"time in another zone", "judgements", `"2026-01-02T03:04:05.678Z"`, `"2026-01-02T03:04:05.678+02:00"`, "(timestamp: \"2026"},
		{"time without milliseconds", "judgements", `"2026-01-02T03:04:05.678Z"`, `"2026-01-02T03:04:05Z"`, "(timestamp: \"2026"},
		{"observable of a new type", "judgements", `"domain"`, `"quantum_id"`, "(observable.type: \"quantum_id\""},
		{"priority", "judgements", `"priority":95`, `"priority":101`, "(priority: is 101 and not from 0 to 100)"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			text := entities(t)[tt.kind]
			changed := strings.ReplaceAll(text, tt.old, tt.new)
			if changed == text {
				t.Fatalf("%s is not in %s", tt.old, text)
			}
			var all []string
			for _, p := range ctimrules.Entity(tt.kind)("", decode(t, changed)) {
				text := p.String()
				if p.Warning {
					text = "(" + text + ")"
				}
				all = append(all, text)
			}
			if !slices.ContainsFunc(all, func(text string) bool { return strings.HasPrefix(text, strings.TrimSuffix(tt.want, ")")) }) {
				t.Errorf("got %q, want %s", all, tt.want)
			}
		})
	}
}

func TestEntitiesOfOneAnswer(t *testing.T) {
	all := entities(t)
	// answer is the data with these entities, as the JSON of their docs.
	answer := func(docs map[string]string) string {
		var b strings.Builder
		for name, list := range docs {
			count := strings.Count(list, `"type":"`+strings.TrimSuffix(name, "s")+`"`)
			if b.Len() > 0 {
				b.WriteString(",")
			}
			b.WriteString(`"` + name + `":{"count":` + string(rune('0'+count)) + `,"docs":[` + list + `]}`)
		}
		return "{" + b.String() + "}"
	}
	judgement := strings.ReplaceAll(all["judgements"], "transient:judgement-0a1b2c3d-0a1b-4c2d-8e3f-0a1b2c3d4e5f", "transient:judgement-1")
	indicator := strings.ReplaceAll(all["indicators"], "transient:indicator-0a1b2c3d-0a1b-4c2d-8e3f-0a1b2c3d4e5f", "transient:indicator-1")
	good := map[string]string{"judgements": judgement, "indicators": indicator, "relationships": all["relationships"], "verdicts": all["verdicts"]}
	with := func(name, docs string) map[string]string {
		changed := map[string]string{}
		for n, d := range good {
			changed[n] = d
		}
		if changed[name] = docs; docs == "" {
			delete(changed, name)
		}
		return changed
	}
	elsewhere := strings.ReplaceAll(all["relationships"], "transient:indicator-1", "https://intel.example/ctia/indicator/indicator-0a1b2c3d-0a1b-4c2d-8e3f-0a1b2c3d4e5f")
	tests := []struct {
		name, data, want string
		warning          bool
	}{
		{"good", answer(good), "", false},
		{"nothing", "{}", "", false},
		{"a stored entity", answer(with("relationships", elsewhere)), "", false},
		{"no indicator", answer(with("indicators", "")), `data.relationships.docs[0].target_ref: "transient:indicator-1" is no entity`, false},
		{"one id twice", answer(with("judgements", judgement+","+strings.Replace(judgement, `"priority":95`, `"priority":9`, 1))), "data.judgements.docs[1]: has the id of data.judgements.docs[0]", false},
		{"one doc twice", answer(with("judgements", judgement+","+judgement)), "data.judgements.docs[1]: is the same as data.judgements.docs[0]", false},
		{"wrong count", strings.Replace(answer(good), `"count":1`, `"count":2`, 1), "count is 2, and there are 1 docs", false},
		{"empty docs", `{"verdicts":{"count":0,"docs":[]}}`, "data.verdicts: is there although it is empty", true},
		{"a kind of its own", `{"threats":{"count":0,"docs":[]}}`, `data: "threats" is not a field`, false},
		{"a doc of another kind", `{"tools":{"count":1,"docs":[` + all["malwares"] + `]}}`, `data.tools.docs[0].type: "malware" is not one of: tool`, false},
		{"no judgement", answer(with("judgements", "")), "is no judgement of this answer", true},
		{"another disposition", answer(with("verdicts", strings.NewReplacer(`"disposition":2`, `"disposition":3`, "Malicious", "Suspicious").Replace(all["verdicts"]))), "disposition 3 is not the 2 of its judgement", false},
		{"another observable", answer(with("verdicts", strings.Replace(all["verdicts"], "evil.example", "good.example", 1))), "is about another observable", false},
		{"two verdicts", answer(with("verdicts", all["verdicts"]+","+strings.Replace(all["verdicts"], "2026-02-02", "2026-03-02", 1))), "data.verdicts.docs[1]: is about the observable of data.verdicts.docs[0]", true},
		{"errors inside data", `{"errors":[]}`, `data: "errors" is not a field`, false},
		{"a list", `[]`, "data: must be an object, is a list", false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			problems := ctimrules.Observed()("data", decode(t, tt.data))
			if tt.want == "" && len(shape.Failures(problems)) == 0 {
				return
			}
			if !slices.ContainsFunc(problems, func(p shape.Problem) bool { return strings.Contains(p.String(), tt.want) && p.Warning == tt.warning }) || tt.want == "" {
				t.Errorf("got %v, want %q", problems, tt.want)
			}
		})
	}
	if problems := ctimrules.Deliberated()("data", decode(t, `{"verdicts":{"count":1,"docs":[`+all["verdicts"]+`]}}`)); len(problems) > 0 {
		t.Errorf("deliberated: %v", problems)
	}
	if problems := ctimrules.Deliberated()("data", decode(t, `{"judgements":{"count":0,"docs":[]}}`)); len(shape.Failures(problems)) == 0 {
		t.Error("deliberate may answer judgements")
	}
}
