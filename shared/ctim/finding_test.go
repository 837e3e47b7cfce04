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

// checkValid fails the test if an entity is invalid.
func checkValid(t *testing.T, b ctim.Bundle) {
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

func TestEmptyFinding(t *testing.T) {
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
		checkValid(t, b)
		j := b.Judgements[0]
		if j.Severity != severity || j.Confidence != ctim.ConfidenceMedium || j.Priority != ctim.PriorityAutomated {
			t.Errorf("%v: %+v", disposition, j)
		}
		if want := (ctim.Between(ctim.Day(noon), ctim.Day(noon).AddDate(0, 0, ctim.ValidDays))); j.ValidTime != want {
			t.Errorf("%v: valid %v, want %v", disposition, j.ValidTime, want)
		}
		if again := f.Bundle(noon.Add(11 * time.Hour)); again.Judgements[0].ID != j.ID || again.Judgements[0].ValidTime != j.ValidTime {
			t.Error("the judgement differs later on the same day")
		}
	}
}

// No start is after its end, even if the source's times are in another order.
func TestFindingTimes(t *testing.T) {
	f := finding()
	f.Disposition, f.Since, f.Until = ctim.Suspicious, noon, noon.AddDate(0, 0, -1)
	f.Seen = []ctim.Seen{{At: noon, Until: noon.AddDate(0, 0, -1), Disposition: ctim.Malicious, ValidUntil: noon.AddDate(0, 0, -1)}}
	b := f.Bundle(noon)
	checkValid(t, b)
	for _, j := range b.Judgements {
		if j.ValidTime.Start.After(j.ValidTime.End.Time) {
			t.Errorf("valid %v", j.ValidTime)
		}
	}
	if s := b.Sightings[0].ObservedTime; s.Start.After(s.End.Time) {
		t.Errorf("observed %v", s)
	}
}

// A zero time gets the default in every zone.
func TestZeroTimes(t *testing.T) {
	zero := time.Time{}.In(time.FixedZone("", 3600))
	f := finding()
	f.Disposition, f.Since, f.Until = ctim.Suspicious, zero, zero
	f.Seen = []ctim.Seen{{At: zero, Until: zero, Disposition: ctim.Malicious, ValidUntil: zero, Key: []string{"a"}}}
	want := finding()
	want.Disposition, want.Seen = ctim.Suspicious, []ctim.Seen{{Disposition: ctim.Malicious, Key: []string{"a"}}}
	if diff := cmp.Diff(want.Bundle(noon), f.Bundle(noon)); diff != "" {
		t.Error(diff)
	}
}

