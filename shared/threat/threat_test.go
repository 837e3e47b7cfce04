package threat_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/serverless-relay/relay/shared/ctim"
	"github.com/serverless-relay/relay/shared/ctim/rules"
	"github.com/serverless-relay/relay/shared/threat"
)

func TestNamed(t *testing.T) {
	for _, tt := range []struct {
		kind     threat.Kind
		text     string
		name, id string
		page     string
	}{
		{threat.AttackPattern, "Phishing - T1566", "Phishing", "T1566", "https://attack.mitre.org/techniques/T1566/"},
		{threat.AttackPattern, "T1566.002: Spearphishing Link", "Spearphishing Link", "T1566.002", "https://attack.mitre.org/techniques/T1566/002/"},
		{threat.AttackPattern, " T1566 ", "T1566", "T1566", "https://attack.mitre.org/techniques/T1566/"},
		{threat.AttackPattern, "AT1566", "AT1566", "", ""},
		{threat.Actor, "APT28 - G0007", "APT28", "G0007", "https://attack.mitre.org/groups/G0007/"},
		{threat.Malware, "Zebrocy - S0251", "Zebrocy", "S0251", "https://attack.mitre.org/software/S0251/"},
		{threat.Campaign, "C0001", "C0001", "C0001", "https://attack.mitre.org/campaigns/C0001/"},
		{threat.Vulnerability, "cve-2023-5631", "cve-2023-5631", "CVE-2023-5631", "https://nvd.nist.gov/vuln/detail/CVE-2023-5631"},
		{threat.Vulnerability, "a hole", "a hole", "", ""},
		{threat.Malware, "", "", "", ""},
	} {
		want := threat.Threat{Kind: tt.kind, Name: tt.name, ID: tt.id, URL: tt.page}
		if diff := cmp.Diff(want, threat.Named(tt.kind, tt.text)); diff != "" {
			t.Errorf("%q: %s", tt.text, diff)
		}
	}
}

func TestAppendDropsDuplicates(t *testing.T) {
	var all []threat.Threat
	for _, more := range []threat.Threat{
		threat.Named(threat.Actor, "Sofacy"), threat.Named(threat.Actor, "SOFACY"), threat.Named(threat.Malware, "Sofacy"),
		threat.Named(threat.AttackPattern, "Phishing - T1566"), threat.Named(threat.AttackPattern, "T1566"), threat.Named(threat.Actor, " "),
	} {
		all = threat.Append(all, more)
	}
	want := []threat.Threat{threat.Named(threat.Actor, "Sofacy"), threat.Named(threat.Malware, "Sofacy"), threat.Named(threat.AttackPattern, "Phishing - T1566")}
	if diff := cmp.Diff(want, all); diff != "" {
		t.Error(diff)
	}
}

func TestBrief(t *testing.T) {
	for text, want := range map[string]string{
		"\n People. \n\nMore.":   "People.",
		strings.Repeat("ä", 301): strings.Repeat("ä", 300) + "…",
		"":                       "",
	} {
		if got := threat.Brief(text); got != want {
			t.Errorf("%q: got %q", text, got)
		}
	}
}

func TestAddTo(t *testing.T) {
	var b ctim.Bundle
	ids := map[ctim.ID]bool{}
	for _, kind := range []threat.Kind{threat.Malware, threat.Tool, threat.Actor, threat.Campaign, threat.AttackPattern, threat.Vulnerability} {
		for _, name := range []string{"Some name", "Another - T1566", "CVE-2023-5631"} {
			id, ok := threat.Named(kind, name).AddTo(&b, "test", "somebody")
			if !ok || ids[id] || !strings.HasPrefix(string(id), "transient:"+string(kind)+"-") {
				t.Errorf("%s %s has the id %q, %v", kind, name, id, ok)
			}
			ids[id] = true
		}
	}
	if id, ok := threat.Named("moon", "x").AddTo(&b, "test", "somebody"); ok || id != "" {
		t.Errorf("a threat of an unknown kind has the id %q", id)
	}
	for _, list := range []any{b.Malwares, b.Tools, b.Actors, b.Campaigns, b.AttackPatterns, b.Vulnerabilities} {
		raw, _ := json.Marshal(list)
		var entities []json.RawMessage
		if err := json.Unmarshal(raw, &entities); err != nil || len(entities) != 3 {
			t.Errorf("%v in %s", err, raw)
		}
		for _, entity := range entities {
			for _, p := range rules.Entity(entity) {
				t.Errorf("%s in %s", p, entity)
			}
		}
	}
}
