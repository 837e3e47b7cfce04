package rules

import (
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// entities returns one entity of each kind, by the name of its list.
func entities(t testing.TB) map[string]string {
	t.Helper()
	var raw map[string]json.RawMessage
	if err := json.Unmarshal([]byte(strings.NewReplacer(sampleParts...).Replace(strings.NewReplacer(sampleParts...).Replace(samples))), &raw); err != nil {
		t.Fatal(err)
	}
	all := map[string]string{}
	for name, entity := range raw {
		kind := regexp.MustCompile(`"type": ?"([a-z-]+)"`).FindSubmatch(entity)
		all[name] = strings.ReplaceAll(string(entity), "KIND", string(kind[1]))
	}
	return all
}

func TestEveryKindHasRules(t *testing.T) {
	all := entities(t)
	for _, k := range kinds() {
		if problems := Entity(json.RawMessage(all[k.list])); len(problems) > 0 {
			t.Errorf("%s: %v", k.name, problems)
		}
	}
	if len(all) != len(kinds()) {
		t.Errorf("%d kinds have rules, %d are tested", len(kinds()), len(all))
	}
}

func TestEntityNeedsAKnownType(t *testing.T) {
	for raw, want := range map[string]string{
		"":                  "must be JSON: EOF",
		"[]":                "type: null is not a kind of CTIM entity, such as judgement",
		`{}`:                "type: null is not a kind of CTIM entity, such as judgement",
		`{"type":7}`:        "type: 7 is not a kind of CTIM entity, such as judgement",
		`{"type":"threat"}`: `type: "threat" is not a kind of CTIM entity, such as judgement`,
	} {
		if problems := Entity(json.RawMessage(raw)); len(problems) != 1 || problems[0].String() != want || problems[0].Warning {
			t.Errorf("%s: got %v, want %s", raw, problems, want)
		}
	}
}

// What the rules know beyond the schemas.
func TestBeyondTheSchemas(t *testing.T) {
	tests := []struct {
		name, list, old, new string
		want                 string // in brackets if it is a warning
	}{
		{"start after end", "judgements", `"end_time":"2026-02-02`, `"end_time":"2025-02-02`, "valid_time: must not start after it ends"},
		{"a target's start after its end", "sightings", `"end_time":"2026-01-02`, `"end_time":"2025-01-02`, "targets[0].observed_time: must not start after it ends"},
		{"disposition's name", "judgements", `"Malicious"`, `"Clean"`, "disposition_name: must be Malicious for disposition 2, is Clean"},
		{"a verdict's too", "verdicts", `"disposition":2`, `"disposition":3`, "disposition_name: must be Suspicious for disposition 3, is Malicious"},
		{"verdict without an end", "verdicts", `,"end_time":"2026-02-02T00:00:00.000Z"`, ``, "(valid_time.end_time: is missing"},
		{"id of another kind", "indicators", "transient:indicator-0a", "transient:sighting-0a", "(id: should be of the form transient:indicator-<UUID>"},
		{"id without a UUID", "indicators", "transient:indicator-0a1b2c3d-", "transient:indicator-", "(id: should be of the form transient:indicator-<UUID>"},
		{"time in another zone", "judgements", `"2026-01-02T03:04:05.678Z"`, `"2026-01-02T03:04:05.678+02:00"`, "(timestamp: should be in UTC"},
		{"time without milliseconds", "judgements", `"2026-01-02T03:04:05.678Z"`, `"2026-01-02T03:04:05Z"`, "(timestamp: should be in UTC"},
		{"observable of a new type", "judgements", `"domain"`, `"quantum_id"`, "(observable.type: \"quantum_id\""},
		{"priority", "judgements", `"priority":95`, `"priority":101`, "(priority: must be from 0 to 100, is 101)"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			text := entities(t)[tt.list]
			changed := strings.ReplaceAll(text, tt.old, tt.new)
			if changed == text {
				t.Fatalf("%s is not in %s", tt.old, text)
			}
			var all []string
			for _, p := range Entity(json.RawMessage(changed)) {
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

func TestEntitiesOfOneResponse(t *testing.T) {
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
		{"no indicator", answer(with("indicators", "")), `data.relationships.docs[0].target_ref: must be the id of an entity of this response, is "transient:indicator-1"`, false},
		{"one id twice", answer(with("judgements", judgement+","+strings.Replace(judgement, `"priority":95`, `"priority":9`, 1))), "data.judgements.docs[1].id: is the id of data.judgements.docs[0], too", false},
		{"one doc twice", answer(with("judgements", judgement+","+judgement)), "data.judgements.docs[1]: is the same as data.judgements.docs[0]", false},
		{"wrong count", strings.Replace(answer(good), `"count":1`, `"count":2`, 1), "count must be 1, the number of docs, is 2", false},
		{"empty docs", `{"verdicts":{"count":0,"docs":[]}}`, "data.verdicts: is empty", true},
		{"a kind of its own", `{"threats":{"count":0,"docs":[]}}`, `data.threats: is not a known field`, false},
		{"a doc of another kind", `{"tools":{"count":1,"docs":[` + all["malwares"] + `]}}`, `data.tools.docs[0].type: "malware" is not one of: tool`, false},
		{"no judgement", answer(with("judgements", "")), "judgement_id: should be the id of a judgement of this response", true},
		{"another disposition", answer(with("verdicts", strings.NewReplacer(`"disposition":2`, `"disposition":3`, "Malicious", "Suspicious").Replace(all["verdicts"]))), "data.verdicts.docs[0].disposition: must be 2 as in its judgement, data.judgements.docs[0], is 3", false},
		{"another observable", answer(with("verdicts", strings.Replace(all["verdicts"], "evil.example", "good.example", 1))), "data.verdicts.docs[0].observable: must be that of its judgement", false},
		{"two verdicts", answer(with("verdicts", all["verdicts"]+","+strings.Replace(all["verdicts"], "2026-02-02", "2026-03-02", 1))), "data.verdicts.docs[1]: is about the same observable as data.verdicts.docs[0]", true},
		{"errors inside data", `{"errors":[]}`, `data.errors: is not a known field`, false},
		{"a list", `[]`, "data: must be an object, is a list", false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			problems := observed()("data", parse(t, tt.data))
			if tt.want == "" && len(Errors(problems)) == 0 {
				return
			}
			if !slices.ContainsFunc(problems, func(p Problem) bool { return strings.Contains(p.String(), tt.want) && p.Warning == tt.warning }) || tt.want == "" {
				t.Errorf("got %v, want %q", problems, tt.want)
			}
		})
	}
	if problems := deliberated()("data", parse(t, `{"verdicts":{"count":1,"docs":[`+all["verdicts"]+`]}}`)); len(problems) > 0 {
		t.Errorf("deliberated: %v", problems)
	}
	if problems := deliberated()("data", parse(t, `{"judgements":{"count":0,"docs":[]}}`)); len(Errors(problems)) == 0 {
		t.Error("/deliberate/observables may not contain judgements")
	}
}
