package formats_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/serverless-relay/relay/providers/watchlist/entry"
	"github.com/serverless-relay/relay/providers/watchlist/formats"
	"github.com/serverless-relay/relay/shared/ctim"
	"github.com/serverless-relay/relay/shared/normalize"
)

// read reads a text and returns all of its records.
func read(t testing.TB, name, text string, o formats.Options) (formats.Format, []formats.Record, error) {
	t.Helper()
	var records []formats.Record
	layout, err := formats.Read(t.Context(), strings.NewReader(text), name, o, func(r formats.Record) error {
		records = append(records, r)
		return nil
	})
	return layout.Format, records, err
}

// readFile reads a file of testdata, which must be readable.
func readFile(t testing.TB, name string, o formats.Options) (formats.Format, []formats.Record) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	format, records, err := read(t, name, string(text), o)
	if err != nil {
		t.Fatal(err)
	}
	return format, records
}

// outline has a line for each record: "line type value", with what must be
// asked together after "+" and a star where subdomains count, or "line value:
// reason".
func outline(records []formats.Record) []string {
	var lines []string
	for _, r := range records {
		if r.Skipped != "" {
			lines = append(lines, fmt.Sprintf("%d %s: %s", r.Line, r.Value, r.Skipped))
			continue
		}
		line := fmt.Sprintf("%d %s %s", r.Line, r.Entry.Observable.Type, r.Entry.Observable.Value)
		if r.Entry.Subdomains {
			line += " *"
		}
		for _, o := range r.Entry.With {
			line += " + " + o.Value
		}
		lines = append(lines, line)
	}
	return lines
}

func TestReadHosts(t *testing.T) {
	format, records := readFile(t, "hosts.txt", formats.Options{})
	if format != formats.List {
		t.Errorf("read as %q", format)
	}
	want := []string{
		"8 domain ads.example.com",
		"8 domain tracker.example.com",
		"10 domain bad_host.example.net",
		"11 domain six.example.org",
		"12 not..good: not a domain name: empty label",
	}
	if diff := cmp.Diff(want, outline(records)); diff != "" {
		t.Error(diff)
	}
}

