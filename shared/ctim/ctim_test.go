package ctim_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/serverless-relay/relay/shared/ctim"
	"github.com/serverless-relay/relay/shared/ctim/rules"
)

var (
	now   = time.Date(2026, 3, 1, 12, 0, 0, 123456789, time.UTC)
	site  = ctim.Observable{Type: ctim.TypeDomain, Value: "malware.example.com"}
	host  = ctim.Observable{Type: ctim.TypeIP, Value: "192.0.2.7"}
	month = ctim.Between(now, now.AddDate(0, 1, 0))
)

// everything returns one entity of each kind, with all fields set.
func everything() ctim.Bundle {
	base := func(kind string) ctim.Base {
		return ctim.Base{
			ID:                 ctim.NewID(kind, "1"),
			ExternalIDs:        []string{ctim.NewExternalID("example", kind, "1")},
			ExternalReferences: []ctim.ExternalReference{{SourceName: "ATT&CK", ExternalID: "T1566", URL: "https://attack.mitre.org/techniques/T1566", Description: "Phishing"}},
			Source:             "example", SourceURI: "https://example.com", TLP: ctim.TLPAmber, Language: "en", Revision: 1, Timestamp: ctim.At(now),
		}
	}
	text := ctim.Text{Title: "t", ShortDescription: "s", Description: "d"}
	required := ctim.RequiredText{Title: "t", ShortDescription: "s", Description: "d"}
	chain := []ctim.KillChainPhase{{Phase: ctim.PhaseDelivery}}
	seen := ctim.ObservedTime{Start: ctim.At(now), End: ctim.At(now)}
	judgement := ctim.Judgement{Base: base("judgement"), Observable: site, Disposition: ctim.Malicious, Severity: ctim.SeverityHigh,
		Confidence: ctim.ConfidenceLow, Priority: ctim.PriorityCurated, ValidTime: month, Reason: "r", ReasonURI: "https://example.com/r"}
	indicator := ctim.Indicator{Base: base("indicator"), Text: text, Producer: "p", ValidTime: month, Severity: ctim.SeverityInfo, Confidence: ctim.ConfidenceHigh,
		IndicatorTypes: []ctim.IndicatorType{ctim.IndicatorDomainWatchlist}, LikelyImpact: "bad", Tags: []ctim.ShortString{"tag"}, KillChain: chain,
		Composite: &ctim.Composite{Operator: "and", IndicatorIDs: ctim.List[ctim.ID]{ctim.NewID("indicator", "2")}}}
	verdict, _ := ctim.Decide(site, []ctim.Judgement{judgement}, now)
	return ctim.Bundle{
		Verdicts:   []ctim.Verdict{verdict},
		Judgements: []ctim.Judgement{judgement},
		Sightings: []ctim.Sighting{{Base: base("sighting"), Text: text, Confidence: ctim.ConfidenceHigh, Count: 3, ObservedTime: seen,
			Observables: []ctim.Observable{site}, Severity: ctim.SeverityLow, Sensor: ctim.SensorNetworkFirewall, Internal: true, Resolution: ctim.ResolutionBlocked,
			Targets:   []ctim.Target{{Type: ctim.SensorEndpointLaptop, Observables: ctim.List[ctim.Observable]{{Type: ctim.TypeHostname, Value: "ann"}}, ObservedTime: seen, OS: "plan9"}},
			Relations: []ctim.Relation{{Origin: "example", OriginURI: "https://example.com", Relation: ctim.RelationResolvedTo, Source: site, Related: host}}}},
		Indicators:     []ctim.Indicator{indicator},
		Relationships:  []ctim.Relationship{ctim.Relate(judgement.ID, ctim.ElementOf, indicator.ID)},
		AttackPatterns: []ctim.AttackPattern{{Base: base("attack-pattern"), RequiredText: required, KillChain: chain, Platforms: []ctim.ShortString{"linux"}}},
		Malwares:       []ctim.Malware{{Base: base("malware"), RequiredText: required, Labels: ctim.List[ctim.MalwareLabel]{ctim.MalwareBackdoor}, Aliases: []ctim.ShortString{"a"}, KillChain: chain}},
		Tools:          []ctim.Tool{{Base: base("tool"), RequiredText: required, Labels: ctim.List[ctim.ToolLabel]{ctim.ToolRemoteAccess}, Aliases: []ctim.ShortString{"a"}, KillChain: chain, Version: "1"}},
		Actors:         []ctim.Actor{{Base: base("actor"), RequiredText: required, ValidTime: month, ActorTypes: []ctim.ActorType{ctim.ActorHacktivist}, Aliases: []ctim.ShortString{"a"}, Confidence: ctim.ConfidenceNone}},
		Campaigns:      []ctim.Campaign{{Base: base("campaign"), RequiredText: required, CampaignType: "phishing", ValidTime: month, Names: []ctim.ShortString{"n"}, Confidence: ctim.ConfidenceInfo}},
		Vulnerabilities: []ctim.Vulnerability{{Base: base("vulnerability"), RequiredText: required, CVE: &ctim.CVE{Meta: ctim.CVEMeta{ID: "CVE-2023-5631", Assigner: "mitre"}},
			Published: ctim.At(now), Modified: ctim.At(now)}},
		IdentityAssertions: []ctim.IdentityAssertion{{Base: base("identity-assertion"), Identity: ctim.Identity{Observables: ctim.List[ctim.Observable]{host}},
			Assertions: ctim.List[ctim.Assertion]{{Name: "cisco:ctr:device:owner", Value: "ann"}}, ValidTime: month}},
	}
}

