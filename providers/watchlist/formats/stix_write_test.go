package formats_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/serverless-relay/relay/providers/watchlist/entry"
	"github.com/serverless-relay/relay/providers/watchlist/formats"
	"github.com/serverless-relay/relay/providers/watchlist/formats/stixpattern"
	"github.com/serverless-relay/relay/shared/ctim"
	"github.com/serverless-relay/relay/shared/threat"
)

// stixBundle is a bundle with one indicator, on its first line.
func stixBundle(t *testing.T, pattern string) string {
	t.Helper()
	quoted, err := json.Marshal(pattern)
	if err != nil {
		t.Fatal(err)
	}
	return `{"objects":[{"type":"indicator","pattern":` + string(quoted) + `}]}`
}

func each(entries []entry.Entry, err error) iter.Seq2[entry.Entry, error] {
	return func(yield func(entry.Entry, error) bool) {
		for _, e := range entries {
			if !yield(e, nil) {
				return
			}
		}
		if err != nil {
			yield(entry.Entry{}, err)
		}
	}
}

// exported are entries in which every field has some value that STIX can't
// hold by itself.
func exported() []entry.Entry {
	moment := time.Date(2024, 3, 1, 12, 0, 0, 123456789, time.UTC)
	return []entry.Entry{{
		Observable:  ctim.Observable{Type: ctim.TypeHostname, Value: "a.example"},
		With:        []ctim.Observable{{Type: ctim.TypeIP, Value: "192.0.2.0/24"}, {Type: ctim.TypeUserAgent, Value: `it's a \ <b>`}},
		Subdomains:  true,
		Disposition: ctim.Suspicious, Severity: ctim.SeverityCritical, Confidence: ctim.ConfidenceInfo, Priority: 0, TLP: ctim.TLPRed,
		Title: "Spring", Description: "two\nlines", Tags: []string{"benign", "x"}, Source: "Blue Team", SourceURL: "https://blog.example/1",
		ExternalIDs: []string{"indicator--1", "CASE-7"}, Pattern: true,
		FirstSeen: moment, ValidFrom: moment.Add(time.Hour), ValidUntil: moment.Add(time.Minute), Added: moment,
		Indicates: []threat.Threat{
			{Kind: threat.Malware, Name: "FooBot", Description: strings.Repeat("long\n", 100) + "end", URL: "https://m.example/"},
			{Kind: threat.Actor, Name: "Zero", ID: "Z-0"},
			{Kind: threat.Tool, Name: "Hammer"},
			{Kind: threat.Campaign, Name: "C", ID: "C0001", URL: "https://attack.mitre.org/campaigns/C0001/"},
			{Kind: threat.AttackPattern, Name: "Phishing", ID: "T1566"},
			{Kind: threat.Vulnerability, Name: "CVE-2023-5631", ID: "CVE-2023-5631"},
		},
	}, {
		Observable:  ctim.Observable{Type: ctim.TypeIP, Value: "192.0.2.1"},
		Disposition: ctim.Common, Priority: 95, Source: "Blue Team", Indicates: []threat.Threat{{Kind: threat.Tool, Name: "Hammer"}},
	}, {
		Observable:  ctim.Observable{Type: ctim.TypeSHA256, Value: strings.Repeat("ab", 32)},
		Disposition: ctim.Unknown, Confidence: ctim.ConfidenceNone, Priority: 100, Source: "Red Team", ValidUntil: moment,
	}, {
		Observable:  ctim.Observable{Type: ctim.TypeAMPComputerGUID, Value: "x-1"},
		Disposition: ctim.Clean, Priority: 90, Source: "Red Team", FirstSeen: moment,
	}}
}

func TestWriteSTIXRoundTrip(t *testing.T) {
	want := exported()
	var text bytes.Buffer
	n, err := formats.WriteSTIX(&text, each(want, nil))
	if n != len(want) || err != nil {
		t.Fatalf("wrote %d, %v", n, err)
	}
	format, records, err := read(t, "x.json", text.String(), formats.Options{})
	if format != formats.STIX || err != nil {
		t.Fatalf("read as %q, %v", format, err)
	}
	if diff := cmp.Diff(want, entries(records)); diff != "" {
		t.Error(diff)
	}
	if len(records) != len(want) {
		t.Errorf("some are skipped: %v", outline(records))
	}

	var again bytes.Buffer
	if _, err := formats.WriteSTIX(&again, each(exported(), nil)); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(text.String(), again.String()); diff != "" {
		t.Error("the same entries give other bytes:", diff)
	}
}

