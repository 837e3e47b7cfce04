package mispevent_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/serverless-relay/relay/shared/ctim"
	"github.com/serverless-relay/relay/shared/lenient"
	"github.com/serverless-relay/relay/shared/mispevent"
	"github.com/serverless-relay/relay/shared/threat"
)

func at(year int, month time.Month, day int) lenient.Time {
	return lenient.Time{Time: time.Date(year, month, day, 0, 0, 0, 0, time.UTC)}
}

const document = `{
	"uuid": "e1", "info": "Spring wave", "date": "2024-03-01", "timestamp": "1709337600", "threat_level_id": 2,
	"Org": {"name": "Here"}, "Orgc": {"name": "Example CERT"},
	"Tag": [{"name": "tlp:green"}, {"name": "phishing"}, {"name": "tlp:amber"}, {"name": "misp-galaxy:rat=\"FooRAT\""}],
	"Galaxy": [{"type": "mitre-attack-pattern", "GalaxyCluster": [{"value": "Phishing - T1566", "description": "Fish.\nMore.", "meta": {"external_id": ["CAPEC-98", "T1566"]}}]}],
	"Attribute": [
		{"uuid": "a1", "type": "domain", "value": "a.example", "to_ids": "1", "category": "Network activity", "Sighting": [
			{"type": "1", "date_sighting": "1709251200", "source": "IDS", "org_id": 5, "Organisation": {"name": "CSIRT"}}]},
		{"type": "link", "value": "https://blog.example/spring"},
		{"type": "link", "value": "https://old.example/", "deleted": true},
		{"type": "vulnerability", "value": "CVE-2023-5631"}
	],
	"Object": [{"comment": "The mail", "first_seen": "2024-02-01", "last_seen": "2024-02-02", "Attribute": [
		{"type": "email-src", "value": "a@b.example", "last_seen": "2024-02-03"},
		{"type": "url", "value": "http://c.example/", "comment": "Own"}]},
		{"deleted": true, "Attribute": {"type": "md5", "value": "d"}}]
}`

func TestRead(t *testing.T) {
	var e mispevent.Event
	if err := e.Read(lenient.NewWalker([]byte(document)), nil); err != nil {
		t.Fatal(err)
	}
	want := []mispevent.Attribute{
		{UUID: "a1", Type: "domain", Value: "a.example", ToIDs: true, Category: "Network activity", Line: 7,
			Sightings: []mispevent.Sighting{{Type: mispevent.FalsePositive, Date: at(2024, 3, 1), Source: "IDS", OrgID: "5"}}},
		{Type: "link", Value: "https://blog.example/spring", Line: 9},
		{Type: "link", Value: "https://old.example/", Deleted: true, Line: 10},
		{Type: "vulnerability", Value: "CVE-2023-5631", Line: 11},
		{Type: "email-src", Value: "a@b.example", Comment: "The mail", FirstSeen: at(2024, 2, 1), LastSeen: at(2024, 2, 3), Line: 14},
		{Type: "url", Value: "http://c.example/", Comment: "Own", FirstSeen: at(2024, 2, 1), LastSeen: at(2024, 2, 2), Line: 15},
		{Type: "md5", Value: "d", Deleted: true, Line: 16},
	}
	want[0].Sightings[0].Org.Name = "CSIRT"
	if diff := cmp.Diff(want, e.Attributes); diff != "" {
		t.Error(diff)
	}
	if e.UUID != "e1" || e.Info != "Spring wave" || e.Producer() != "Example CERT" || e.Date != at(2024, 3, 1) || e.Timestamp != at(2024, 3, 2) {
		t.Errorf("read %+v", e)
	}
	if e.Severity() != ctim.SeverityMedium || mispevent.TLP(e.Tags) != ctim.TLPAmber {
		t.Errorf("severity %q, colour %q", e.Severity(), mispevent.TLP(e.Tags))
	}
	if diff := cmp.Diff([]string{"https://blog.example/spring"}, e.Links()); diff != "" {
		t.Error(diff)
	}
	threats := []threat.Threat{
		{Kind: threat.AttackPattern, Name: "Phishing", ID: "T1566", URL: "https://attack.mitre.org/techniques/T1566/", Description: "Fish."},
		{Kind: threat.Malware, Name: "FooRAT"},
		{Kind: threat.Vulnerability, Name: "CVE-2023-5631", ID: "CVE-2023-5631", URL: "https://nvd.nist.gov/vuln/detail/CVE-2023-5631"},
	}
	if diff := cmp.Diff(threats, e.Threats()); diff != "" {
		t.Error(diff)
	}
}

func TestReadKeepsWhatIsAskedFor(t *testing.T) {
	var e mispevent.Event
	err := e.Read(lenient.NewWalker([]byte(document)), func(a *mispevent.Attribute) bool { return a.Type == "url" || a.Type == "md5" })
	if err != nil || len(e.Attributes) != 2 || e.Attributes[0].FirstSeen != at(2024, 2, 1) || !e.Attributes[1].Deleted {
		t.Errorf("kept %+v, %v", e.Attributes, err)
	}
}