func entities(b ctim.Bundle) []json.RawMessage {
	var all []json.RawMessage
	add := func(list any) {
		raw, _ := json.Marshal(list)
		var docs []json.RawMessage
		_ = json.Unmarshal(raw, &docs)
		all = append(all, docs...)
	}
	for _, list := range []any{b.Verdicts, b.Judgements, b.Sightings, b.Indicators, b.Relationships, b.AttackPatterns, b.Malwares, b.Tools, b.Actors, b.Campaigns, b.Vulnerabilities, b.IdentityAssertions} {
		add(list)
	}
	return all
}

func TestEveryKindIsValid(t *testing.T) {
	all := entities(everything())
	if len(all) != 12 {
		t.Fatalf("%d entities, want one of each of 12 kinds", len(all))
	}
	for _, e := range all {
		for _, p := range rules.Entity(e) {
			t.Errorf("%s in %s", p, e)
		}
	}
}

// Entities with only the required fields must be valid: required lists and texts are
// written even if they are empty.
func TestRequiredFieldsAreEnough(t *testing.T) {
	id := ctim.Base{ID: ctim.NewID("x", "y"), Source: "s"}
	for _, e := range []any{
		ctim.Malware{Base: id}, ctim.Tool{Base: id}, ctim.Actor{Base: id}, ctim.AttackPattern{Base: id}, ctim.Campaign{Base: id},
		ctim.Vulnerability{Base: id}, ctim.IdentityAssertion{Base: id}, ctim.Indicator{Base: id},
		ctim.Sighting{Base: id, Confidence: ctim.ConfidenceHigh, ObservedTime: ctim.ObservedTime{Start: ctim.At(now)}},
	} {
		raw, err := json.Marshal(e)
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range rules.Errors(rules.Entity(raw)) {
			t.Errorf("%s in %s", p, raw)
		}
	}
}

func TestLongTextsAreCut(t *testing.T) {
	long := strings.Repeat("é", 6000)
	raw, err := json.Marshal(ctim.Malware{RequiredText: ctim.RequiredText{
		Title: ctim.ShortString(long), ShortDescription: ctim.MedString(long), Description: ctim.LongString(long)}})
	if err != nil {
		t.Fatal(err)
	}
	var got map[string]any
	if err := json.Unmarshal(raw, &got); err != nil {
		t.Fatal(err)
	}
	for field, limit := range map[string]int{"title": 1024, "short_description": 2048, "description": 5000} {
		text := got[field].(string)
		if utf8.RuneCountInString(text) != limit || !strings.HasSuffix(text, "é…") {
			t.Errorf("%s: %d characters ending in %q, want %d ending in an ellipsis", field, utf8.RuneCountInString(text), text[len(text)-5:], limit)
		}
	}
	exact := strings.Repeat("é", 1024)
	if got, _ := ctim.ShortString(exact).MarshalText(); string(got) != exact {
		t.Error("a text of exactly the limit was changed")
	}
}