// checkRoundTrip wants the entries back that it writes.
func checkRoundTrip(t *testing.T, want []entry.Entry) {
	t.Helper()
	var text bytes.Buffer
	if _, err := formats.WriteSTIX(&text, each(want, nil)); err != nil {
		t.Fatal(err)
	}
	_, records, err := read(t, "x.json", text.String(), formats.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, entries(records)); diff != "" {
		t.Error(diff)
	}
}

// What CTIM knows must survive an export, types that are new to it included.
func TestWriteSTIXRoundTripOfTypes(t *testing.T) {
	values := map[ctim.ObservableType]string{
		ctim.TypeIP: "192.0.2.1", ctim.TypeIPv6: "2001:db8::1", ctim.TypeDomain: "a.example", ctim.TypeHostname: "a.example",
		ctim.TypeURL: "http://a.example/", ctim.TypeEmail: "a@b.example", ctim.TypeMD5: strings.Repeat("ab", 16),
		ctim.TypeSHA1: strings.Repeat("ab", 20), ctim.TypeSHA256: strings.Repeat("ab", 32),
	}
	var want []entry.Entry
	for _, kind := range ctim.Words[ctim.ObservableType]() {
		value, ok := values[kind]
		if !ok {
			value = "x"
		}
		want = append(want, entry.Entry{Observable: ctim.Observable{Type: kind, Value: value}, Disposition: ctim.Malicious, Source: "Blue Team"})
	}
	checkRoundTrip(t, want)
}

// A pattern with a file's name and another value is about the other value first. That
// must not change the entry.
func TestWriteSTIXRoundTripOfGroups(t *testing.T) {
	group := []ctim.Observable{{Type: ctim.TypeFileName, Value: "x.exe"}, {Type: ctim.TypeHostname, Value: "a.example"}, {Type: ctim.TypeIP, Value: "192.0.2.1"}}
	var want []entry.Entry
	for i, o := range group {
		want = append(want, entry.Entry{Observable: o, With: slices.Concat(group[:i], group[i+1:]), Disposition: ctim.Malicious, Source: "Blue Team"})
	}
	checkRoundTrip(t, want)
}

// An import reads the whole bundle into memory, so an indicator has the value only in its
// name and its pattern.
func TestWriteSTIXRepeatsLittle(t *testing.T) {
	var text bytes.Buffer
	e := entry.Entry{Observable: ctim.Observable{Type: ctim.TypeDomain, Value: "a.example"}, Disposition: ctim.Malicious, Source: "Blue Team"}
	if _, err := formats.WriteSTIX(&text, each([]entry.Entry{e}, nil)); err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(text.String(), "a.example"); n != 2 {
		t.Errorf("the value is there %d times: %s", n, text.String())
	}
}

// Two reports of one source may name one value, each with threats of its own.
func TestWriteSTIXKeepsReportsApart(t *testing.T) {
	report := func(title, malware string) entry.Entry {
		return entry.Entry{
			Observable:  ctim.Observable{Type: ctim.TypeIP, Value: "192.0.2.1"},
			Disposition: ctim.Malicious, Priority: 95, Source: "Blue Team", Title: title,
			Indicates: []threat.Threat{{Kind: threat.Malware, Name: malware}},
		}
	}
	checkRoundTrip(t, []entry.Entry{report("Spring", "FooBot"), report("Autumn", "BarBot")})
}

