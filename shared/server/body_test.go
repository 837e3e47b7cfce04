package server_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/serverless-relay/relay/shared/relay"
)

func invalid(reasons string) string { return "Invalid JSON payload received. " + reasons + "." }

func wantInvalid(t *testing.T, got answer, message string) {
	t.Helper()
	switch {
	case message == "" && len(got.Errors) > 0:
		t.Errorf("errors %v, want none", got.Errors)
	case message != "" && (got.problems() != "fatal invalid argument" || got.Errors[0].Message != message):
		t.Errorf("got  %.500s\nwant %s", got.raw, message)
	}
}

func TestObservablesBody(t *testing.T) {
	schema := invalid(`{"_schema": ["Invalid input type."]}`)
	tests := []struct{ name, body, message string }{
		{"not JSON", `{`, schema},
		{"empty", ``, schema},
		{"null", `null`, schema},
		{"an object", `{"type":"ip","value":"1"}`, schema},
		{"a string", `"ip"`, schema},
		{"more after the list", `[] []`, schema},
		{"deep nesting", strings.Repeat("[", 100_000), schema},
		{"deep nesting, closed", strings.Repeat("[", 9_000) + strings.Repeat("]", 9_000), invalid(`{"0": {"_schema": ["Invalid input type."]}}`)},
		{"items of wrong types", `[1, null, "x"]`,
			invalid(`{"0": {"_schema": ["Invalid input type."]}, "1": {"_schema": ["Invalid input type."]}, "2": {"_schema": ["Invalid input type."]}}`)},
		{"an empty item", `[{}]`, invalid(`{"0": {"type": ["Missing data for required field."], "value": ["Missing data for required field."]}}`)},
		{"blank value", `[{"type":"ip","value":""}]`, invalid(`{"0": {"value": ["Field may not be blank."]}}`)},
		{"value of spaces", `[{"type":"ip","value":" \t "}]`, invalid(`{"0": {"value": ["Field may not be blank."]}}`)},
		{"wrong types", `[{"type":1,"value":["x"]}]`, invalid(`{"0": {"type": ["Not a valid string."], "value": ["Not a valid string."]}}`)},
		{"null value", `[{"type":"ip","value":null}]`, invalid(`{"0": {"value": ["Not a valid string."]}}`)},
		{"the third is wrong", `[{"type":"ip","value":"1"},{"type":"ip","value":"2"},{"type":"ip"}]`,
			invalid(`{"2": {"value": ["Missing data for required field."]}}`)},
		{"empty list", `[]`, ""},
		{"unknown type", `[{"type":"moon_phase","value":"full"}]`, ""},
		{"other fields", `[{"type":"ip","value":"192.0.2.1","id":7}]`, ""},
		{"other fields in upper case", `[{"type":"domain","value":"evil.example"},{"type":"ip","value":"192.0.2.1","VALUE":5,"Type":null}]`, ""},
		{"fields in upper case", `[{"TYPE":"ip","VALUE":"192.0.2.1"}]`, invalid(`{"0": {"type": ["Missing data for required field."], "value": ["Missing data for required field."]}}`)},
		{"a megabyte of value", `[{"type":"domain","value":"` + strings.Repeat("a", 1<<20) + `"}]`, ""},
		{"1,000 observables", ips(1000), ""},
		{"more than 1,000", ips(1001), invalid(`{"_schema": ["More than 1,000 items. Send fewer at a time."]}`)},
		{"more than 1,000 times one", `[` + strings.Repeat(`{"type":"ip","value":"192.0.2.1"},`, 1000) + `{"type":"ip","value":"192.0.2.1"}]`,
			invalid(`{"_schema": ["More than 1,000 items. Send fewer at a time."]}`)},
		{"more than 1,000 fields", `[{"type":"ip","value":"192.0.2.1"},` + fields(1001) + `]`, invalid(`{"1": {"_schema": ["More than 1,000 items. Send fewer at a time."]}}`)},
		{"more after 1,000", ips(1000) + "1", schema},
		{"eleven megabytes", `[{"type":"ip","value":"` + strings.Repeat("a", 11<<20) + `"}]`, invalid(`{"_schema": ["Longer than 10 MB."]}`)},
	}
	r := newRelay(struct{}{})
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			wantInvalid(t, ask(t.Context(), t, r, "/observe/observables", tt.body), tt.message)
		})
	}
	for _, route := range []string{"/deliberate/observables", "/refer/observables", "/respond/observables"} {
		wantInvalid(t, ask(t.Context(), t, r, route, `{`), schema)
	}
}

