package ctim_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/serverless-relay/relay/shared/ctim"
)

// The finding's judgement belongs to the indicators of all sightings that have
// none of their own, once to each.
func TestWhatASightingIsPartOf(t *testing.T) {
	family, report := ctim.Part{ID: "family", Title: "A family"}, ctim.Part{ID: "report", Title: "A report"}
	b := ctim.Finding{
		Provider:    "example",
		Observable:  ctim.Observable{Type: ctim.TypeDomain, Value: "a.example.com"},
		Disposition: ctim.Malicious,
		Seen: []ctim.Seen{
			{Title: "first", PartOf: []ctim.Part{family}},
			{Title: "second", PartOf: []ctim.Part{family}},
			{Title: "reported", Disposition: ctim.Suspicious, PartOf: []ctim.Part{report}},
		},
	}.Bundle(time.Date(2026, 1, 15, 9, 30, 0, 0, time.UTC))

	names := map[ctim.ID]string{}
	for _, j := range b.Judgements {
		names[j.ID] = j.Disposition.String()
	}
	for _, s := range b.Sightings {
		names[s.ID] = string(s.Title)
		if got := s.ObservedTime.Start.String(); got != "2026-01-15T00:00:00.000Z" {
			t.Errorf("%s: seen at %s", s.Title, got)
		}
	}
	for _, i := range b.Indicators {
		names[i.ID] = string(i.Title)
	}
	var got []string
	for _, r := range b.Relationships {
		got = append(got, names[r.SourceRef]+" "+string(r.RelationshipType)+" "+names[r.TargetRef])
	}
	want := []string{
		"Malicious based-on A family", "first sighting-of A family", "second sighting-of A family",
		"Suspicious based-on A report", "reported sighting-of A report",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}
