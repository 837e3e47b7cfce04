package formats_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/serverless-relay/relay/providers/watchlist/entry"
	"github.com/serverless-relay/relay/providers/watchlist/formats"
	"github.com/serverless-relay/relay/shared/ctim"
	"github.com/serverless-relay/relay/shared/threat"
)

func TestReadMISP(t *testing.T) {
	const notMeant = "not marked for detection (to_ids is false): import it with --all"
	format, records := readFile(t, "misp.json", formats.Options{})
	if format != formats.MISP {
		t.Errorf("read as %q", format)
	}
	want := []string{
		"5 ip 198.51.100.1",
		"6 ip 198.51.100.2",
		"7 sha1 da39a3ee5e6b4b0d3255bfef95601890afd80709",
		"8 domain four.example",
		"8 ip 198.51.100.4",
		`9 registry_key HKLM\Software\Run`,
		`10 file_path %TEMP%\evil.exe`,
		"11 seven.example: " + notMeant,
		"12 eight.example: deleted in MISP",
		"13 Win32/Something: the MISP type text is not an observable",
		"15 https://blog.example/more: the MISP type link is not an observable",
		"17 not a hash: not an MD5 hash: not 32 characters long",
		"18 hostname fourteen.example",
		"23 email a.person@evil.example",
		"24 Your invoice: " + notMeant,
		"26 d41d8cd98f00b204e9800998ecf8427e: deleted in MISP",
	}
	if diff := cmp.Diff(want, outline(records)); diff != "" {
		t.Error(diff)
	}

	actor := threat.Threat{Kind: threat.Actor, Name: "Group Zero", Description: "People.", URL: "https://actors.example/0"}
	phishing := threat.Threat{Kind: threat.AttackPattern, Name: "Phishing", ID: "T1566", URL: "https://attack.mitre.org/techniques/T1566/"}
	cve := threat.Threat{Kind: threat.Vulnerability, Name: "CVE-2023-5631", ID: "CVE-2023-5631", URL: "https://nvd.nist.gov/vuln/detail/CVE-2023-5631"}
	bot := threat.Threat{Kind: threat.Malware, Name: "FooBot"}
	base := entry.Entry{
		Disposition: ctim.Malicious, Severity: ctim.SeverityMedium, Priority: ctim.PriorityCurated, TLP: ctim.TLPGreen,
		Title: "Spring wave", Tags: []string{"phishing"}, Source: "Example CERT", SourceURL: "https://blog.example/spring",
		FirstSeen: time.Date(2024, 3, 1, 0, 0, 0, 0, time.UTC),
		Indicates: []threat.Threat{actor, phishing, cve},
	}
	with := func(change func(*entry.Entry)) entry.Entry {
		e := base
		change(&e)
		return e
	}
	for i, want := range map[int]entry.Entry{
		0: with(func(e *entry.Entry) {
			e.Observable = ctim.Observable{Type: ctim.TypeIP, Value: "198.51.100.1"}
			e.Description, e.ExternalIDs = "C2", []string{"u1"}
		}),
		1: with(func(e *entry.Entry) {
			e.Observable = ctim.Observable{Type: ctim.TypeIP, Value: "198.51.100.2"}
			e.Description, e.ExternalIDs = "Port: 8080", []string{"u2"}
		}),
		2: with(func(e *entry.Entry) {
			e.Observable = ctim.Observable{Type: ctim.TypeSHA1, Value: "da39a3ee5e6b4b0d3255bfef95601890afd80709"}
			e.Description, e.ExternalIDs = "Dropper\n\nFile name: a|b.exe", []string{"u3"}
		}),
		12: with(func(e *entry.Entry) {
			e.Observable = ctim.Observable{Type: ctim.TypeHostname, Value: "fourteen.example"}
			e.ExternalIDs, e.TLP, e.Tags = []string{"u14"}, ctim.TLPRed, []string{"phishing", "own"}
			e.FirstSeen = time.Date(2024, 2, 3, 3, 5, 6, 0, time.UTC)
			e.Indicates = []threat.Threat{actor, phishing, cve, bot}
		}),
		13: with(func(e *entry.Entry) {
			e.Observable = ctim.Observable{Type: ctim.TypeEmail, Value: "a.person@evil.example"}
			e.Description, e.ExternalIDs = "The mail", []string{"o1"}
			e.FirstSeen = time.Date(2024, 2, 29, 0, 0, 0, 0, time.UTC)
		}),
	} {
		if diff := cmp.Diff(want, records[i].Entry); diff != "" {
			t.Errorf("record %d: %s", i, diff)
		}
	}
}