func TestIDsComeFromContent(t *testing.T) {
	// A change of this value changes every id that the platform has seen.
	if got, want := ctim.NewID("judgement", "a", "b"), ctim.ID("transient:judgement-149c587e-e911-5925-ad41-ab2f7b488841"); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	different := []ctim.ID{ctim.NewID("judgement", "ab", "c"), ctim.NewID("judgement", "a", "bc"), ctim.NewID("sighting", "ab", "c"), ctim.NewID("judgement", "abc")}
	seen := map[ctim.ID]bool{}
	for _, id := range different {
		if seen[id] {
			t.Errorf("two contents have the id %s", id)
		}
		seen[id] = true
	}
}

func TestTimesAreUTCWithMilliseconds(t *testing.T) {
	zone := time.FixedZone("CET", 3600)
	raw, _ := json.Marshal(ctim.Between(time.Date(2026, 1, 2, 3, 4, 5, 999999999, zone), ctim.Forever().Time))
	want := `{"start_time":"2026-01-02T02:04:05.999Z","end_time":"2525-01-01T00:00:00.000Z"}`
	if string(raw) != want {
		t.Errorf("got %s, want %s", raw, want)
	}
	if v := ctim.Between(now.Add(time.Hour), now); v.Start.After(v.End.Time) {
		t.Error("start is after end")
	}
}

func TestDecide(t *testing.T) {
	judge := func(id string, d ctim.Disposition, priority int, valid ctim.ValidTime) ctim.Judgement {
		return ctim.Judgement{Base: ctim.Base{ID: ctim.ID(id)}, Observable: site, Disposition: d, Priority: priority, ValidTime: valid}
	}
	expired := ctim.Between(now.AddDate(-1, 0, 0), now)
	future := ctim.Between(now.Add(time.Second), now.AddDate(1, 0, 0))
	year := ctim.Between(now, now.AddDate(1, 0, 0))
	other := judge("other", ctim.Malicious, 100, month)
	other.Observable = host

	tests := []struct {
		name       string
		judgements []ctim.Judgement
		want       ctim.ID
	}{
		{"none", nil, ""},
		{"another observable's", []ctim.Judgement{other}, ""},
		{"expired", []ctim.Judgement{judge("a", ctim.Malicious, 100, expired)}, ""},
		{"not yet valid", []ctim.Judgement{judge("a", ctim.Malicious, 100, future)}, ""},
		{"without an end", []ctim.Judgement{judge("a", ctim.Malicious, 90, ctim.ValidTime{})}, "a"},
		{"priority before disposition", []ctim.Judgement{judge("a", ctim.Clean, 90, month), judge("b", ctim.Unknown, 95, month)}, "b"},
		{"expired priority does not count", []ctim.Judgement{judge("a", ctim.Clean, 90, month), judge("b", ctim.Malicious, 95, expired)}, "a"},
		{"clean beats malicious", []ctim.Judgement{judge("a", ctim.Malicious, 95, month), judge("b", ctim.Clean, 95, month)}, "b"},
		{"malicious beats suspicious", []ctim.Judgement{judge("a", ctim.Suspicious, 95, month), judge("b", ctim.Malicious, 95, month)}, "b"},
		{"suspicious beats common", []ctim.Judgement{judge("a", ctim.Common, 95, month), judge("b", ctim.Suspicious, 95, month)}, "b"},
		{"common beats unknown", []ctim.Judgement{judge("a", ctim.Unknown, 95, month), judge("b", ctim.Common, 95, month)}, "b"},
		{"longer valid", []ctim.Judgement{judge("a", ctim.Malicious, 95, month), judge("b", ctim.Malicious, 95, year)}, "b"},
		{"without an end beats any end", []ctim.Judgement{judge("a", ctim.Malicious, 95, year), judge("b", ctim.Malicious, 95, ctim.ValidTime{})}, "b"},
		{"lower id", []ctim.Judgement{judge("b", ctim.Malicious, 95, month), judge("a", ctim.Malicious, 95, month)}, "a"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			for range 2 { // the order must not matter
				got, ok := ctim.Decide(site, tt.judgements, now)
				if got.JudgementID != tt.want || ok != (tt.want != "") {
					t.Errorf("got %q, %v; want %q", got.JudgementID, ok, tt.want)
				}
				for i, j := 0, len(tt.judgements)-1; i < j; i, j = i+1, j-1 {
					tt.judgements[i], tt.judgements[j] = tt.judgements[j], tt.judgements[i]
				}
			}
		})
	}
}

