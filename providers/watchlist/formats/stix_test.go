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

func TestReadSTIX(t *testing.T) {
	format, records := readFile(t, "stix21.json", formats.Options{})
	if format != formats.STIX {
		t.Errorf("read as %q", format)
	}
	want := []string{
		"5 url https://evil.example/a'b",
		"5 domain evil.example",
		"13 domain two.example + 198.51.100.1",
		"13 ip 198.51.100.1 + two.example",
		"13 domain two.example + 198.51.100.2",
		"13 ip 198.51.100.2 + two.example",
		"18 ip 203.0.113.0/24",
		"18 file:name LIKE 'invoice%': LIKE can't be matched exactly",
		"18 ipv6 2001:db8::1",
		"20 [ipv4-addr:value = '198.51.100.4']: revoked by its source",
		"22 rule x { condition: true }: a pattern of type yara, not stix",
		"24 [ipv4-addr:value = '198.51.100.6': not a STIX pattern: ']' is expected",
		"26 file:hashes.MD5 = 'abc': not an MD5 hash: not 32 characters long",
		"26 file:size > 5: file:size is not an observable",
		"26 url:value != 'http://x.example/': != can't be matched",
		"26 file:hashes.'SHA-512' = 'aa': file:hashes.SHA-512 is not an observable",
		"28 5.5: not a STIX pattern: '[' is expected",
		"29 nothing at all: the indicator has no pattern",
		"30 ip 198.51.100.10",
		"32 [ipv4-addr:value = '198.51.100.11'] FOLLOWEDBY [ipv4-addr:value = '198.51.100.12']: FOLLOWEDBY can't be matched",
		"34 ip 198.51.100.12",
	}
	if diff := cmp.Diff(want, outline(records)); diff != "" {
		t.Error(diff)
	}
	day := func(month time.Month, day, hour int) time.Time {
		return time.Date(2024, month, day, hour, 0, 0, 0, time.UTC)
	}
	full := entry.Entry{
		Observable:  ctim.Observable{Type: ctim.TypeURL, Value: "https://evil.example/a'b"},
		Disposition: ctim.Malicious, Confidence: ctim.ConfidenceHigh, Priority: ctim.PriorityCurated, TLP: ctim.TLPGreen,
		Title: "Spring in the wild", Description: "Landing page\n\nServed in March.", Tags: []string{"spring"},
		Source: "Example CERT", SourceURL: "https://blog.example/spring",
		ExternalIDs: []string{"indicator--00000000-0000-4000-8000-000000000001", "CASE-7"}, Pattern: true,
		FirstSeen: day(2, 20, 8), ValidFrom: day(3, 1, 0), ValidUntil: day(9, 1, 0),
		Indicates: []threat.Threat{
			{Kind: threat.Malware, Name: "FooBot", Description: "A bot."},
			{Kind: threat.Actor, Name: "Group Zero", ID: "G0000", URL: "https://attack.mitre.org/groups/G0000/"},
			{Kind: threat.Vulnerability, Name: "CVE-2023-5631", ID: "CVE-2023-5631"},
			{Kind: threat.AttackPattern, Name: "T1566.002", ID: "T1566.002", URL: "https://attack.mitre.org/techniques/T1566/002/"},
		},
	}
	if diff := cmp.Diff(full, records[0].Entry); diff != "" {
		t.Error(diff)
	}
	group := entry.Entry{
		Observable:  ctim.Observable{Type: ctim.TypeDomain, Value: "two.example"},
		With:        []ctim.Observable{{Type: ctim.TypeIP, Value: "198.51.100.1"}},
		Disposition: ctim.Suspicious, Confidence: ctim.ConfidenceLow, Priority: ctim.PriorityCurated, TLP: ctim.TLPAmber,
		Source: "stix21", ExternalIDs: []string{"indicator--00000000-0000-4000-8000-000000000002"}, Pattern: true,
		FirstSeen: day(3, 2, 0), ValidFrom: day(3, 2, 0),
	}
	if diff := cmp.Diff(group, records[2].Entry); diff != "" {
		t.Error(diff)
	}
	if got := records[6].Entry.Disposition; got != ctim.Clean {
		t.Errorf("a benign indicator is %v", got)
	}
}