func TestReadList(t *testing.T) {
	networks := []string{"1 ip 198.51.100.1", "1 ip 198.51.100.2/31", "1 ip 198.51.100.4/30", "1 ip 198.51.100.8/31"}
	tests := map[string][]string{
		"198.51.100.1":                    {"1 ip 198.51.100.1"},
		"198.51.100.1\t12":                {"1 ip 198.51.100.1"},
		"198.51.100.1,12,x":               {"1 ip 198.51.100.1"},
		"198.51.100.1 # why":              {"1 ip 198.51.100.1"},
		"198.51.100.1;why":                {"1 ip 198.51.100.1"},
		"evil.example#why":                {"1 domain evil.example"},
		"\"198.51.100.1\"":                {"1 ip 198.51.100.1"},
		"127.0.0.1\t5":                    {"1 ip 127.0.0.1"},
		"0.0.0.0 # all":                   {"1 ip 0.0.0.0"},
		"198.51.100.77/24":                {"1 ip 198.51.100.0/24"},
		"2001:DB8::1":                     {"1 ipv6 2001:db8::1"},
		"198.51.100.1:8080":               {"1 ip 198.51.100.1"},
		"evil.example:443":                {"1 domain evil.example"},
		"  hxxp://Evil[.]example/a,b;c  ": {"1 url http://evil.example/a,b;c"},
		"[2001:DB8::1]:8080":              {"1 ipv6 2001:db8::1"},
		"[2001:db8::1]":                   {"1 ipv6 2001:db8::1"},
		"[2001:db8::1]:80,why":            {"1 ipv6 2001:db8::1"},
		"[section.name]":                  {"1 [section.name]: not a domain name: has '['"},
		"[2001:db8::1]:70000":             {"1 [2001:db8::1]:70000: not an address, domain, URL, e-mail address or hash"},
		"evil。example":                    {"1 domain evil.example"},
		"*.evil．example:443":              {"1 domain evil.example *"},
		"192｡0｡2｡1":                       {"1 ip 192.0.2.1"},
		"192.0.2.1\revil.example\r\r192.0.2.2\r": {
			"1 ip 192.0.2.1", "2 domain evil.example", "4 ip 192.0.2.2",
		},
		"*.evil.example":                   {"1 domain evil.example *"},
		".evil.example":                    {"1 domain evil.example *"},
		"||evil.example^":                  {"1 domain evil.example *"},
		"||198.51.100.1^":                  {"1 ip 198.51.100.1"},
		"a@evil.example":                   {"1 email a@evil.example"},
		"# c\n; c\n// c\n! c\n\n \n":       nil,
		"[Adblock Plus 2.0]\n||a.example^": {"2 domain a.example *"},
		"198.51.100.1\n\n\r\n198.51.100.2\r\n198.51.100.3": {
			"1 ip 198.51.100.1", "4 ip 198.51.100.2", "5 ip 198.51.100.3",
		},
		"198.51.100.1\n198.51.100.2\r198.51.100.3\r\n": {"1 ip 198.51.100.1", "2 ip 198.51.100.2", "2 ip 198.51.100.3"},
		"198.51.100.1-198.51.100.9":                    networks,
		"198.51.100.1 - 198.51.100.9":                  networks,
		"198.51.100.1 - why":                           {"1 ip 198.51.100.1"},
		"*.198.51.100.1":                               {"1 *.198.51.100.1: a wildcard beside a value that is not a domain"},
		"||a.example^$third-party":                     {"1 ||a.example^$third-party: an ad-block rule other than ||domain^"},
		"a.example##.ad":                               {"1 a.example##.ad: an ad-block rule other than ||domain^"},
		"@@||a.example^":                               {"1 @@||a.example^: an exception, which is not blocked"},
		"localhost":                                    {"1 localhost: not an address, domain, URL, e-mail address or hash"},
		"com.":                                         {"1 com.: a name without a dot"},
		"0.0.0.0/0":                                    {"1 0.0.0.0/0: a network of all addresses: it would match everything"},
		"\x1b[31mred.example":                          {"1 \ufffd[31mred.example: the value has control characters"},
		"caf\xe9.example":                              {"1 caf\ufffd.example: the value is not UTF-8"},
		strings.Repeat("x", 1<<17) + "\n192.0.2.1":     {"1 " + strings.Repeat("x", 99) + "…: the line is longer than 64 KB", "2 ip 192.0.2.1"},
		strings.Repeat("é", 2000):                      {"1 " + strings.Repeat("é", 99) + "…: not an address, domain, URL, e-mail address or hash"},
	}
	for text, want := range tests {
		t.Run(text[:min(len(text), 40)], func(t *testing.T) {
			_, records, err := read(t, "x.txt", text, formats.Options{Format: formats.List})
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, outline(records)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// Headings say what follows, or nothing that a list needs to know.
func TestReadListWithHeadings(t *testing.T) {
	const (
		names = "below a heading of names or the like, which aren't indicators by themselves"
		links = "below a heading of references, which aren't indicators"
	)
	for text, want := range map[string][]string{
		"\ufeffindicator\r\na.example\r\n":                                     {"2 domain a.example"},
		"value\nevil\u3002example\n":                                           {"2 domain evil.example"},
		"value\n*.a.example\n*.192.0.2.1\n":                                    {"2 domain a.example *", "3 *.192.0.2.1: a wildcard beside a value that is not a domain"},
		"SHA-256 Hashes:\nd41d8cd98f00b204e9800998ecf8427e\nIPs\n192.0.2.1\n":  {"2 md5 d41d8cd98f00b204e9800998ecf8427e", "4 ip 192.0.2.1"},
		"IP addresses\n192.0.2.1\nUsernames:\na@b.example\nDomains\nc.example": {"2 ip 192.0.2.1", "4 a@b.example: " + names, "6 domain c.example"},
		"Senders:\na@b.example\nFile names:\nb.example\n":                      {"2 email a@b.example", "4 b.example: " + names},
		"a.example\n## References\n\n- https://b.example/report\n- hxxp://c[.]example/\n# Files\nhttp://d.example/x\n": {
			"1 domain a.example", "4 https://b.example/report: " + links, "5 url http://c.example/", "7 url http://d.example/x",
		},
		"# Links\nhttp://a.example/\n": {"2 url http://a.example/"},
		"192.0.2.1\nReferences\n" + strings.Repeat("https://b.example/\n", 5): {
			"1 ip 192.0.2.1", "3 https://b.example/: " + links, "4 https://b.example/: " + links, "5 https://b.example/: " + links, "6 https://b.example/: " + links, "7 https://b.example/: " + links,
		},
		"References\nhttps://b.example/report\nIndicators of compromise\nhttp://a.example/\nhttp://c.example/\n": {"2 https://b.example/report: " + links, "3 Indicators: not an address, domain, URL, e-mail address or hash", "4 url http://a.example/", "5 url http://c.example/"},
		"Domains: a.example, b.example\nIP: 192.0.2.1\n":                                                         {"1 domain a.example", "1 domain b.example", "2 ip 192.0.2.1"},
		"# References:\n# https://b.example/report\nhttp://a.example/\n":                                         {"3 url http://a.example/"},
		"References:\nhttps://b.example/report\nIOCs:\nhttp://a.example/\n":                                      {"2 https://b.example/report: " + links, "4 url http://a.example/"},
		"192.0.2.1\nMaldocs\n- b.example - the first\n":                                                          {"1 ip 192.0.2.1", "2 Maldocs: not an address, domain, URL, e-mail address or hash", "3 domain b.example"},
	} {
		format, records, err := read(t, "x", text, formats.Options{})
		if format != formats.List || err != nil {
			t.Errorf("%q: read as %q, %v", text, format, err)
		}
		if diff := cmp.Diff(want, outline(records)); diff != "" {
			t.Errorf("%q: %s", text, diff)
		}
	}
}

func TestReadListKeepsPort(t *testing.T) {
	_, records, err := read(t, "dir/c2.list.txt", "198.51.100.1:8080", formats.Options{})
	if err != nil {
		t.Fatal(err)
	}
	want := []formats.Record{{Line: 1, Value: "198.51.100.1:8080", Entry: entry.Entry{
		Observable: ctim.Observable{Type: ctim.TypeIP, Value: "198.51.100.1"}, Description: "Port 8080.",
		Disposition: ctim.Malicious, Priority: ctim.PriorityCurated, Source: "c2.list",
	}}}
	if diff := cmp.Diff(want, records); diff != "" {
		t.Error(diff)
	}
}

func TestOptions(t *testing.T) {
	until := time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC)
	o := formats.Options{
		Source: "Blue Team", Disposition: ctim.Clean, Priority: ctim.PriorityHuman, Severity: ctim.SeverityInfo,
		Confidence: ctim.ConfidenceHigh, TLP: ctim.TLPGreen, ValidUntil: until, Tags: []string{"a", "b"}, Subdomains: true,
	}
	text := "value,verdict,severity,tags,source,valid_until\nx.example,malicious,low,b;c,Feed,2031-01-01\n192.0.2.1,,,,,\n"
	_, records, err := read(t, "x.csv", text, o)
	if err != nil {
		t.Fatal(err)
	}
	want := []entry.Entry{{
		Observable: ctim.Observable{Type: ctim.TypeDomain, Value: "x.example"}, Subdomains: true,
		Disposition: ctim.Clean, Severity: ctim.SeverityLow, Confidence: ctim.ConfidenceHigh, Priority: ctim.PriorityHuman,
		TLP: ctim.TLPGreen, Tags: []string{"b", "c", "a"}, Source: "Blue Team", ValidUntil: until.AddDate(1, 0, 0),
	}, {
		Observable:  ctim.Observable{Type: ctim.TypeIP, Value: "192.0.2.1"},
		Disposition: ctim.Clean, Severity: ctim.SeverityInfo, Confidence: ctim.ConfidenceHigh, Priority: ctim.PriorityHuman,
		TLP: ctim.TLPGreen, Tags: []string{"a", "b"}, Source: "Blue Team", ValidUntil: until,
	}}
	if diff := cmp.Diff(want, entries(records)); diff != "" {
		t.Error(diff)
	}
}

// Each format has a way to say that a name stands for all below it; none may
// say so of a top-level domain.
func TestSubdomainsNeedDot(t *testing.T) {
	const extension = `"extensions":{"extension-definition--3f0c7f0e-52a4-5d0b-9d6e-6a1f5f0b7c21":{"subdomains":true}}`
	tests := map[string]struct {
		text       string
		subdomains bool
	}{
		"csv":            {"value,type\n*.com,domain\n", false},
		"csv option":     {"value,type\ncom,hostname\n", true},
		"misp option":    {`{"Event":{"Attribute":[{"type":"domain","value":"com","to_ids":true}]}}`, true},
		"stix option":    {`{"objects":[{"type":"indicator","pattern":"[domain-name:value = 'com']"}]}`, true},
		"stix extension": {`{"objects":[{"type":"indicator","pattern":"[domain-name:value = 'com']",` + extension + `}]}`, false},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			_, records, err := read(t, "x", tt.text, formats.Options{Subdomains: tt.subdomains})
			if err != nil {
				t.Fatal(err)
			}
			if len(records) != 1 || records[0].Skipped != oneLabel || !strings.HasSuffix(records[0].Value, "com") {
				t.Errorf("got %v", outline(records))
			}
		})
	}
}

func TestReadStandardInput(t *testing.T) {
	_, records, err := read(t, "standard input", "value,source\n192.0.2.1,\n192.0.2.2,Feed\n", formats.Options{})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, e := range entries(records) {
		got = append(got, e.Source)
	}
	if diff := cmp.Diff([]string{"standard input", "Feed"}, got); diff != "" {
		t.Error(diff)
	}
}

// entries are those of the records that have one.
func entries(records []formats.Record) []entry.Entry {
	var list []entry.Entry
	for _, r := range records {
		if r.Skipped == "" {
			list = append(list, r.Entry)
		}
	}
	return list
}

func TestReadRefuses(t *testing.T) {
	tests := []struct {
		name, text string
		format     formats.Format
		want       string
	}{
		{"empty", "", "", "f: the file is empty"},
		{"blank", "\ufeff \n\n", "", "f: the file is empty"},
		{"gzip", "\x1f\x8b\x08\x00", "", "f: compressed with gzip, but cut off or damaged: get the file again"},
		{"zip", "PK\x03\x04", formats.CSV, "f: compressed with zip: unpack it first"},
		{"binary", "192.0.2.1\nELF\x00", "", "f:2: not a text file: it has NUL bytes (save a text in UTF-16 with its byte order mark, or as UTF-8)"},
		{"HTML", " <html>", "", "f:1: HTML or XML, which can't be read (STIX 1 and OpenIOC are XML; a web page may be a failed download)"},
		{"prose", "Copyright 2024. All\nrights reserved.\n192.0.2.1\nand\nso\non, and on", "", `f:1: not STIX, MISP, a table or a list of indicators: "Copyright" is not an address, domain, URL, e-mail address or hash`},
		{"Latin-1 prose", "Vive\nle caf\xe9", "", `f:1: not STIX, MISP, a table or a list of indicators: "Vive" is not an address, domain, URL, e-mail address or hash`},
		{"cut off", "{\"objects\": [\n{\"type\": \"indicator\", \"pattern\": \"[ipv4-addr:value = '192.0.2.1']\"},\n", "", "f:2: cut off: the JSON ends too early (get the file again)"},
		{"malformed", "{\"type\": \"bundle\",\n \"objects\": [,]}", "", "f:2: malformed JSON at byte 33: invalid character ',' looking for beginning of value"},
		{"too deep", strings.Repeat("[", 20000), "", "f:1: malformed JSON at byte 10001: invalid character '[' exceeded max depth"},
		{"other JSON", `{"name": "x", "version": 1}`, "", "f:1: JSON, but not a STIX bundle, a MISP event or a list of objects with a value"},
		{"list of JSON", `[{"name": "x"}, 5, null]`, "", "f:1: JSON, but not a STIX bundle, a MISP event or a list of objects with a value"},
		{"error of a server", `{"message": "Not Found", "documentation_url": "https://docs.example/"}`, "", "f:1: JSON, but not a STIX bundle, a MISP event or a list of objects with a value"},
		{"not STIX", `{"Event": {}}`, formats.STIX, "f:1: JSON, but not a STIX bundle: it has no objects"},
		{"not MISP", `{"objects": []}`, formats.MISP, "f:1: JSON, but not a MISP event: it has no Event"},
		{"list as STIX", "192.0.2.1", formats.STIX, "f:1: malformed JSON at byte 6: invalid character '.' after top-level value"},
		{"list as CSV", "192.0.2.1", formats.CSV, "f:1: not a table: no line is a header with a value column (value, indicator, or a type such as ip or sha256), and its lines have different numbers of cells; choose the columns with --columns value=1"},
		{"odd separator", "sep=:\nvalue:note\n", formats.CSV, "f:1: not a table: no line is a header with a value column (value, indicator, or a type such as ip or sha256), and its lines have different numbers of cells; choose the columns with --columns value=1"},
		{"fingerprints", "# SSL certificates\nda39a3ee5e6b4b0d3255bfef95601890afd80709\n", "", `f:1: hashes that may not be of files, by the word "certificates": if they are, use --type sha256 (or md5, sha1)`},
		{"fingerprints in a table", "# JA3 fingerprints\nlistingdate,md5\n2024-01-01,d41d8cd98f00b204e9800998ecf8427e\n", "", `f:1: hashes that may not be of files, by the word "fingerprints": if they are, use --type sha256 (or md5, sha1)`},
		{"format", "192.0.2.1", "xml", `f: "xml" is not a format: use stix, misp, json, csv or list`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, records, err := read(t, "f", tt.text, formats.Options{Format: tt.format})
			var problem *formats.FileError
			if !errors.As(err, &problem) {
				t.Fatalf("got error %v, want a FileError", err)
			}
			if diff := cmp.Diff(tt.want, err.Error()); diff != "" {
				t.Error(diff)
			}
			if len(records) > 0 {
				t.Errorf("got records %v besides", outline(records))
			}
		})
	}
}

