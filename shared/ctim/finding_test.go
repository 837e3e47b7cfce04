package ctim_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/serverless-relay/relay/shared/ctim"
	"github.com/serverless-relay/relay/shared/ctim/rules"
)

var noon = time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)

func finding() ctim.Finding {
	return ctim.Finding{
		Provider: "acme", Source: "Acme Intelligence", Page: "https://acme.example/evil.example",
		Observable: ctim.Observable{Type: ctim.TypeDomain, Value: "evil.example"},
	}
}

// valid fails the test unless all entities are.
func valid(t *testing.T, b ctim.Bundle) {
	t.Helper()
	check := func(entity any) {
		raw, err := json.Marshal(entity)
		if err != nil {
			t.Fatal(err)
		}
		for _, problem := range rules.Entity(raw) {
			t.Errorf("%s in %s", problem, raw)
		}
	}
	for _, e := range b.Judgements {
		check(e)
	}
	for _, e := range b.Sightings {
		check(e)
	}
	for _, e := range b.Indicators {
		check(e)
	}
	for _, e := range b.Relationships {
		check(e)
	}
	for _, e := range b.Malwares {
		check(e)
	}
}

func TestAFindingThatSaysNothing(t *testing.T) {
	if diff := cmp.Diff(ctim.Bundle{}, finding().Bundle(noon)); diff != "" {
		t.Error(diff)
	}
}

func TestFindingDefaults(t *testing.T) {
	for disposition, severity := range map[ctim.Disposition]ctim.Severity{
		ctim.Malicious: ctim.SeverityHigh, ctim.Suspicious: ctim.SeverityMedium, ctim.Common: ctim.SeverityInfo,
		ctim.Clean: ctim.SeverityNone, ctim.Unknown: ctim.SeverityUnknown,
	} {
		f := finding()
		f.Disposition, f.Reason = disposition, "Score 87 of 100"
		b := f.Bundle(noon)
		valid(t, b)
		j := b.Judgements[0]
		if j.Severity != severity || j.Confidence != ctim.ConfidenceMedium || j.Priority != ctim.PriorityAutomated {
			t.Errorf("%v: %+v", disposition, j)
		}
		if want := (ctim.Between(ctim.Day(noon), ctim.Day(noon).AddDate(0, 0, ctim.ValidDays))); j.ValidTime != want {
			t.Errorf("%v: valid %v, want %v", disposition, j.ValidTime, want)
		}
		if again := f.Bundle(noon.Add(11 * time.Hour)); again.Judgements[0].ID != j.ID || again.Judgements[0].ValidTime != j.ValidTime {
			t.Error("another answer later on the same day")
		}
	}
}

// Times that a source mixes up stay in order, and a judgement ends.
func TestFindingTimes(t *testing.T) {
	f := finding()
	f.Disposition, f.Since, f.Until = ctim.Suspicious, noon, noon.AddDate(0, 0, -1)
	f.Seen = []ctim.Seen{{At: noon, Until: noon.AddDate(0, 0, -1), Disposition: ctim.Malicious, ValidUntil: noon.AddDate(0, 0, -1)}}
	b := f.Bundle(noon)
	valid(t, b)
	for _, j := range b.Judgements {
		if j.ValidTime.Start.After(j.ValidTime.End.Time) {
			t.Errorf("valid %v", j.ValidTime)
		}
	}
	if s := b.Sightings[0].ObservedTime; s.Start.After(s.End.Time) {
		t.Errorf("observed %v", s)
	}
}

// What belongs together is connected in the directions that CTIM has.
func TestFindingRelationships(t *testing.T) {
	feed := ctim.Part{ID: "f", Title: "Feed", Feed: true, Producer: "Ann"}
	pattern := ctim.Part{ID: "p", Title: "Pattern", Indicates: []ctim.Threat{{Kind: ctim.ThreatMalware, Name: "Emotet"}}}
	f := finding()
	f.Disposition, f.PartOf = ctim.Malicious, []ctim.Part{feed}
	f.Seen = []ctim.Seen{{At: noon, Title: "A"}, {At: noon, Title: "B", Disposition: ctim.Suspicious, PartOf: []ctim.Part{pattern}}}
	b := f.Bundle(noon)
	valid(t, b)
	names := map[ctim.ID]string{}
	for _, j := range b.Judgements {
		names[j.ID] = "judgement " + j.Disposition.String()
	}
	for _, s := range b.Sightings {
		names[s.ID] = "sighting " + string(s.Title)
	}
	for _, i := range b.Indicators {
		names[i.ID] = string(i.Title)
	}
	for _, m := range b.Malwares {
		names[m.ID] = string(m.Title)
	}
	var got []string
	for _, r := range b.Relationships {
		got = append(got, names[r.SourceRef]+" "+string(r.RelationshipType)+" "+names[r.TargetRef])
	}
	slices.Sort(got)
	want := []string{
		"Pattern indicates Emotet",
		"judgement Malicious element-of Feed",
		"judgement Suspicious based-on Pattern",
		"judgement Suspicious element-of Feed",
		"sighting A member-of Feed",
		"sighting B member-of Feed",
		"sighting B sighting-of Pattern",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if len(b.Indicators) != 2 || b.Indicators[0].Producer != "Ann" || b.Indicators[1].Producer != "Acme Intelligence" {
		t.Errorf("indicators %+v", b.Indicators)
	}
}

// Relations alone make a sighting, for they stand in one.
func TestFindingRelations(t *testing.T) {
	f := finding()
	f.Relations = []ctim.Relation{{Relation: ctim.RelationResolvedTo, Source: f.Observable, Related: ctim.Observable{Type: ctim.TypeIP, Value: "192.0.2.1"}}}
	b := f.Bundle(noon)
	valid(t, b)
	if len(b.Sightings) != 1 || len(b.Sightings[0].Relations) != 1 || b.Sightings[0].Relations[0].Origin != "Acme Intelligence" {
		t.Errorf("sightings %+v", b.Sightings)
	}
}

// Only web pages are linked.
func TestFindingURLs(t *testing.T) {
	f := finding()
	f.Page, f.Disposition = "javascript:alert(1)", ctim.Malicious
	f.Seen = []ctim.Seen{{At: noon, URL: "data:text/html,x", PartOf: []ctim.Part{{ID: "1", URL: "file:///etc/passwd",
		Indicates: []ctim.Threat{{Kind: ctim.ThreatMalware, Name: "x", URL: "//x"}}}}}}
	raw, err := json.Marshal(f.Bundle(noon))
	if err != nil {
		t.Fatal(err)
	}
	for _, bad := range []string{"javascript:", "data:", "file:", `"//x"`} {
		if strings.Contains(string(raw), bad) {
			t.Errorf("%s in %s", bad, raw)
		}
	}
}
