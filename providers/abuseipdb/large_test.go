//go:build !race

package abuseipdb

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/serverless-relay/relay/shared/ctim"
	"github.com/serverless-relay/relay/shared/relaytest"
)

func TestLargeListsAreCutToTheNewest(t *testing.T) {
	for limit, want := range map[string]int{"": 100, "10": 10, "1": 1, "5000": 1000} {
		claims := map[string]any{"key": "s3cr3t-key", "CTR_ENTITIES_LIMIT": limit}
		a := serve(t, relaytest.Options{Claims: claims}, list(1000)).Ask(t, "/observe/observables", reported)
		var got, wanted []string
		for _, s := range a.Docs(t, "sightings") {
			got = append(got, s["description"].(string))
		}
		for i := range want {
			wanted = append(wanted, fmt.Sprint(i))
		}
		// AbuseIPDB's own judgement and the categories come beside the reports.
		if judged := len(a.Docs(t, "judgements")); judged != want+1 || len(a.Docs(t, "indicators")) < 2 {
			t.Errorf("limit %s: %d judgements, %d indicators", limit, judged, len(a.Docs(t, "indicators")))
		}
		if diff := cmp.Diff(wanted, got); diff != "" || len(a.Errors) > 0 {
			t.Errorf("limit %s: %s, errors %v", limit, diff, a.Errors)
		}
	}
}

// Of many observables each has its share, and the caller is told.
func TestLargeAnswersAreShared(t *testing.T) {
	for _, tt := range []struct {
		observables, want int
		warning           string
	}{{100, 15, "warning invalid argument"}, {75, 20, ""}, {1, 20, ""}} {
		a := serve(t, relaytest.Options{}, list(20)).Ask(t, "/observe/observables", relaytest.Many(ctim.TypeIP, tt.observables)...)
		if got := len(a.Docs(t, "sightings")); got != tt.want*tt.observables || a.Codes() != tt.warning {
			t.Errorf("%+v: %d sightings, %v", tt, got, a.Errors)
		}
	}
}
