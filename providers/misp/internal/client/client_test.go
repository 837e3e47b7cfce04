package client

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/serverless-relay/relay/shared/misp"
)

func TestEventsAreReadInEveryWrapping(t *testing.T) {
	const event = `{"Event": {"uuid": "u", "Attribute": [{"type": "domain", "value": "a.example"}, {"type": "text", "value": "b"}]}}`
	for text, want := range map[string]int{
		`{"response": [` + event + `, ` + event + `]}`: 2,
		`{"response": ` + event + `}`:                  1,
		`[` + event + `]`:                              1,
		`[{"response": [` + event + `]}]`:              1,
		event:                                          1,
		`{"response": []}`:                             0,
		`{"response": null}`:                           0,
		`{"response": "none", "more": [1]}`:            0,
		`[]`:                                           0,
		`[null, 1, {"x": 2}]`:                          0,
		`{"response": [{"Event": null}]}`:              1,
		`{"message": "Not found"}`:                     -1,
		`{}`:                                           -1,
		`"OK"`:                                         -1,
		strings.Repeat("[", 20) + event + strings.Repeat("]", 20): 0,
	} {
		found := events{keep: func(a misp.Attribute) bool { return a.Type == "domain" }}
		err := json.Unmarshal([]byte(text), &found)
		if (err != nil) != (want < 0) || err == nil && len(found.all) != want {
			t.Errorf("%s: %d events, %v", text, len(found.all), err)
		}
		for _, e := range found.all {
			if e.UUID != "" && (e.UUID != "u" || len(e.Attributes) != 1) {
				t.Errorf("%s: %+v", text, e)
			}
		}
	}
}

func TestAdded(t *testing.T) {
	for text, want := range map[string]string{
		`{"Sighting": {"id": "1"}}`:                       "",
		`{"id": "1", "type": "0"}`:                        "",
		`{"saved": true, "success": "1 sighting added."}`: "",
		`{"message": "Could not add the Sighting."}`:      "Could not add the Sighting.",
		`{"saved": false, "name": "No", "message": ""}`:   "No",
		`{}`: "no reason given",
	} {
		var got added
		if err := json.Unmarshal([]byte(text), &got); err != nil || got.refused != want {
			t.Errorf("%s: %q, %v", text, got.refused, err)
		}
	}
}

func TestExplain(t *testing.T) {
	for text, want := range map[string]string{
		`{"name": "A", "message": "B", "url": "/x"}`: "B",
		`{"name": "A"}`:  "A",
		`{"message": 5}`: "5",
		`<html>`:         "",
		``:               "",
		`["a"]`:          "",
	} {
		if diff := cmp.Diff(want, Explain([]byte(text))); diff != "" {
			t.Errorf("%s: %s", text, diff)
		}
	}
}