func TestWriteSTIXRoundTripOfFiles(t *testing.T) {
	for _, name := range []string{"hosts.txt", "feed.csv", "stix21.json", "misp.json"} {
		t.Run(name, func(t *testing.T) {
			_, records := readFile(t, name, formats.Options{})
			var text bytes.Buffer
			if _, err := formats.WriteSTIX(&text, each(entries(records), nil)); err != nil {
				t.Fatal(err)
			}
			_, again, err := read(t, "x.json", text.String(), formats.Options{})
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(entries(records), entries(again)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// TestWriteSTIXIsValid checks the rules of STIX 2.1 that a reader may insist
// on.
func TestWriteSTIXIsValid(t *testing.T) {
	var text bytes.Buffer
	if _, err := formats.WriteSTIX(&text, each(exported(), nil)); err != nil {
		t.Fatal(err)
	}
	var bundle struct {
		Type, ID string
		Objects  []map[string]any
	}
	if err := json.Unmarshal(text.Bytes(), &bundle); err != nil {
		t.Fatal(err)
	}
	if bundle.Type != "bundle" || !strings.HasPrefix(bundle.ID, "bundle--") {
		t.Errorf("the bundle is %q, %q", bundle.Type, bundle.ID)
	}
	required := map[string][]string{
		"indicator":            {"pattern", "pattern_type", "valid_from"},
		"identity":             {"name"},
		"malware":              {"is_family"},
		"tool":                 {"name"},
		"threat-actor":         {"name"},
		"campaign":             {"name"},
		"attack-pattern":       {"name"},
		"vulnerability":        {"name"},
		"relationship":         {"relationship_type", "source_ref", "target_ref"},
		"extension-definition": {"created_by_ref", "name", "schema", "version", "extension_types"},
	}
	ids := map[string]bool{}
	for _, o := range bundle.Objects {
		ids[o["id"].(string)] = true
	}
	if len(ids) != len(bundle.Objects) {
		t.Errorf("%d objects have %d ids", len(bundle.Objects), len(ids))
	}
	counts := map[string]int{}
	for _, o := range bundle.Objects {
		kind := o["type"].(string)
		counts[kind]++
		if _, ok := required[kind]; !ok {
			t.Errorf("type %q is unexpected", kind)
		}
		for _, key := range append([]string{"id", "created", "modified"}, required[kind]...) {
			if _, ok := o[key]; !ok {
				t.Errorf("%s has no %s", o["id"], key)
			}
		}
		if o["spec_version"] != "2.1" || !strings.HasPrefix(o["id"].(string), kind+"--") {
			t.Errorf("%s is of version %v", o["id"], o["spec_version"])
		}
		for _, key := range []string{"created_by_ref", "source_ref", "target_ref"} {
			if ref, ok := o[key].(string); ok && !ids[ref] {
				t.Errorf("%s: %s %s is not there", o["id"], key, ref)
			}
		}
		if kind != "indicator" {
			continue
		}
		if _, err := stixpattern.Parse(o["pattern"].(string)); err != nil {
			t.Errorf("%s: %v", o["id"], err)
		}
		from, until := o["valid_from"].(string), o["valid_until"]
		if until != nil && from >= until.(string) {
			t.Errorf("%s is valid from %s until %s", o["id"], from, until)
		}
		for id := range o["extensions"].(map[string]any) {
			if !ids[id] {
				t.Errorf("%s: extension %s is not defined", o["id"], id)
			}
		}
	}
	want := map[string]int{"indicator": 4, "identity": 3, "malware": 1, "tool": 1, "threat-actor": 1, "campaign": 1, "attack-pattern": 1, "vulnerability": 1, "relationship": 7, "extension-definition": 1}
	if diff := cmp.Diff(want, counts); diff != "" {
		t.Error(diff)
	}
}

func TestWriteSTIXOfNothing(t *testing.T) {
	var text bytes.Buffer
	n, err := formats.WriteSTIX(&text, each(nil, nil))
	if n != 0 || err != nil {
		t.Errorf("wrote %d, %v", n, err)
	}
	if format, records, err := read(t, "x", text.String(), formats.Options{}); format != formats.STIX || len(records) != 0 || err != nil {
		t.Errorf("read back as %q, %v, %v", format, records, err)
	}
}

// full takes so many bytes and no more.
type full struct{ left int }

var errFull = errors.New("no space left")

func (f *full) Write(p []byte) (int, error) {
	if len(p) > f.left {
		return 0, errFull
	}
	f.left -= len(p)
	return len(p), nil
}

func TestWriteSTIXStops(t *testing.T) {
	broken := errors.New("the store is broken")
	if n, err := formats.WriteSTIX(&bytes.Buffer{}, each(exported(), broken)); n != 4 || err != broken {
		t.Errorf("got %d, %v", n, err)
	}
	many := slices.Repeat(exported(), 500)
	if n, err := formats.WriteSTIX(&full{1 << 17}, each(many, nil)); n == 0 || n >= len(many) || !errors.Is(err, errFull) {
		t.Errorf("got %d, %v", n, err)
	}
	if _, err := formats.WriteSTIX(&full{}, each(exported(), nil)); !errors.Is(err, errFull) {
		t.Errorf("got %v", err)
	}
}

func TestReadForeignExtension(t *testing.T) {
	var text bytes.Buffer
	if _, err := formats.WriteSTIX(&text, each(exported()[3:], nil)); err != nil {
		t.Fatal(err)
	}
	// Somebody else may have written into it whatever they like.
	changed := strings.NewReplacer(`"disposition":1`, `"disposition":77,"severity":"awful","source_url":"javascript:x"`, `"priority":90`, `"priority":900`).Replace(text.String())
	_, records, err := read(t, "x", changed, formats.Options{})
	if err != nil || len(records) != 1 {
		t.Fatalf("got %v, %v", records, err)
	}
	e := records[0].Entry
	if e.Disposition != ctim.Malicious || e.Severity != "" || e.SourceURL != "" || e.Priority != 100 {
		t.Errorf("got %+v", e)
	}
}

func BenchmarkSTIX(b *testing.B) {
	many := make([]entry.Entry, 20_000)
	for i := range many {
		many[i] = entry.Entry{
			Observable:  ctim.Observable{Type: ctim.TypeSHA256, Value: fmt.Sprintf("%064x", i)},
			Disposition: ctim.Malicious, Priority: 95, Source: "Blue Team", Title: "Spring", Tags: []string{"x"},
		}
	}
	var text bytes.Buffer
	if _, err := formats.WriteSTIX(&text, each(many, nil)); err != nil {
		b.Fatal(err)
	}
	rate := func(b *testing.B) {
		b.ReportMetric(float64(len(many))*float64(b.N)/b.Elapsed().Seconds(), "entries/s")
	}
	b.Run("write", func(b *testing.B) {
		for b.Loop() {
			if _, err := formats.WriteSTIX(io.Discard, each(many, nil)); err != nil {
				b.Fatal(err)
			}
		}
		rate(b)
	})
	b.Run("read", func(b *testing.B) {
		for b.Loop() {
			_, records, err := read(b, "x", text.String(), formats.Options{})
			if err != nil || len(records) != len(many) {
				b.Fatalf("read %d, %v", len(records), err)
			}
		}
		rate(b)
	})
}

// What is read from any file survives an export.
func FuzzWriteSTIX(f *testing.F) {
	for _, name := range []string{"hosts.txt", "feed.csv", "stix21.json", "misp.json"} {
		text, err := os.ReadFile(filepath.Join("testdata", name))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text)
	}
	f.Add([]byte("value,type,malware,actor,cve,technique,tlp,severity,confidence,valid_from,valid_until,first_seen,tags,reference,comment\n" +
		"a.example,hostname,x,y;z,CVE-2024-1,T1059,red,high,50,2024-01-01,2030-01-01,2024-01-01T00:00:00.5+02:00,a|b,https://b.example/,\"c\nd\"\n"))
	f.Add([]byte(`{"objects":[{"type":"indicator","pattern":"[file:name = 'a' AND domain-name:value = 'a.example'] OR [mutex:name = 'x']"}]}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		var want []entry.Entry
		known := map[string]bool{}
		_, err := formats.Read(t.Context(), bytes.NewReader(text), "f", formats.Options{All: true}, func(r formats.Record) error {
			if id := r.Entry.Key().Text() + "\x00" + r.Entry.Identity(); r.Skipped == "" && !known[id] {
				known[id] = true
				want = append(want, r.Entry)
			}
			return nil
		})
		if err == nil && len(want) > 0 {
			checkRoundTrip(t, want)
		}
	})
}