func TestFormBodies(t *testing.T) {
	schema := invalid(`{"_schema": ["Invalid input type."]}`)
	for _, tt := range []struct{ route, name, body, message string }{
		{"/tiles/tile", "empty", `{}`, invalid(`{"tile_id": ["Missing data for required field."]}`)},
		{"/tiles/tile", "no such tile", `{"tile_id":"x"}`, "There is no tile x. /tiles lists them."},
		{"/tiles/tile", "unknown keys", `{"tile_id":"x","b":1,"a\"":2}`, invalid(`{"a\"": ["Unknown field."], "b": ["Unknown field."]}`)},
		{"/tiles/tile", "a long unknown key", `{"tile_id":"x","` + strings.Repeat("k", 1<<20) + `":1}`, invalid(`{"` + strings.Repeat("k", 80) + `…": ["Unknown field."]}`)},
		{"/tiles/tile-data", "no period", `{"tile_id":" "}`, invalid(`{"period": ["Missing data for required field."], "tile_id": ["Field may not be blank."]}`)},
		{"/tiles/tile-data", "no such tile", `{"tile_id":"x","period":"last_hour"}`, "There is no tile x. /tiles lists them."},
		{"/tiles/tile-data", "a list", `[]`, schema},
		{"/respond/trigger", "empty", `{}`, invalid(`{"action-id": ["Missing data for required field."], ` +
			`"observable_type": ["Missing data for required field."], "observable_value": ["Missing data for required field."]}`)},
		{"/respond/trigger", "null", `null`, schema},
		{"/respond/trigger", "truncated", `{"action-id":"add"`, schema},
		{"/respond/trigger", "more after it", `{"action-id":"add","observable_type":"ip","observable_value":"192.0.2.1"}{}`, schema},
		{"/respond/trigger", "more than 1,000 fields", fields(1001), invalid(`{"_schema": ["More than 1,000 items. Send fewer at a time."]}`)},
		{"/respond/trigger", "other keys", `{"action-id":"add","observable_type":"ip","observable_value":"192.0.2.1","severity":"High"}`, "Unsupported action."},
		{"/respond/trigger", "an unsupported type", `{"action-id":"add","observable_type":"moon","observable_value":"x"}`, "Unsupported observable type moon."},
	} {
		t.Run(tt.route+" "+tt.name, func(t *testing.T) {
			wantInvalid(t, ask(t.Context(), t, newRelay(struct{}{}), tt.route, tt.body), tt.message)
		})
	}
}

func TestManyProblemsHaveAShortMessage(t *testing.T) {
	got := ask(t.Context(), t, newRelay(judge), "/observe/observables", "["+strings.Repeat("{},", 100_000)+"{}]")
	if len(got.Errors) != 1 || len(got.raw) > 5000 || !strings.Contains(got.Errors[0].Message, `"9": {`) || strings.Contains(got.Errors[0].Message, `"10": {`) {
		t.Errorf("%d bytes: %.200s", len(got.raw), got.raw)
	}
}

// fields returns an object with n members.
func fields(n int) string {
	members := make([]string, n)
	for i := range members {
		members[i] = fmt.Sprintf(`"%d":0`, i)
	}
	return "{" + strings.Join(members, ",") + "}"
}

// A body must not use many times its size in memory.
func TestLargeBodiesAreNotDecodedWhole(t *testing.T) {
	const size = 1 << 20
	for name, body := range map[string]string{
		"empty strings":        "[" + strings.Repeat(`"",`, size/3) + `""]`,
		"empty objects":        "[" + strings.Repeat(`{},`, size/3) + `{}]`,
		"the same observable":  "[" + strings.Repeat(`{"type":"ip","value":"1"},`, size/26) + `{}]`,
		"an object of members": "[" + fields(size/12) + "]",
	} {
		t.Run(name, func(t *testing.T) {
			r := newRelay(struct{}{})
			allocations := testing.AllocsPerRun(1, func() { ask(t.Context(), t, r, "/observe/observables", body) })
			if allocations > 100_000 {
				t.Errorf("%.0f allocations", allocations)
			}
		})
	}
}

// The answer to any body is valid, and so is the JSON in its error messages.
func FuzzBody(f *testing.F) {
	for _, body := range []string{
		`[{"type":"ip","value":"192.0.2.1"}]`, `[{"type":1}]`, `[[]]`, `{}`, `[`, `[]x`, `[{"a":{"b":[]}}]`, "[{\"type\":\"\xff\"}]",
		`[{"type":"ip"}]`, `null`, `[{"TYPE":"ip","value":""}]`, `{"tile_id":"x","a\n,\"":1}`,
	} {
		f.Add(body)
	}
	r := newRelay(struct{}{})
	f.Fuzz(func(t *testing.T, body string) {
		for _, route := range []string{"/observe/observables", "/respond/trigger", "/tiles/tile-data"} {
			got := ask(t.Context(), t, r, route, body)
			if len(got.Errors) == 0 && !json.Valid([]byte(body)) {
				t.Errorf("%s accepts %q", route, body)
			}
			for _, e := range got.Errors {
				_, problems, isBody := strings.Cut(e.Message, "received. ")
				if e.Code != relay.CodeInvalidArgument || isBody && !json.Valid([]byte(strings.TrimSuffix(problems, "."))) {
					t.Errorf("%s %q: %+v", route, body, e)
				}
			}
		}
	})
}
