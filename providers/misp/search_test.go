package misp

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/serverless-relay/relay/shared/mispevent"
)

// Results are read in every wrapping. What is not a list of results is an error
// and not an empty list.
func TestUnwrap(t *testing.T) {
	for text, want := range map[string]int{
		`{"response": [X, X]}`: 2,
		`{"response": X}`:      1,
		`[X]`:                  1,
		`[{"response": [X]}]`:  1,
		`X`:                    1,
		`{"response": [X, {"xml_version": "2.4.70"}]}`: 1,
		`{"response": []}`:    0,
		`{"response": {}}`:    0,
		`{"response": null}`:  0,
		`[]`:                  0,
		`[null, 1, {"x": 2}]`: 0,
		`{"response": [{"Event": null, "Attribute": null}]}`:      0,
		`{"response": "Query failed", "more": [1]}`:               -1,
		`{"response": {"errors": [{"value": ["Query failed"]}]}}`: -1,
		`{"response": 3}`:          -1,
		`{"message": "Not found"}`: -1,
		`{}`:                       -1,
		`null`:                     -1,
		`"OK"`:                     -1,
		strings.Repeat("[", 20) + "X" + strings.Repeat("]", 20): -1,
	} {
		var a attributes
		a.events = map[string]*mispevent.Event{}
		err := json.Unmarshal([]byte(strings.ReplaceAll(text, "X", `{"Attribute": [{"event_id": 7, "value": "a.example"}]}`)), &a)
		if (err != nil) != (want < 0) || err == nil && (len(a.matches) != want || a.count != want) {
			t.Errorf("%s: %d attributes, %v", text, len(a.matches), err)
		}
		for _, m := range a.matches {
			if m.event.ID != "7" || m.event != a.matches[0].event || m.attribute.Value != "a.example" {
				t.Errorf("%s: %+v", text, m)
			}
		}
		e := events{keep: func(a *mispevent.Attribute) bool { return a.Type == "domain" }}
		err = json.Unmarshal([]byte(strings.ReplaceAll(text, "X", `{"Event": {"uuid": "u", "Attribute": {"1": {"type": "domain"}, "4": {"type": "text"}}}}`)), &e)
		if (err != nil) != (want < 0) || err == nil && len(e.all) != want {
			t.Errorf("%s: %d events, %v", text, len(e.all), err)
		}
		for _, event := range e.all {
			if event.UUID != "u" || len(event.Attributes) != 1 {
				t.Errorf("%s: %+v", text, event)
			}
		}
	}
}

func TestAddedSighting(t *testing.T) {
	for text, want := range map[string]string{
		`{"Sighting": {"id": "1"}}`:                       "",
		`{"id": "1", "type": "0"}`:                        "",
		`{"saved": true, "success": "1 sighting added."}`: "",
		`{"message": "Sighting added"}`:                   "",
		`{"message": "Could not add the Sighting."}`:      "Could not add the Sighting.",
		`{"saved": false, "name": "No", "message": ""}`:   "No",
		`{}`: "no reason given",
	} {
		var got addedSighting
		if err := json.Unmarshal([]byte(text), &got); err != nil || got.refusal != want {
			t.Errorf("%s: %q, %v", text, got.refusal, err)
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
		if diff := cmp.Diff(want, explain([]byte(text))); diff != "" {
			t.Errorf("%s: %s", text, diff)
		}
	}
}
