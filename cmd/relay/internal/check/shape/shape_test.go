package shape_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/serverless-relay/relay/cmd/relay/internal/check/shape"
)

func TestRules(t *testing.T) {
	tests := []struct {
		name string
		rule shape.Rule
		json string
		want []string // warnings in brackets
	}{
		{"text", shape.Text(3), `"ééé"`, nil},
		{"long text", shape.Text(3), `"éééé"`, []string{"v: has 4 characters, 3 are allowed"}},
		{"no text", shape.Text(3), `7`, []string{"v: must be a string, is 7"}},
		{"null", shape.Text(0), `null`, []string{"v: must be a string, is null"}},
		{"blank", shape.Filled(), `" \t"`, []string{"v: is blank"}},
		{"word", shape.Word("a", "b"), `"c"`, []string{`v: "c" is not one of: a, b`}},
		{"pattern", shape.Matching(regexp.MustCompile(`^a`), "an a"), `"b"`, []string{`v: "b" is not an a`}},
		{"terminal orders", shape.Word("a"), `"\u001b[31m\n"`, []string{`v: "\x1b[31m\n" is not one of: a`}},
		{"quoted in short", shape.Word("a"), `"` + strings.Repeat("x", 100) + `"`, []string{`v: "` + strings.Repeat("x", 60) + `"… is not one of: a`}},
		{"web page", shape.WebURL(), `"https://example.com/a?b"`, nil},
		{"script", shape.WebURL(), `"javascript:alert(1)"`, []string{`v: "javascript:alert(1)" is not an http or https URL`}},
		{"relative", shape.WebURL(), `"/a"`, []string{`v: "/a" is not an http or https URL`}},
		{"whole", shape.Integer(0, 5), `5.0`, nil},
		{"fraction", shape.Integer(0, 5), `4.5`, []string{"v: must be a whole number, is 4.5"}},
		{"too much", shape.Integer(0, 5), `6`, []string{"v: is 6 and not from 0 to 5"}},
		{"negative", shape.Integer(0, shape.MostInt), `-1`, []string{"v: is -1 and not 0 or more"}},
		{"huge", shape.Integer(0, 5), `1e400`, []string{"v: must be a whole number, is 1e400"}},
		{"number", shape.Number(), `"7"`, []string{`v: must be a number, is "7"`}},
		{"true", shape.Boolean(), `"true"`, []string{`v: must be true or false, is "true"`}},
		{"time", shape.Time(), `"2026-01-02T03:04:05.678Z"`, nil},
		{"other time", shape.Time(), `"2026-01-02T03:04:05+01:00"`, []string{`(v: "2026-01-02T03:04:05+01:00" is not in UTC with milliseconds, as in 2006-01-02T15:04:05.000Z)`}},
		{"microseconds", shape.Time(), `"2026-01-02T03:04:05.678901Z"`, []string{`(v: "2026-01-02T03:04:05.678901Z" is not in UTC with milliseconds, as in 2006-01-02T15:04:05.000Z)`}},
		{"no time", shape.Time(), `"yesterday"`, []string{`v: "yesterday" is not a time as RFC 3339 has it`}},
		{"object", shape.Object(shape.Fields{"a": shape.Required(shape.Text(0)), "b": shape.Optional(shape.Number())}), `{"b":"x","c":1}`,
			[]string{"v: a is missing", `v.b: must be a number, is "x"`, `v: "c" is not a field that is known here`}},
		{"open object", shape.OpenObject(shape.Fields{"a": shape.Required(shape.Text(0))}), `{"a":"x","c":1}`, nil},
		{"no object", shape.OpenObject(nil), `[]`, []string{"v: must be an object, is a list"}},
		{"map", shape.MapOf(shape.Text(0)), `{"b":7,"a":"x"}`, []string{"v.b: must be a string, is 7"}},
		{"list", shape.List(shape.Text(0)), `["a",{},"b"]`, []string{"v[1]: must be a string, is an object"}},
		{"no list", shape.List(shape.Text(0)), `{}`, []string{"v: must be a list, is an object"}},
		{"repetition", shape.Set(shape.Any()), `[{"a":1,"b":2},1,{"b":2,"a":1}]`, []string{"v[2]: is the same as v[0]"}},
		{"docs", shape.Docs(shape.Text(0)), `{"count":2,"docs":["a"]}`, []string{"v: count is 2, and there are 1 docs"}},
		{"empty docs", shape.Docs(shape.Text(0)), `{"count":0,"docs":[]}`, []string{"(v: is there although it is empty)"}},
		{"span", shape.Span(shape.Required, shape.Optional), `{"start_time":"2026-01-02T00:00:00.000Z"}`, nil},
		{"span backwards", shape.Span(shape.Required, shape.Optional), `{"start_time":"2026-01-02T00:00:00.000Z","end_time":"2026-01-01T00:00:00.000Z"}`,
			[]string{"v: starts after it ends: 2026-01-02T00:00:00.000Z, 2026-01-01T00:00:00.000Z"}},
		{"span in two zones", shape.Warn(shape.Span(shape.Required, shape.Required)), `{"start_time":"2026-01-02T01:00:00.000+02:00","end_time":"2026-01-02T00:00:00.000Z"}`,
			[]string{`(v.start_time: "2026-01-02T01:00:00.000+02:00" is not in UTC with milliseconds, as in 2006-01-02T15:04:05.000Z)`}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			value, err := shape.Decode([]byte(tt.json))
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, p := range tt.rule("v", value) {
				text := p.String()
				if p.Warning {
					text = "(" + text + ")"
				}
				got = append(got, text)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestDecodeTakesOneValue(t *testing.T) {
	for _, text := range []string{"", "{", "{} {}", "{}]", "nul"} {
		if value, err := shape.Decode([]byte(text)); err == nil {
			t.Errorf("%q is %v", text, value)
		}
	}
}

func Example() {
	link := shape.Object(shape.Fields{
		"title":      shape.Required(shape.Filled()),
		"categories": shape.Optional(shape.Set(shape.Text(0))),
	})
	value, err := shape.Decode([]byte(`{"title": " ", "categories": ["a", "a"]}`))
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, problem := range link("data", value) {
		fmt.Println(problem)
	}
	// Output:
	// data.categories[1]: is the same as data.categories[0]
	// data.title: is blank
}
