package check

import "testing"

func TestComplaint(t *testing.T) {
	for got, want := range map[string]bool{
		`Invalid JSON payload received. {"0": {"value": ["Unknown field."]}}.`:               true,
		`Invalid JSON payload received. {"0": {"value": ["Another.", "Unknown field."]}}.`:   true,
		`Invalid JSON payload received. {"0": {"value": ["Unknown field."]}}`:                false,
		`Invalid JSON payload received. {"0": {"value": ["Unknown field."]}}..`:              false,
		`Invalid JSON payload received. {"1": {"value": ["Unknown field."]}}.`:               false,
		`Invalid JSON payload received. {"0": {"value": "Unknown field."}}.`:                 false,
		`Invalid JSON payload received. ["Unknown field."].`:                                 false,
		`{"0": {"value": ["Unknown field."]}}.`:                                              false,
		`Invalid JSON payload received. {"0": {"value": ["Unknown field."]}}. And more.`:     false,
		`Invalid JSON payload received. {"0": {"value": ["Unknown field."]}} {"0": "more"}.`: false,
	} {
		if complaint(unknown, "0", "value").matches(got) != want {
			t.Errorf("%s: want %v", got, want)
		}
	}
	for got, want := range map[string]bool{
		`Invalid JSON payload received. {"_schema": ["Unknown field."]}.`: true,
		`Invalid JSON payload received. {"_schema": ["Another."]}.`:       false,
		`Invalid JSON payload received. {"_schema": ["Unknown field."]}`:  false,
	} {
		if complaint(unknown).matches(got) != want {
			t.Errorf("anywhere, %s: want %v", got, want)
		}
	}
}