func TestReadNothingInside(t *testing.T) {
	for text, want := range map[string]formats.Format{
		"# nothing today\n":                  formats.List,
		"value,type\n":                       formats.CSV,
		`{"type":"bundle","id":"bundle--1"}`: formats.STIX,
		`{"objects": null}`:                  formats.STIX,
		`{"response": []}`:                   formats.MISP,
		`[{"Event": {"Attribute": null}}]`:   formats.MISP,
		strings.Repeat(" ", 1<<17):           formats.List,
	} {
		format, records, err := read(t, "f", text, formats.Options{})
		if format != want || len(records) > 1 || err != nil {
			t.Errorf("%.40q: got %q, %v, %v", text, format, outline(records), err)
		}
	}
}

func TestReadUTF16(t *testing.T) {
	for name, order := range map[string][2]int{"little": {0, 1}, "big": {1, 0}} {
		t.Run(name, func(t *testing.T) {
			var text bytes.Buffer
			for _, r := range "\ufeff192.0.2.1\r\nevil.example\r\n" {
				pair := [2]byte{}
				pair[order[0]], pair[order[1]] = byte(r), byte(r>>8)
				text.Write(pair[:])
			}
			_, records, err := read(t, "f", text.String(), formats.Options{})
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff([]string{"1 ip 192.0.2.1", "2 domain evil.example"}, outline(records)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestReadBadLineAmongThousands(t *testing.T) {
	for _, header := range []string{"", "value\n"} {
		var text strings.Builder
		text.WriteString(header)
		for i := range 5000 {
			if i == 2500 {
				text.WriteString("nonsense\n")
			}
			fmt.Fprintf(&text, "10.0.%d.%d\n", i/250, i%250)
		}
		_, records, err := read(t, "f", text.String(), formats.Options{})
		if err != nil || len(records) != 5001 || len(entries(records)) != 5000 {
			t.Errorf("%q: got %d records, %d entries, %v", header, len(records), len(entries(records)), err)
		}
	}
}

func TestReadStops(t *testing.T) {
	texts := map[string]string{
		"list": "192.0.2.1\n192.0.2.2\n",
		"csv":  "value\n192.0.2.1\n192.0.2.2\n",
		"misp": `{"Event":{"Attribute":[{"type":"ip-dst","value":"192.0.2.1","to_ids":true},{"type":"ip-dst","value":"192.0.2.2","to_ids":true}]}}`,
		"stix": `{"objects":[{"type":"indicator","pattern":"[ipv4-addr:value IN ('192.0.2.1','192.0.2.2')]"}]}`,
	}
	for name, text := range texts {
		t.Run(name, func(t *testing.T) {
			full := errors.New("the store is full")
			calls := 0
			_, err := formats.Read(t.Context(), strings.NewReader(text), name, formats.Options{}, func(formats.Record) error {
				calls++
				return full
			})
			if err != full || calls != 1 {
				t.Errorf("yield failed: got %v after %d calls", err, calls)
			}

			ctx, cancel := context.WithCancel(t.Context())
			cancel()
			_, err = formats.Read(ctx, strings.NewReader(text), name, formats.Options{}, func(formats.Record) error {
				t.Error("called after the end")
				return nil
			})
			if !errors.Is(err, context.Canceled) {
				t.Errorf("canceled: got %v", err)
			}

			ctx, cancel = context.WithCancel(t.Context())
			calls = 0
			_, err = formats.Read(ctx, strings.NewReader(text), name, formats.Options{}, func(formats.Record) error {
				calls++
				cancel()
				return nil
			})
			if !errors.Is(err, context.Canceled) || calls != 1 {
				t.Errorf("canceled on the way: got %v after %d calls", err, calls)
			}
		})
	}
}

// halfway fails after its text.
type halfway struct{ text *strings.Reader }

var errUnplugged = errors.New("unplugged")

func (h halfway) Read(p []byte) (int, error) {
	n, err := h.text.Read(p)
	if err != nil {
		err = errUnplugged
	}
	return n, err
}

func TestReadPassesReadErrors(t *testing.T) {
	for _, text := range []string{"", "192.0.2.1\n", "value\n192.0.2.1\n", `{"Event":{}}`, strings.Repeat("192.0.2.1\n", 10_000)} {
		_, err := formats.Read(t.Context(), halfway{strings.NewReader(text)}, "f", formats.Options{}, func(formats.Record) error { return nil })
		if !errors.Is(err, errUnplugged) || !strings.HasPrefix(err.Error(), "f: ") {
			t.Errorf("%.20q: got %v", text, err)
		}
	}
}

func ExampleRead() {
	list := strings.NewReader("# our own blocks\nhxxp://evil[.]example/login\n198.51.100.0/24\nnonsense\n")
	layout, err := formats.Read(context.Background(), list, "blocks.txt", formats.Options{Source: "Blue Team"}, func(r formats.Record) error {
		if r.Skipped != "" {
			fmt.Printf("line %d: %s is skipped: %s\n", r.Line, r.Value, r.Skipped)
			return nil
		}
		fmt.Printf("line %d: %s %s is %s\n", r.Line, r.Entry.Observable.Type, r.Entry.Observable.Value, r.Entry.Disposition)
		return nil
	})
	fmt.Println(layout.Format, err)
	// Output:
	// line 2: url http://evil.example/login is Malicious
	// line 3: ip 198.51.100.0/24 is Malicious
	// line 4: nonsense is skipped: not an address, domain, URL, e-mail address or hash
	// list <nil>
}

func FuzzRead(f *testing.F) {
	for _, name := range []string{"hosts.txt", "feed.csv", "stix21.json", "misp.json"} {
		text, err := os.ReadFile(filepath.Join("testdata", name))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text)
	}
	for _, text := range []string{
		"address=/a.example/#\n", "local-zone: \"a.example\" static\n", "$TTL 60\na.example CNAME .\n8.zz.rpz-ip CNAME .\n", "||a.example^$all\n", "x:192.0.2.0-192.0.2.9\n",
		"{\"cidr\":\"192.0.2.0/24\"}\n{\"a\":{\"ip\":[1,null]}}\n", `[{"value":"a.example","x":[{}]},"b.example"]`, `{"objects":[{"type":"indicator","id":"indicator--1","revoked":true}]}`,
		`{"objects":[{"type":"indicator","pattern":"file:hashes.MD5 = 'd41d8cd98f00b204e9800998ecf8427e' AND file:size > 5"}]}`, "Start,End\n192.0.2.1,192.0.2.9\n", "URL,http://a.example/\nHost,a.example\n", "\x1f\x8b",
	} {
		f.Add([]byte(text))
	}
	f.Add([]byte("a;b;value\n1;\"2;192.0.2.1\n"))
	f.Add([]byte("\xff\xfe1\x00.\x00"))
	f.Add([]byte("sep=;\rvalue;valid_until\r192.0.2.1;9999-12-31T23:59:59-01:00\r"))
	f.Fuzz(func(t *testing.T, text []byte) {
		lines := 1 + bytes.Count(text, []byte("\n")) + bytes.Count(text, []byte("\r"))
		utf16 := bytes.HasPrefix(text, []byte("\xff\xfe")) || bytes.HasPrefix(text, []byte("\xfe\xff"))
		for _, format := range []formats.Format{"", formats.List, formats.CSV} {
			_, err := formats.Read(t.Context(), bytes.NewReader(text), "f", formats.Options{Format: format, All: true}, func(r formats.Record) error {
				if r.Line < 1 || r.Line > lines && !utf16 {
					t.Errorf("line %d of %d", r.Line, lines)
				}
				if strings.ContainsAny(r.Value, "\n\r\x1b") || len([]rune(r.Value)) > 100 {
					t.Errorf("the value %q is not fit to be shown", r.Value)
				}
				if r.Skipped != "" {
					return nil
				}
				e := r.Entry
				for _, o := range append([]ctim.Observable{e.Observable}, e.With...) {
					if again, err := normalize.Observable(o); err != nil || again != o {
						t.Errorf("%v is not normalized: %v, %v", o, again, err)
					}
				}
				if _, err := json.Marshal(e); err != nil {
					t.Errorf("it can't be stored: %v", err)
				}
				if e.Source == "" || e.Disposition < ctim.Clean || e.Disposition > ctim.Unknown {
					t.Errorf("incomplete: %+v", e)
				}
				return nil
			})
			var problem *formats.FileError
			if err != nil && !errors.As(err, &problem) {
				t.Errorf("got %v, want a FileError", err)
			}
			if err != nil && strings.ContainsAny(err.Error(), "\n\r") {
				t.Errorf("more than one line: %q", err)
			}
		}
	})
}

func BenchmarkRead(b *testing.B) {
	var addresses, names, table strings.Builder
	table.WriteString("type,value,verdict,title,tags,first_seen\n")
	const count = 100_000
	for i := range count {
		fmt.Fprintf(&addresses, "%d.%d.%d.%d\n", 1+i%200, i>>16, i>>8&255, i&255)
		fmt.Fprintf(&names, "host-%d.evil%d.example.com\t%d\n", i, i%100, i)
		fmt.Fprintf(&table, "ip,10.%d.%d.%d,malicious,\"Spring, wave\",a;b,2024-01-31T00:00:00Z\n", i>>16, i>>8&255, i&255)
	}
	for name, text := range map[string]string{"addresses": addresses.String(), "names": names.String(), "table": table.String()} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				n := 0
				_, err := formats.Read(b.Context(), strings.NewReader(text), "f", formats.Options{}, func(r formats.Record) error {
					if r.Skipped == "" {
						n++
					}
					return nil
				})
				if err != nil || n != count {
					b.Fatalf("read %d, %v", n, err)
				}
			}
			b.ReportMetric(float64(count)*float64(b.N)/b.Elapsed().Seconds(), "lines/s")
		})
	}
}

// A file that is cut anywhere is read as far as it goes, or refused.
func TestReadCutAnywhere(t *testing.T) {
	for _, name := range []string{"hosts.txt", "feed.csv", "stix21.json", "misp.json"} {
		text, err := os.ReadFile(filepath.Join("testdata", name))
		if err != nil {
			t.Fatal(err)
		}
		plain := strings.TrimSpace(string(text))
		for _, whole := range []string{plain, packed(plain)} {
			for end := range len(whole) {
				_, _, err := read(t, name, whole[:end], formats.Options{})
				var problem *formats.FileError
				if err != nil && !errors.As(err, &problem) {
					t.Fatalf("%s, cut at %d: %v", name, end, err)
				}
				if err == nil && strings.HasPrefix(whole, "{") {
					t.Fatalf("%s, cut at %d, is read", name, end)
				}
			}
		}
	}
}