func TestReadSTIXPaths(t *testing.T) {
	const sha256 = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
	tests := map[string]string{
		`[ipv4-addr:value = '192.0.2.1']`:                                                     "1 ip 192.0.2.1",
		`[ipv4-addr:value = '192.0.2.0/24']`:                                                  "1 ip 192.0.2.0/24",
		`[ipv6-addr:value ISSUBSET '2001:db8::/32']`:                                          "1 ipv6 2001:db8::/32",
		`[ipv4-addr:value ISSUPERSET '192.0.2.0/24']`:                                         "1 ipv4-addr:value ISSUPERSET '192.0.2.0/24': ISSUPERSET can't be matched",
		`[domain-name:value ISSUBSET 'a.example']`:                                            "1 domain-name:value ISSUBSET 'a.example': ISSUBSET can't be matched",
		`[domain-name:value NOT = 'a.example']`:                                               "1 domain-name:value NOT = 'a.example': NOT can't be matched",
		`[domain-name:value MATCHES '^a']`:                                                    "1 domain-name:value MATCHES '^a': MATCHES can't be matched exactly",
		`[EXISTS domain-name:value]`:                                                          "1 EXISTS domain-name:value: EXISTS can't be matched",
		`[domain-name:value = true]`:                                                          "1 domain-name:value = true: the value is not a text",
		`[file:hashes.'SHA-256' = '` + sha256 + `']`:                                          "1 sha256 " + sha256,
		`[file:hashes.SHA256 = '` + sha256 + `']`:                                             "1 sha256 " + sha256,
		`[file:hashes[*].'SHA-256' = '` + sha256 + `']`:                                       "1 sha256 " + sha256,
		`[file:hashes.'sha-256' = '` + sha256 + `']`:                                          "1 sha256 " + sha256,
		`[file:content_ref.hashes.'SHA-256' = '` + sha256 + `']`:                              "1 sha256 " + sha256,
		`[x509-certificate:hashes.'SHA-256' = '` + sha256 + `']`:                              "1 x509-certificate:hashes.'SHA-256' = '" + sha256[:62] + "…: x509-certificate:hashes.SHA-256 is not an observable",
		`[file:name = 'x.exe']`:                                                               "1 file_name x.exe",
		`[email-addr:value = 'A@b.example']`:                                                  "1 email a@b.example",
		`[email-message:from_ref.value = 'a@b.example']`:                                      "1 email a@b.example",
		`[email-message:subject = 'Hi']`:                                                      "1 email_subject Hi",
		`[network-traffic:src_ref.value = '2001:db8::1']`:                                     "1 ipv6 2001:db8::1",
		`[domain-name:resolves_to_refs[0].value = '192.0.2.1']`:                               "1 ip 192.0.2.1",
		`[x-ctim-observable:imei = '1']`:                                                      "1 imei 1",
		`[x-ctim-observable:'' = 'a']`:                                                        "1 x-ctim-observable:'' = 'a': x-ctim-observable: is not an observable",
		`[x-ctim-observable:network = '10.0.0.0/8']`:                                          "1 x-ctim-observable:network = '10.0.0.0/8': x-ctim-observable:network is not an observable",
		`[x-ctim-observable:` + strings.Repeat("z", 40_000) + ` = 'a']`:                       "1 x-ctim-observable:" + strings.Repeat("z", 81) + "…: x-ctim-observable:" + strings.Repeat("z", 81) + "… is not an observable",
		`[mutex:name = 'm']`:                                                                  "1 mutex m",
		`[windows-registry-key:key = 'HKLM\\x']`:                                              `1 registry_key HKLM\x`,
		`[mac-addr:value = 'AA:BB:CC:DD:EE:FF']`:                                              "1 mac_address aa:bb:cc:dd:ee:ff",
		`[user-account:account_login = 'eve']`:                                                "1 user eve",
		`[process:command_line = 'x /y']`:                                                     "1 process_args x /y",
		`[network-traffic:extensions.'http-request-ext'.request_header.'User-Agent' = 'x/1']`: "1 user_agent x/1",
	}
	for pattern, want := range tests {
		t.Run(pattern[:min(len(pattern), 80)], func(t *testing.T) {
			_, records, err := read(t, "x.json", stixBundle(t, pattern), formats.Options{})
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff([]string{want}, outline(records)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// An AND narrows only if its operands name different things.
func TestReadSTIXAnd(t *testing.T) {
	const md5, sha1 = "d41d8cd98f00b204e9800998ecf8427e", "da39a3ee5e6b4b0d3255bfef95601890afd80709"
	const other = "900150983cd24fb0d6963f7d28e17f72"
	tests := map[string][]string{
		"[file:hashes.MD5 = '" + md5 + "' AND file:hashes.'SHA-1' = '" + sha1 + "']":                             {"1 md5 " + md5, "1 sha1 " + sha1},
		"[file:hashes.MD5 = '" + md5 + "' AND file:size > 5 AND file:name = 'x' AND file:hashes.SSDEEP = '3:a']": {"1 md5 " + md5 + " (File name: x)"},
		"[file:hashes.MD5 = '" + md5 + "'] AND [file:hashes.MD5 = '" + other + "']":                              {"1 md5 " + md5 + " + " + other, "1 md5 " + other + " + " + md5},
		"[file:hashes.MD5 = '" + md5 + "' AND domain-name:value = 'a.example']":                                  {"1 md5 " + md5 + " + a.example", "1 domain a.example + " + md5},
		"[file:hashes.MD5 = '" + md5 + "' AND file:hashes.'SHA-1' = '" + sha1 + "' AND domain-name:value = 'a.example']": {
			"1 md5 " + md5 + " + a.example", "1 domain a.example + " + md5, "1 sha1 " + sha1 + " + a.example", "1 domain a.example + " + sha1},
		"[file:hashes.MD5 = '" + md5 + "' AND file:content_ref.hashes.MD5 = '" + other + "']":                                                              {"1 md5 " + md5 + " + " + other, "1 md5 " + other + " + " + md5},
		"[file:hashes.'SHA-512' = 'aa' AND file:name = 'x']":                                                                                               {"1 file:hashes.'SHA-512' = 'aa' AND file:name = 'x': AND with a part that can't be matched: file:hashes.SHA-512 is not an observable"},
		"[file:name = 'x' AND file:size = 5]":                                                                                                              {"1 file:name = 'x' AND file:size = 5: AND with a part that can't be matched: file:size is not an observable"},
		"[file:name = 'x' AND domain-name:value = 'a.example']":                                                                                            {"1 domain a.example + x", "1 file_name x + a.example"},
		"[ipv4-addr:value = '192.0.2.1' AND network-traffic:dst_port = 443 AND network-traffic:protocols[*] = 'tcp']":                                      {"1 ip 192.0.2.1 (Port: 443)"},
		"[network-traffic:dst_ref.type = 'ipv4-addr' AND network-traffic:dst_ref.value = '192.0.2.1'] AND [network-traffic:src_port IN (1, 2)]":            {"1 ip 192.0.2.1 (Source port: 1)", "1 ip 192.0.2.1 (Source port: 2)"},
		"[network-traffic:dst_port = 443 AND network-traffic:protocols[*] = 'tcp']":                                                                        {"1 network-traffic:dst_port = 443 AND network-traffic:protocols[*] = 'tcp': AND with a part that can't be matched: network-traffic:dst_port is not an observable"},
		"[network-traffic:src_ref.value = '192.0.2.1' AND network-traffic:dst_ref.value = '192.0.2.2']":                                                    {"1 ip 192.0.2.1 + 192.0.2.2", "1 ip 192.0.2.2 + 192.0.2.1"},
		"[domain-name:value = 'a.example' AND domain-name:resolves_to_refs[*].type = 'ipv4-addr' AND domain-name:resolves_to_refs[*].value = '192.0.2.1']": {"1 domain a.example + 192.0.2.1", "1 ip 192.0.2.1 + a.example"},
		"[url:value = 'http://a.example/' AND url:x_host = 'b.example' AND x-foo:x_bar = 'c']":                                                             {"1 url http://a.example/"},
		"[url:x_host = 'b.example' AND url:x_port = 1]":                                                                                                    {"1 url:x_host = 'b.example' AND url:x_port = 1: AND with a part that can't be matched: url:x_host is not an observable"},
		`[windows-registry-key:key = 'HKLM\\a' AND windows-registry-key:values[*].name = 'b' AND windows-registry-key:values[*].data = 'c']`:               {`1 registry_key HKLM\a (Registry value: b)`},
		"[email-addr:value = 'a@b.example' AND email-addr:display_name = 'Ann']":                                                                           {"1 email a@b.example"},
		"[domain-name:value = '192.0.2.1']":                                                                                                                {"1 ip 192.0.2.1"},
		"[file:hashes.MD5 = '" + sha1 + "']":                                                                                                               {"1 sha1 " + sha1},
	}
	for pattern, want := range tests {
		t.Run(pattern, func(t *testing.T) {
			_, records, err := read(t, "x.json", stixBundle(t, pattern), formats.Options{})
			if err != nil {
				t.Fatal(err)
			}
			got := outline(records)
			for i, r := range records {
				if r.Entry.Description != "" {
					got[i] += " (" + r.Entry.Description + ")"
				}
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestReadSTIXExtensionTypes(t *testing.T) {
	for kind, want := range map[string]string{
		"hostname": "1 hostname 192-0-2-1.example",
		"network":  "1 domain 192-0-2-1.example",
		"":         "1 domain 192-0-2-1.example",
	} {
		text := `{"objects":[{"type":"indicator","pattern":"[domain-name:value = '192-0-2-1.example']",` +
			`"extensions":{"extension-definition--3f0c7f0e-52a4-5d0b-9d6e-6a1f5f0b7c21":{"observable":{"type":"` + kind + `","value":"192-0-2-1.example"}}}}]}`
		_, records, err := read(t, "x", text, formats.Options{})
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff([]string{want}, outline(records)); diff != "" {
			t.Error(diff)
		}
	}
}

func TestReadSTIXExtensionTimes(t *testing.T) {
	const text = `{"objects":[{"type":"indicator","pattern":"[url:value = 'http://a.example/']","extensions":{"extension-definition--3f0c7f0e-52a4-5d0b-9d6e-6a1f5f0b7c21":` +
		`{"first_seen":"9999-12-31T23:59:59-01:00","valid_from":"9999-12-31T23:59:59-02:00"}}}]}`
	_, records, err := read(t, "x", text, formats.Options{})
	if err != nil || len(records) != 1 {
		t.Fatalf("got %v, %v", records, err)
	}
	if e := records[0].Entry; !e.FirstSeen.IsZero() || !e.ValidFrom.IsZero() {
		t.Errorf("seen %v, valid from %v", e.FirstSeen, e.ValidFrom)
	}
}

func TestReadSTIXDescription(t *testing.T) {
	for head, want := range map[string]string{
		`"name":"Landing page"`: "Landing page",
		`"name":"192.0.2.1"`:    "",
		`"name":"Landing page","description":"Served in March."`: "Landing page\n\nServed in March.",
		`"name":"March","description":"Served in March."`:        "Served in March.",
		`"name":"192.0.2.1","description":"Served in March."`:    "Served in March.",
		`"description":"Served in March."`:                       "Served in March.",
	} {
		_, records, err := read(t, "x", `{"objects":[{"type":"indicator","pattern":"[ipv4-addr:value = '192.0.2.1']",`+head+`}]}`, formats.Options{})
		if err != nil || len(records) != 1 || records[0].Entry.Description != want {
			t.Errorf("%s: got %v, %v", head, records, err)
		}
	}
}

func TestReadSTIX20(t *testing.T) {
	const text = `{"type": "bundle", "spec_version": "2.0", "objects": [
		{"type": "report", "name": "plain name", "title": "2024-01-31 wave", "object_refs": ["indicator--1"], "external_references": [{"url": "javascript:alert(1)"}, {"url": "https://blog.example/x"}]},
		{"type": "indicator", "id": "indicator--1", "labels": ["benign", "kept"], "name": "192.0.2.1", "description": "d", "pattern": "[ipv4-addr:value = '192.0.2.1']", "valid_from": "2024-01-31T00:00:00Z"}]}`
	_, records, err := read(t, "x.json", text, formats.Options{})
	if err != nil {
		t.Fatal(err)
	}
	from := time.Date(2024, 1, 31, 0, 0, 0, 0, time.UTC)
	want := []entry.Entry{{
		Observable:  ctim.Observable{Type: ctim.TypeIP, Value: "192.0.2.1"},
		Disposition: ctim.Clean, Priority: ctim.PriorityCurated, Title: "2024-01-31 wave", Description: "d", Tags: []string{"kept"},
		Source: "x", SourceURL: "https://blog.example/x", ExternalIDs: []string{"indicator--1"}, Pattern: true, FirstSeen: from, ValidFrom: from,
	}}
	if diff := cmp.Diff(want, entries(records)); diff != "" {
		t.Error(diff)
	}
}

func TestReadSTIXShapes(t *testing.T) {
	const indicator = `{"created":"2024-01-01T00:00:00Z","id":"indicator--1","object_marking_refs":["x"],"pattern":"[ipv4-addr:value = '192.0.2.1']","type":"indicator"}`
	for _, text := range []string{
		indicator, `[` + indicator + `]`, `{"objects":[` + indicator + `],"type":"bundle"}`, `{"more":true,"next":"2","objects":[` + indicator + `]}`,
		`[{"type":"bundle","objects":[` + indicator + `]}]`,
	} {
		format, records, err := read(t, "x", text, formats.Options{})
		if format != formats.STIX || err != nil || len(records) != 1 || records[0].Entry.Observable.Value != "192.0.2.1" {
			t.Errorf("%s: read as %q: %v, %v", text, format, outline(records), err)
		}
	}
}

func TestReadSTIXOnlyObservables(t *testing.T) {
	_, records, err := read(t, "x", `{"type":"bundle","objects":[{"type":"ipv4-addr","id":"ipv4-addr--1","value":"192.0.2.1"}]}`, formats.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"1 : no indicators: observables alone aren't malicious"}, outline(records)); diff != "" {
		t.Error(diff)
	}
}

// The newest version of an indicator counts, wherever it stands.
func TestReadSTIXVersions(t *testing.T) {
	version := func(modified, value, more string) string {
		return `{"type":"indicator","id":"indicator--1","created":"2024-01-01T00:00:00Z","modified":"` + modified + `","pattern":"[ipv4-addr:value = '` + value + `']"` + more + `}`
	}
	first, second := version("2024-01-01T00:00:00Z", "192.0.2.1", ""), version("2024-02-01T00:00:00.000Z", "192.0.2.2", "")
	revoked := version("2024-03-01T00:00:00Z", "192.0.2.2", `,"revoked":true`)
	for text, want := range map[string]formats.Record{
		first:                 {Value: "192.0.2.1"},
		first + "," + second:  {Value: "192.0.2.2", Changed: true},
		second + "," + first:  {Value: "192.0.2.2", Changed: true},
		revoked + "," + first: {Value: "[ipv4-addr:value = '192.0.2.2']", Withdrawn: []ctim.Observable{{Type: ctim.TypeIP, Value: "192.0.2.2"}}},
		version("2024-03-01T00:00:00Z", "not an address", `,"revoked":true`): {Value: "[ipv4-addr:value = 'not an address']", Changed: true},
	} {
		_, records, err := read(t, "x", `{"objects":[`+text+`]}`, formats.Options{})
		if err != nil || len(records) != 1 {
			t.Fatal(outline(records), err)
		}
		got := formats.Record{Value: records[0].Value, Changed: records[0].Changed, Withdrawn: records[0].Withdrawn}
		if diff := cmp.Diff(want, got); diff != "" || records[0].ID != "indicator--1" {
			t.Errorf("%s: %s", text, diff)
		}
	}
}