// Relationships have the types and directions of CTIM.
func TestFindingRelationships(t *testing.T) {
	feed, untitled := ctim.Part{ID: "f", Title: "Feed", Feed: true, Producer: "Ann"}, ctim.Part{ID: "u"}
	pattern := ctim.Part{ID: "p", Title: "Pattern", Indicates: []ctim.Threat{{Kind: ctim.ThreatMalware, Name: "Emotet"}}}
	f := finding()
	f.Disposition, f.PartOf = ctim.Malicious, []ctim.Part{feed, untitled}
	f.Seen = []ctim.Seen{{At: noon, Title: "A"}, {At: noon, Title: "B", Disposition: ctim.Suspicious, PartOf: []ctim.Part{pattern}}}
	b := f.Bundle(noon)
	checkValid(t, b)
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

func TestFindingCount(t *testing.T) {
	for count, want := range map[int]int{-1: 1, 0: 1, 7: 7} {
		f := finding()
		f.Seen = []ctim.Seen{{Title: "Seen", Count: count}}
		b := f.Bundle(noon)
		checkValid(t, b)
		if got := b.Sightings[0].Count; got != want {
			t.Errorf("%d: got %d", count, got)
		}
	}
}

// Relations without a sighting are added to a new one.
func TestFindingRelations(t *testing.T) {
	f := finding()
	f.Relations = []ctim.Relation{{Relation: ctim.RelationResolvedTo, Source: f.Observable, Related: ctim.Observable{Type: ctim.TypeIP, Value: "192.0.2.1"}}}
	b := f.Bundle(noon)
	checkValid(t, b)
	if len(b.Sightings) != 1 || len(b.Sightings[0].Relations) != 1 || b.Sightings[0].Relations[0].Origin != "Acme Intelligence" {
		t.Errorf("sightings %+v", b.Sightings)
	}
}

// The finding's judgement is connected once to each indicator of sightings without a
// judgement.
func TestIndicatorsOfSightings(t *testing.T) {
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

func TestAdd(t *testing.T) {
	f := finding()
	parts := []ctim.Finding{
		{Reason: "knows it", Seen: []ctim.Seen{{Title: "one"}}},
		{Disposition: ctim.Suspicious, Reason: "suspects it", Page: "https://acme.example/suspects", Seen: []ctim.Seen{{Title: "two"}}},
		{Disposition: ctim.Malicious, Confidence: ctim.ConfidenceHigh, Reason: "condemns it", Page: "https://acme.example/condemned"},
		{Disposition: ctim.Malicious, Confidence: ctim.ConfidenceLow, Reason: "agrees", PartOf: []ctim.Part{{ID: "part"}}},
		{Disposition: ctim.Common, Reason: "differs", Relations: []ctim.Relation{{Relation: ctim.RelationRelatedTo}}},
	}
	for _, part := range parts {
		f.Add(part)
	}
	want := finding()
	want.Disposition, want.Confidence, want.Reason, want.Page = ctim.Malicious, ctim.ConfidenceHigh, "condemns it", "https://acme.example/condemned"
	want.Seen, want.PartOf, want.Relations = []ctim.Seen{{Title: "one"}, {Title: "two"}}, parts[3].PartOf, parts[4].Relations
	if diff := cmp.Diff(want, f); diff != "" {
		t.Error(diff)
	}
}

// Relations to an observable without a value, or of a type that CTIM lacks, are invalid.
func TestInvalidRelationsAreDropped(t *testing.T) {
	f := finding()
	domain := f.Observable
	f.Relations = []ctim.Relation{
		{Relation: ctim.RelationResolvedTo, Source: domain},
		{Relation: ctim.RelationResolvedTo, Source: domain, Related: ctim.Observable{Type: ctim.TypeIP}},
		{Relation: ctim.RelationContains, Source: ctim.Observable{Value: "https://evil.example/"}, Related: domain},
		{Relation: ctim.RelationRelatedTo, Source: domain, Related: ctim.Observable{Type: "envelope_from", Value: "eve@evil.example"}},
		{Relation: ctim.RelationResolvedTo, Source: domain, Related: ctim.Observable{Type: ctim.TypeIP, Value: "203.0.113.77"}},
	}
	b := f.Bundle(noon)
	checkValid(t, b)
	if len(b.Sightings) != 1 || len(b.Sightings[0].Relations) != 1 {
		t.Errorf("got %+v", b.Sightings)
	}
}

// URLs that aren't those of web pages are dropped.
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

// A report's TLP applies to its sighting and judgement too.
func TestFindingTLP(t *testing.T) {
	f := finding()
	f.Seen = []ctim.Seen{{At: noon, Title: "in a report", Disposition: ctim.Malicious, TLP: ctim.TLPAmber}}
	b := f.Bundle(noon)
	checkValid(t, b)
	if b.Sightings[0].TLP != ctim.TLPAmber || b.Judgements[0].TLP != ctim.TLPAmber {
		t.Errorf("sighting %q, judgement %q", b.Sightings[0].TLP, b.Judgements[0].TLP)
	}
}

// A table's texts are shown to people, so they are plain and not too long.
func TestFindingData(t *testing.T) {
	f := finding()
	f.Seen = []ctim.Seen{
		{At: noon, Data: ctim.Table{Columns: []string{"level", "source"}, Rows: [][]string{{"3", "<script>" + strings.Repeat("x", 2*ctim.LongLimit)}}}},
		{At: noon, Title: "without data"},
	}
	b := f.Bundle(noon)
	checkValid(t, b)
	raw, err := json.Marshal(b.Sightings)
	if err != nil {
		t.Fatal(err)
	}
	var got []struct {
		Data *struct {
			Columns []map[string]string
			Rows    [][]string
		}
	}
	if err := json.Unmarshal(raw, &got); err != nil {
		t.Fatal(err)
	}
	if got[1].Data != nil {
		t.Errorf("a sighting without data has %v", got[1].Data)
	}
	if diff := cmp.Diff([]map[string]string{{"name": "level", "type": "string"}, {"name": "source", "type": "string"}}, got[0].Data.Columns); diff != "" {
		t.Error(diff)
	}
	if row := got[0].Data.Rows[0]; row[0] != "3" || strings.Contains(row[1], "<script>") || len([]rune(row[1])) > ctim.LongLimit {
		t.Errorf("row %.100q", row)
	}
}

// Columns that are empty in all rows are dropped, and a table without others too.
func TestTableWithoutEmptyColumns(t *testing.T) {
	f := finding()
	f.Seen = []ctim.Seen{
		{Title: "some", Data: ctim.Table{Columns: []string{"a", "b", "c"}, Rows: [][]string{{"1", "", ""}, ctim.Row("", "", "2")}}},
		{Title: "all", Data: ctim.Table{Columns: []string{"a"}, Rows: [][]string{{""}}}},
	}
	b := f.Bundle(noon)
	checkValid(t, b)
	want := ctim.Table{Columns: []string{"a", "c"}, Rows: [][]string{{"1", ""}, {"", "2"}}}
	if diff := cmp.Diff(want, b.Sightings[0].Data); diff != "" || !b.Sightings[1].Data.IsZero() {
		t.Errorf("%s, %v", diff, b.Sightings[1].Data)
	}
}

// A device was affected when the sighting was made. One without a name is none.
func TestFindingDevice(t *testing.T) {
	f := finding()
	named := ctim.Observable{Type: ctim.TypeHostname, Value: "desktop-1"}
	f.Seen = []ctim.Seen{
		{At: noon, Until: noon.Add(time.Hour), Device: []ctim.Observable{{Type: ctim.TypeMSMachineID}, named, ctim.Address("10.0.0.1"), named, ctim.Address("fd12::1")}, OS: "Windows"},
		{At: noon, Title: "without", Device: []ctim.Observable{{Type: ctim.TypeMSMachineID}}},
	}
	b := f.Bundle(noon)
	checkValid(t, b)
	want := []ctim.Target{{
		Type: ctim.SensorEndpoint, OS: "Windows", ObservedTime: ctim.ObservedTime{Start: ctim.At(noon), End: ctim.At(noon.Add(time.Hour))},
		Observables: []ctim.Observable{named, {Type: ctim.TypeIP, Value: "10.0.0.1"}, {Type: ctim.TypeIPv6, Value: "fd12::1"}},
	}}
	if diff := cmp.Diff(want, b.Sightings[0].Targets); diff != "" || len(b.Sightings[1].Targets) > 0 {
		t.Errorf("%s, %v", diff, b.Sightings[1].Targets)
	}
}
