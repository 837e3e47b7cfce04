package graylog

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/serverless-relay/relay/shared/relaytest"
)

// What another relay answered to the same answers of Graylog lies in a folder "shared"
// beside the checkout.
func TestRecorded(t *testing.T) {
	raw, err := os.ReadFile("../../../shared/data/recorded/graylog.json")
	if err != nil {
		t.Skip("the recorded answers are not here")
	}
	var recorded struct {
		Cases []struct {
			Test, Route string
			Request     json.RawMessage
			ThirdParty  []struct {
				Status int
				Answer json.RawMessage
				Body   struct {
					Queries []struct {
						ID          string
						SearchTypes []struct{ ID string } `json:"search_types"`
					}
				}
			} `json:"third_party"`
			Expected relaytest.Answer
		}
	}
	if err := json.Unmarshal(raw, &recorded); err != nil {
		t.Fatal(err)
	}
	for _, c := range recorded.Cases {
		t.Run(c.Test, func(t *testing.T) {
			r := relaytest.Serve(t, Provider, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				third := c.ThirdParty[0]
				answer := []byte(third.Answer)
				if c.Route == "/health" {
					answer = []byte(answerWith("0")) // the other relay checked with another call
				}
				for _, q := range third.Body.Queries {
					answer = bytes.ReplaceAll(answer, []byte(q.ID), []byte(queryID))
					answer = bytes.ReplaceAll(answer, []byte(q.SearchTypes[0].ID), []byte(messagesID))
				}
				w.WriteHeader(third.Status)
				_, _ = w.Write(answer)
			}), relaytest.Options{Claims: map[string]any{"host": "host", "username": "s3cr3t-username", "password": "s3cr3t-password"}})
			got := r.Post(t.Context(), t, c.Route, c.Request)
			if got.Codes() != c.Expected.Codes() {
				t.Errorf("got %s, want %s", got.Codes(), c.Expected.Codes())
			}
			switch c.Route {
			case "/refer/observables":
				if !strings.Contains(string(got.Data), "https://host/search?") {
					t.Errorf("got %s", got.Data)
				}
			case "/observe/observables":
				if diff := cmp.Diff(summaries(t, c.Expected), summaries(t, got)); diff != "" {
					t.Error(diff)
				}
			}
		})
	}
}

// summaries describes the sightings of an answer, except for ids, the end of the time,
// the short description and the order of the columns.
func summaries(t *testing.T, a relaytest.Answer) []string {
	t.Helper()
	var all []string
	for _, d := range a.Docs(t, "sightings") {
		fields := map[string]any{}
		data := d["data"].(map[string]any)
		for i, column := range data["columns"].([]any) {
			fields[column.(map[string]any)["name"].(string)] = data["rows"].([]any)[0].([]any)[i]
		}
		all = append(all, fmt.Sprint(d["title"], d["source"], d["source_uri"], d["confidence"], d["count"], d["internal"], d["observables"], d["relations"],
			d["observed_time"].(map[string]any)["start_time"], strings.ReplaceAll(d["description"].(string), " \n", "\n"), fields))
	}
	return all
}