// The API numbers lists with gaps, and adds ids, relations and warnings.
func TestReadAnAPIDocument(t *testing.T) {
	var e mispevent.Event
	err := json.Unmarshal([]byte(`{"id": 7, "Tag": {"2": {"name": "tlp:red"}}, "Galaxy": "none", "Attribute": {"1": {"type": "domain", "value": "a.example",
		"object_relation": "domain", "Sighting": {"3": {"type": 1}, "5": {"type": 0}}, "warnings": [{"value": "a.example", "warninglist_name": "Top sites", "warninglist_category": "known"}]},
		"4": {"type": "ip-dst", "warnings": {"a": ["b"]}}}}`), &e)
	want := []mispevent.Attribute{
		{Type: "domain", Value: "a.example", ObjectRelation: "domain", Sightings: []mispevent.Sighting{{Type: mispevent.FalsePositive}, {Type: mispevent.Seen}},
			Warnings: []mispevent.Warning{{Value: "a.example", List: "Top sites", Category: "known"}}, Line: 1},
		{Type: "ip-dst", Warnings: []mispevent.Warning{{}}, Line: 3},
	}
	if diff := cmp.Diff(want, e.Attributes); diff != "" || err != nil || e.ID != "7" || mispevent.TLP(e.Tags) != ctim.TLPRed || len(e.Galaxies) > 0 {
		t.Errorf("%+v, %v %s", e, err, diff)
	}
}

func TestWarningCategories(t *testing.T) {
	for category, want := range map[lenient.Text]bool{"false_positive": true, "": true, "other": true, "known": false, "Known": false} {
		if got := (mispevent.Warning{Category: category}).IsFalsePositive(); got != want {
			t.Errorf("%q: %v", category, got)
		}
	}
}

func TestFalsePositiveTags(t *testing.T) {
	for name, want := range map[lenient.Text]bool{
		`false-positive:confirmed="true"`:        true,
		`False-Positive:Risk = "High"`:           true,
		`false-positive:risk="medium"`:           true,
		`false-positive:risk="low"`:              false,
		`false-positive:risk="cannot-be-judged"`: false,
		`false-positive:confirmed="false"`:       false,
		`confirmed="true"`:                       false,
		`false-positive`:                         false,
		``:                                       false,
	} {
		if got := (mispevent.Tag{Name: name}).IsFalsePositive(); got != want {
			t.Errorf("%s: %v", name, got)
		}
	}
}

func TestSeverity(t *testing.T) {
	for level, want := range map[lenient.Text]ctim.Severity{
		"1": ctim.SeverityHigh, "2": ctim.SeverityMedium, "3": ctim.SeverityLow, "4": ctim.SeverityUnknown, "5": "", "": "", "high": "",
	} {
		if got := (&mispevent.Event{Level: level}).Severity(); got != want {
			t.Errorf("level %q is %q, want %q", level, got, want)
		}
	}
}

func TestParts(t *testing.T) {
	part := func(kind ctim.ObservableType, value string) mispevent.Part {
		return mispevent.Part{Observable: ctim.Observable{Type: kind, Value: value}}
	}
	noted := func(kind ctim.ObservableType, value, note string) mispevent.Part {
		p := part(kind, value)
		p.Note = note
		return p
	}
	weak := func(kind ctim.ObservableType, value string) mispevent.Part {
		p := part(kind, value)
		p.Weak = true
		return p
	}
	for _, tt := range []struct {
		kind, value string
		want        []mispevent.Part
	}{
		{"ip-dst", "192.0.2.1", []mispevent.Part{part(ctim.TypeIP, "192.0.2.1")}},
		{"IP-SRC", "192.0.2.1", []mispevent.Part{part(ctim.TypeIP, "192.0.2.1")}},
		{"filename", "a|b.exe", []mispevent.Part{part(ctim.TypeFileName, "a|b.exe")}},
		{"filename", `C:\b.exe`, []mispevent.Part{part(ctim.TypeFilePath, `C:\b.exe`)}},
		{"filename|sha1", "a|b.exe|0d", []mispevent.Part{noted(ctim.TypeSHA1, "0d", "File name: a|b.exe"), weak(ctim.TypeFileName, "a|b.exe")}},
		{"malware-sample", "/tmp/b|0d", []mispevent.Part{noted(ctim.TypeMD5, "0d", "File name: /tmp/b"), weak(ctim.TypeFilePath, "/tmp/b")}},
		{"filename|md5", "0d", []mispevent.Part{part(ctim.TypeMD5, "0d")}},
		{"domain|ip", "a.example|192.0.2.1", []mispevent.Part{part(ctim.TypeDomain, "a.example"), part(ctim.TypeIP, "192.0.2.1")}},
		{"ip-dst|port", "192.0.2.1|80", []mispevent.Part{noted(ctim.TypeIP, "192.0.2.1", "Port: 80")}},
		{"hostname|port", "a.example", []mispevent.Part{part(ctim.TypeHostname, "a.example")}},
		{"text", "a", nil},
	} {
		got, ok := mispevent.Attribute{Type: lenient.Text(tt.kind), Value: lenient.Text(tt.value)}.Parts()
		if diff := cmp.Diff(tt.want, got); diff != "" || ok != (tt.want != nil) {
			t.Errorf("%s %s: %v %s", tt.kind, tt.value, ok, diff)
		}
	}
}
