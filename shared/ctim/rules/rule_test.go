package rules

import (
	"math"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestRules(t *testing.T) {
	tests := []struct {
		name string
		rule rule
		json string
		want []string // warnings in brackets
	}{
		{"text", upTo(3), `"ééé"`, nil},
		{"long text", upTo(3), `"éééé"`, []string{"v: has 4 characters: at most 3 are allowed"}},
		{"no text", upTo(3), `7`, []string{"v: must be a string, is 7"}},
		{"null", anyString, `null`, []string{"v: must be a string, is null"}},
		{"blank", filled, `" \t"`, []string{"v: must not be blank"}},
		{"word", oneOf("a", "b"), `"c"`, []string{`v: "c" is not one of: a, b`}},
		{"pattern", matching(regexp.MustCompile(`^a`), "an a"), `"b"`, []string{`v: must be an a, is "b"`}},
		{"control characters", oneOf("a"), `"\u001b[31m\n"`, []string{`v: "\x1b[31m\n" is not one of: a`}},
		{"quoted in short", oneOf("a"), `"` + strings.Repeat("x", 100) + `"`, []string{`v: "` + strings.Repeat("x", 60) + `"… is not one of: a`}},
		{"web page", webURL, `"https://example.com/a?b"`, nil},
		{"script", webURL, `"javascript:alert(1)"`, []string{`v: must be an http or https URL, is "javascript:alert(1)"`}},
		{"relative", webURL, `"/a"`, []string{`v: must be an http or https URL, is "/a"`}},
		{"whole", integer(0, 5), `5.0`, nil},
		{"fraction", integer(0, 5), `4.5`, []string{"v: must be a whole number, is 4.5"}},
		{"too much", integer(0, 5), `6`, []string{"v: must be from 0 to 5, is 6"}},
		{"negative", integer(0, math.MaxInt64), `-1`, []string{"v: must be 0 or more, is -1"}},
		{"huge", integer(0, 5), `1e400`, []string{"v: must be a whole number, is 1e400"}},
		{"number", number, `"7"`, []string{`v: must be a number, is "7"`}},
		{"true", boolean, `"true"`, []string{`v: must be true or false, is "true"`}},
		{"time", timestamp, `"2026-01-02T03:04:05.678Z"`, nil},
		{"other time", timestamp, `"2026-01-02T03:04:05+01:00"`, []string{`(v: should be in UTC with milliseconds, as in 2006-01-02T15:04:05.000Z, is "2026-01-02T03:04:05+01:00")`}},
		{"microseconds", timestamp, `"2026-01-02T03:04:05.678901Z"`, []string{`(v: should be in UTC with milliseconds, as in 2006-01-02T15:04:05.000Z, is "2026-01-02T03:04:05.678901Z")`}},
		{"no time", timestamp, `"yesterday"`, []string{`v: must be an RFC 3339 time, is "yesterday"`}},
		{"object", object(fields{"a": required(anyString), "b": optional(number)}), `{"b":"x","c":1}`,
			[]string{"v.a: is missing", `v.b: must be a number, is "x"`, "v.c: is not a known field: leave it out"}},
		{"open object", openObject(fields{"a": required(anyString)}), `{"a":"x","c":1}`, nil},
		{"no object", anyObject, `[]`, []string{"v: must be an object, is a list"}},
		{"map", mapOf(anyString), `{"b":7,"a":"x"}`, []string{"v.b: must be a string, is 7"}},
		{"odd name", mapOf(anyString), `{"a\u001b":7}`, []string{`v["a\x1b"]: must be a string, is 7`}},
		{"list", list(anyString), `["a",{},"b"]`, []string{"v[1]: must be a string, is an object"}},
		{"no list", list(anyString), `{}`, []string{"v: must be a list, is an object"}},
		{"repetition", set(anything), `[{"a":1,"b":2},1,{"b":2,"a":1}]`, []string{"v[2]: is the same as v[0]"}},
		{"docs", docs(anyString), `{"count":2,"docs":["a"]}`, []string{"v: count must be 1, the number of docs, is 2"}},
		{"empty docs", docs(anyString), `{"count":0,"docs":[]}`, []string{"(v: is empty: leave it out)"}},
		{"span", span(timestamp, required, optional), `{"start_time":"2026-01-02T00:00:00.000Z"}`, nil},
		{"span backwards", span(timestamp, required, optional), `{"start_time":"2026-01-02T00:00:00.000Z","end_time":"2026-01-01T00:00:00.000Z"}`,
			[]string{"v: must not start after it ends: starts 2026-01-02T00:00:00.000Z, ends 2026-01-01T00:00:00.000Z"}},
		{"span in two zones", warn(span(timestamp, required, required)), `{"start_time":"2026-01-02T01:00:00.000+02:00","end_time":"2026-01-02T00:00:00.000Z"}`,
			[]string{`(v.start_time: should be in UTC with milliseconds, as in 2006-01-02T15:04:05.000Z, is "2026-01-02T01:00:00.000+02:00")`}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			value := parse(t, tt.json)
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

func TestDecodeAcceptsOneValue(t *testing.T) {
	for _, text := range []string{"", "{", "{} {}", "{}]", "nul"} {
		if value, problems := decode([]byte(text)); len(Errors(problems)) != 1 {
			t.Errorf("%q: %v, %v", text, value, problems)
		}
	}
}

// parse returns the value of a JSON text.
func parse(t testing.TB, text string) any {
	t.Helper()
	value, problems := decode([]byte(text))
	if problems != nil {
		t.Fatalf("%v in %s", problems, text)
	}
	return value
}
