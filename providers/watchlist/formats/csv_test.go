package formats_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/serverless-relay/relay/providers/watchlist/entry"
	"github.com/serverless-relay/relay/providers/watchlist/formats"
	"github.com/serverless-relay/relay/shared/ctim"
	"github.com/serverless-relay/relay/shared/threat"
)

func TestReadCSVFile(t *testing.T) {
	format, records := readFile(t, "feed.csv", formats.Options{})
	if format != formats.CSV {
		t.Errorf("read as %q", format)
	}
	want := []string{
		"3 ip 198.51.100.7",
		"4 domain evil.example *",
		"5 domain good.example *",
		"6 url https://a.example/x,y",
		`8 ip: the value is blank`,
		"9 ip 198.51.100.8",
		"10 ip 198.51.100.9",
		`11 198.51.100.10: "asn" is not a type of observable`,
		"12 ip 198.51.100.11",
		"13 nothex: not an MD5 hash: not 32 characters long",
		"14 url https://b.example/",
	}
	if diff := cmp.Diff(want, outline(records)); diff != "" {
		t.Error(diff)
	}
	full := entry.Entry{
		Observable:  ctim.Observable{Type: ctim.TypeIP, Value: "198.51.100.7"},
		Disposition: ctim.Malicious, Severity: ctim.SeverityHigh, Confidence: ctim.ConfidenceHigh, Priority: ctim.PriorityCurated,
		TLP: ctim.TLPAmber, Title: "Spring wave", Description: "Seen in mail, twice", Tags: []string{"mail", "phish"},
		Source: "Blue Team", SourceURL: "https://blog.example/1",
		FirstSeen:  time.Date(2024, 1, 31, 0, 0, 0, 0, time.UTC),
		ValidUntil: time.Date(2030, 6, 1, 12, 0, 0, 0, time.UTC),
		Indicates: []threat.Threat{
			{Kind: threat.Malware, Name: "Foo RAT"},
			{Kind: threat.Actor, Name: "APT 0"},
			{Kind: threat.AttackPattern, Name: "T1566", ID: "T1566", URL: "https://attack.mitre.org/techniques/T1566/"},
			{Kind: threat.AttackPattern, Name: "Spearphishing Link", ID: "T1566.002", URL: "https://attack.mitre.org/techniques/T1566/002/"},
			{Kind: threat.Vulnerability, Name: "CVE-2023-5631", ID: "CVE-2023-5631", URL: "https://nvd.nist.gov/vuln/detail/CVE-2023-5631"},
		},
	}
	if diff := cmp.Diff(full, records[0].Entry); diff != "" {
		t.Error(diff)
	}
	if e := records[1].Entry; e.Disposition != ctim.Suspicious || e.Source != "feed" {
		t.Errorf("got %v of %q, want suspicious of feed", e.Disposition, e.Source)
	}
	if e := records[2].Entry; e.Disposition != ctim.Clean || e.TLP != ctim.TLPWhite {
		t.Errorf("got %v, %q, want clean and white", e.Disposition, e.TLP)
	}
	if got := records[3].Entry.Description; got != "two\nlines" {
		t.Errorf("got description %q", got)
	}
}

// oneLabel is why a name such as "com" is not read with all below it.
const oneLabel = "all subdomains of a name without a dot: it would match too much"

func TestReadCSV(t *testing.T) {
	tests := map[string]struct {
		text string
		want []string
	}{
		"semicolons":     {"type;value\ndomain;a.example\n", []string{"2 domain a.example"}},
		"tabs":           {"type\tioc\ndomain\ta.example\n", []string{"2 domain a.example"}},
		"typed columns":  {"md5,sha1,file_name\n,da39a3ee5e6b4b0d3255bfef95601890afd80709,x.exe\n", []string{"2 sha1 da39a3ee5e6b4b0d3255bfef95601890afd80709"}},
		"family of type": {"type,value\nip,2001:db8::1\n", []string{"2 ipv6 2001:db8::1"}},
		"quotes":         {"value,note\n\"a.example\",\"he said \"\"no\"\"\"\n \"b.example\" , x\n", []string{"2 domain a.example", "3 domain b.example"}},
		"quote inside":   {"value,note\na.example,6\" nails\n", []string{"2 domain a.example"}},
		"open quote": {"value,note\na.example,\"oops\nb.example,fine\nc.example,fine\n",
			[]string{"2 a.example,\"oops: a quote is opened, but not closed within 64 KB", "3 domain b.example", "4 domain c.example"}},
		"open quote, long line": {"value,note\na.example,\"oops\n" + strings.Repeat("y", 1<<17) + "\nc.example,fine\n",
			[]string{"2 a.example,\"oops: a quote is opened, but not closed within 64 KB", "3 " + strings.Repeat("y", 99) + "…: the line is longer than 64 KB", "4 domain c.example"}},
		"header in comment": {"# made today\n# first_seen,value\n2024-01-31,a.example\n", []string{"3 domain a.example"}},
		"comments, blanks":  {"value,note\n# x,y\n\na.example,b\n", []string{"4 domain a.example"}},
		"not UTF-8":         {"value,note\na.example,caf\xe9\nb.example,x\n", []string{"2 domain a.example", "3 domain b.example"}},
		"separator":         {"sep=;\r\nvalue;note\r\na.example;x, y\r\n", []string{"3 domain a.example"}},
		"separator tab":     {"\"SEP=\t\"\nvalue,x\tioc\nb\ta.example\n", []string{"3 domain a.example"}},
		"separator bar":     {"sep=|\n# made today\nvalue|tags\na.example|x;y\n", []string{"4 domain a.example"}},
		"old Macintosh":     {"value,note\ra.example,\"two\nlines\"\r\rb.example,x\r", []string{"2 domain a.example", "5 domain b.example"}},
		"stray return":      {"value,note\r\r\na.example,x\ry\r\r\n", []string{"2 domain a.example"}},
		"one label":         {"type,value,subdomains\ndomain,*.com,\ndomain,com,yes\nhostname,com,no\n", []string{"2 *.com: " + oneLabel, "3 com: " + oneLabel, "4 hostname com"}},
		"year 10000":        {"value,valid_until\n192.0.2.1,9999-12-31T23:59:59-01:00\n192.0.2.2,9999-12-31T23:59:59Z\n", []string{"2 192.0.2.1: not a date: write it like 2006-01-02 or 2006-01-02T15:04:05Z", "3 ip 192.0.2.2"}},
		"year 0":            {"value,first_seen\n192.0.2.1,0001-01-01T00:00:00+01:00\n", []string{"2 ip 192.0.2.1"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			format, records, err := read(t, "x", tt.text, formats.Options{})
			if format != formats.CSV || err != nil {
				t.Fatalf("read as %q, %v", format, err)
			}
			if diff := cmp.Diff(tt.want, outline(records)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestReadCSVTimes(t *testing.T) {
	moment := time.Date(2024, 1, 31, 12, 30, 0, 0, time.UTC)
	for _, text := range []string{
		"2024-01-31T12:30:00Z", "2024-01-31T13:30:00+01:00", "2024-01-31T12:30:00.000", "2024-01-31 12:30:00",
		"2024-01-31 12:30", "2024-01-31 12:30:00 UTC", "1706704200",
	} {
		_, records, err := read(t, "x", "value,first_seen\na.example,"+text+"\n", formats.Options{})
		if err != nil || len(records) != 1 || !records[0].Entry.FirstSeen.Equal(moment) {
			t.Errorf("%s: got %v, %v", text, records, err)
		}
	}
}