func TestReadMISPAll(t *testing.T) {
	_, records := readFile(t, "misp.json", formats.Options{All: true})
	extra := 0
	for _, e := range entries(records) {
		if e.Disposition == ctim.Suspicious {
			extra++
			if e.Confidence != ctim.ConfidenceLow {
				t.Errorf("%s: confidence %q, want low", e.Observable.Value, e.Confidence)
			}
		}
	}
	if extra != 2 || len(entries(records)) != 11 {
		t.Errorf("got %d suspicious of %d entries, want 2 of 11", extra, len(entries(records)))
	}
}

// A time that can't be written down again is as good as none.
func TestReadMISPTimes(t *testing.T) {
	for first, want := range map[string]time.Time{
		"9999-12-31T23:59:59-01:00": time.Date(2024, 3, 1, 0, 0, 0, 0, time.UTC),
		"9999-12-31T23:59:59+00:00": time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC),
	} {
		text := `{"Event":{"date":"2024-03-01","Attribute":{"type":"ip-src","value":"192.0.2.1","to_ids":true,"first_seen":"` + first + `"}}}`
		_, records, err := read(t, "x", text, formats.Options{})
		if err != nil || len(records) != 1 || !records[0].Entry.FirstSeen.Equal(want) {
			t.Errorf("%s: got %v, %v", first, records, err)
		}
	}
}

func TestReadMISPShapes(t *testing.T) {
	const event = `{"Event": {"info": "x", "threat_level_id": "4", "Attribute": {"type": "ip-src", "value": "192.0.2.1", "to_ids": true}, "Object": null, "Tag": {}, "Galaxy": "none"}}`
	unwrapped := event[len(`{"Event": `) : len(event)-1]
	search := `{"response": {"Attribute": [{"type": "ip-src", "value": "192.0.2.1", "to_ids": true, "Event": {"info": "x", "threat_level_id": "4"}}]}}`
	for _, text := range []string{event, unwrapped, `[` + unwrapped + `]`, search, `[` + event + `]`, `{"response": [` + event + `]}`, `{"response": ` + event + `}`, `[{"response": [` + event + `]}]`} {
		format, records, err := read(t, "dir/an event.json", text, formats.Options{})
		if format != formats.MISP || err != nil {
			t.Errorf("%s: read as %q, %v", text, format, err)
			continue
		}
		want := []entry.Entry{{
			Observable: ctim.Observable{Type: ctim.TypeIP, Value: "192.0.2.1"}, Title: "x", Source: "an event",
			Disposition: ctim.Malicious, Severity: ctim.SeverityUnknown, Priority: ctim.PriorityCurated,
		}}
		if diff := cmp.Diff(want, entries(records)); diff != "" {
			t.Errorf("%s: %s", text, diff)
		}
	}
}

// What an event takes back is named by its attribute, with the values that an
// earlier version had.
func TestReadMISPWithdrawn(t *testing.T) {
	const text = `{"Event":{"Orgc":{"name":"CERT A"},"Attribute":[
		{"uuid":"u1","type":"domain|ip","value":"a.example|192.0.2.1","to_ids":true,"deleted":true},
		{"uuid":"u2","type":"domain","value":"b.example","to_ids":false},
		{"uuid":"u3","type":"domain","value":"c.example","to_ids":true},
		{"type":"domain","value":"d.example","to_ids":false}]}}`
	_, records, err := read(t, "x", text, formats.Options{})
	if err != nil {
		t.Fatal(err)
	}
	type taken struct {
		id, source string
		values     []string
	}
	var got []taken
	for _, r := range records {
		what := taken{id: r.ID, source: r.Entry.Source}
		for _, o := range r.Withdrawn {
			what.values = append(what.values, o.Value)
		}
		got = append(got, what)
	}
	want := []taken{{"u1", "CERT A", []string{"a.example", "192.0.2.1"}}, {"u2", "CERT A", []string{"b.example"}}, {"u3", "CERT A", nil}, {"", "CERT A", nil}}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(taken{})); diff != "" {
		t.Error(diff)
	}
}