func TestMergeDropsDuplicates(t *testing.T) {
	one := everything()
	if got, want := len(entities(ctim.Merge(one, one, ctim.Bundle{}))), 12; got != want {
		t.Errorf("%d entities, want %d", got, want)
	}
}

func TestNewest(t *testing.T) {
	var b ctim.Bundle
	indicator := ctim.Indicator{Base: ctim.Base{ID: "indicator"}}
	for i := range 5 {
		at := ctim.Between(now.AddDate(0, 0, i), now.AddDate(1, 0, 0))
		j := ctim.Judgement{Base: ctim.Base{ID: ctim.ID(fmt.Sprint("j", i))}, ValidTime: at}
		m := ctim.Malware{Base: ctim.Base{ID: ctim.ID(fmt.Sprint("m", i))}}
		b.Judgements = append(b.Judgements, j)
		b.Malwares = append(b.Malwares, m)
		b.Relationships = append(b.Relationships, ctim.Relate(j.ID, ctim.ElementOf, indicator.ID), ctim.Relate(j.ID, ctim.RelatedTo, m.ID))
	}
	b.Indicators = []ctim.Indicator{indicator}
	b.Verdicts = []ctim.Verdict{{Observable: site, JudgementID: "j0"}}

	kept := b.Newest(2)
	if got := fmt.Sprintf("%s %s %d", kept.Judgements[0].ID, kept.Judgements[1].ID, len(kept.Judgements)); got != "j0 j3 3" {
		t.Errorf("judgements: %s, want that of the verdict and the two newest", got)
	}
	if len(kept.Relationships) != 6 || len(kept.Malwares) != 3 || len(kept.Indicators) != 1 || len(kept.Verdicts) != 1 {
		t.Errorf("kept %d relationships, %d malwares, %d indicators, %d verdicts; want 6, 3, 1, 1",
			len(kept.Relationships), len(kept.Malwares), len(kept.Indicators), len(kept.Verdicts))
	}
	if diff := cmp.Diff(b, b.Newest(5)); diff != "" {
		t.Errorf("cut within the limit: %s", diff)
	}
	if len(b.Judgements) != 5 || len(b.Relationships) != 10 {
		t.Error("Newest changed the bundle")
	}
}

// Newest keeps the indicators of the judgements that it keeps.
func TestNewestKeepsIndicatorsOfJudgements(t *testing.T) {
	var b ctim.Bundle
	for i, day := range []int{0, 9, 5} {
		j := ctim.Judgement{Base: ctim.Base{ID: ctim.ID(fmt.Sprint("j", i))}, ValidTime: ctim.Between(now.AddDate(0, 0, day), now.AddDate(1, 0, 0))}
		in := ctim.Indicator{Base: ctim.Base{ID: ctim.ID(fmt.Sprint("i", i))}}
		b.Judgements, b.Indicators = append(b.Judgements, j), append(b.Indicators, in)
		b.Relationships = append(b.Relationships, ctim.Relate(j.ID, ctim.ElementOf, in.ID))
	}
	kept := b.Newest(1)
	if kept.Judgements[0].ID != "j1" || kept.Indicators[0].ID != "i1" || len(kept.Relationships) != 1 {
		t.Errorf("kept %v, %v, %v", kept.Judgements, kept.Indicators, kept.Relationships)
	}
}

func ExampleDecide() {
	valid := ctim.Between(now.AddDate(0, 0, -1), now.AddDate(0, 0, 30))
	verdict, _ := ctim.Decide(site, []ctim.Judgement{
		{Base: ctim.Base{ID: "feed"}, Observable: site, Disposition: ctim.Malicious, Priority: ctim.PriorityAutomated, ValidTime: valid},
		{Base: ctim.Base{ID: "analyst"}, Observable: site, Disposition: ctim.Clean, Priority: ctim.PriorityHuman, ValidTime: valid},
	}, now)
	fmt.Println(verdict.Disposition, "by the", verdict.JudgementID)
	// Output: Clean by the analyst
}
