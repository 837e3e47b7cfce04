package formats_test

import (
	"bytes"
	"compress/gzip"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/serverless-relay/relay/providers/watchlist/formats"
)

func TestReadRulesForNameServers(t *testing.T) {
	const (
		exception = "an exception, which is not blocked"
		answer    = "a name with another address, which is not blocked"
		noRule    = "not a rule that blocks a name"
	)
	tests := map[string]struct {
		text string
		want []string
	}{
		"dnsmasq": {"# a list\naddress=/a.example/#\naddress=/b.example/0.0.0.0\nlocal=/c.example/\nserver=/d.example/e.example/\naddress=/host.lan/10.0.0.5\nserver=/corp.example/10.0.0.1\nbogus-nxdomain=192.0.2.1\n",
			[]string{"2 domain a.example *", "3 domain b.example *", "4 domain c.example *", "5 domain d.example *", "5 domain e.example *",
				"6 address=/host.lan/10.0.0.5: " + answer, "7 server=/corp.example/10.0.0.1: " + noRule, "8 bogus-nxdomain=192.0.2.1: " + noRule}},
		"unbound": {"server:\nlocal-zone: \"a.example.\" always_null\nlocal-zone: \"b.example\" redirect\nlocal-data: \"b.example A 0.0.0.0\"\nlocal-zone: \"c.example\" transparent\nlocal-data: \"printer.lan A 10.0.0.9\"\n",
			[]string{"2 domain a.example *", "3 domain b.example *", "4 domain b.example", "5 local-zone: \"c.example\" transparent: " + exception, "6 local-data: \"printer.lan A 10.0.0.9\": " + answer}},
		"response policy zone": {"$TTL 60\n@ IN SOA localhost. root.localhost. (\n 2024010101 ; serial\n )\n  NS localhost.\na.example CNAME .\n*.a.example CNAME .\nb.example. 60 IN CNAME *. ; a note\nc.example CNAME rpz-passthru.\nd.example A 0.0.0.0\n24.0.2.0.192.rpz-ip CNAME .\n48.zz.db8.2001.rpz-ip CNAME .\nns.example.rpz-nsdname CNAME .\n",
			[]string{"6 domain a.example", "7 domain a.example *", "8 domain b.example", "9 c.example CNAME rpz-passthru.: " + exception, "10 domain d.example", "11 ip 192.0.2.0/24", "12 ipv6 2001:db8::/48", "13 ns.example.rpz-nsdname: " + noRule}},
		"zone with more about itself than rules": {"@ SOA localhost. root.localhost. (\n 1 ; serial\n 2\n 3\n 4\n 5 )\n NS localhost.\na.example CNAME .\nb.example CNAME rpz-passthru.\n",
			[]string{"8 domain a.example", "9 b.example CNAME rpz-passthru.: " + exception}},
		"transferred zone": {"; <<>> DiG\nrpz.local. 60 IN SOA localhost. root.localhost. 1 2 3 4 5\na.example.rpz.local. 60 IN CNAME .\n*.A.example.RPZ.local. 60 IN CNAME .\n24.0.2.0.192.rpz-ip.rpz.local. 60 IN CNAME .\nb.example. 60 IN CNAME .\n",
			[]string{"3 domain a.example", "4 domain a.example *", "5 ip 192.0.2.0/24", "6 domain b.example"}},
		"zone with its origin": {"$ORIGIN rpz.local.\n@ SOA localhost. root.localhost. 1 2 3 4 5\na.example.rpz.local. CNAME .\nb.example CNAME .\n",
			[]string{"3 domain a.example", "4 domain b.example"}},
		"ad-block": {"[Adblock Plus]\n||a.example^\n||b.example^$important,document\n@@||c.example^\n||d.example^$third-party\n||e.example/x^\n||192.0.2.1^\n",
			[]string{"2 domain a.example *", "3 domain b.example *", "4 @@||c.example^: " + exception, "5 ||d.example^$third-party: an ad-block rule other than ||domain^", "6 ||e.example/x^: an ad-block rule other than ||domain^", "7 ip 192.0.2.1"}},
		"ranges":          {"some isp:198.51.100.0-198.51.100.255\n2001:db8::-2001:db8::ff\n192.0.2.9-192.0.2.1\n0.0.0.0-255.255.255.255\n", []string{"1 ip 198.51.100.0/24", "2 ipv6 2001:db8::/120", "3 192.0.2.9-192.0.2.1: not a range of addresses", "4 0.0.0.0-255.255.255.255: a network of all addresses: it would match everything"}},
		"netmasks":        {"192.0.2.0/255.255.255.0\n198.51.100.0/24\n", []string{"1 ip 192.0.2.0/24", "2 ip 198.51.100.0/24"}},
		"hosts to a sink": {"10.10.10.10 a.example\n10.10.10.10\tb.example c.example # x\n10.10.10.10 d.example\n", []string{"1 domain a.example", "2 domain b.example", "2 domain c.example", "3 domain d.example"}},
		"quoted heading":  {"\"Indicator\"\n\"192.0.2.1\"\n\"http://a.example/x,y\"\n", []string{"2 ip 192.0.2.1", "3 url http://a.example/x,y"}},
		"for a proxy":     {"*.a.example/*\nb.example/*\nhttp://c.example/*\nd.example/x/*\n192.0.2.1/*\n", []string{"1 domain a.example *", "2 domain b.example *", "3 domain c.example *", "4 url http://d.example/x/*", "5 192.0.2.1/*: a wildcard beside a value that is not a domain"}},
		"punctuation":     {"\"a.example\",\n<http://b.example/x>\n`c.example`;\n", []string{"1 domain a.example", "2 url http://b.example/x", "3 domain c.example"}},
		"quotes of texts": {"\u201ca.example\u201d\n\u00abhttp://b.example/x\u00bb\n", []string{"1 domain a.example", "2 url http://b.example/x"}},
		"what nobody sees": {"a.example\u200b\nhttp://b.example/x\u200b\n\u202a" + md5 + "\u202c\n\u00a0192.0.2.1\ufeff\n",
			[]string{"1 domain a.example", "2 url http://b.example/x", "3 md5 " + md5, "4 ip 192.0.2.1"}},
		"numbers":               {"1. a.example\n2) 192.0.2.1\n10. http://b.example/\n", []string{"1 domain a.example", "2 ip 192.0.2.1", "3 url http://b.example/"}},
		"labels":                {"MD5: " + md5 + "\nIP: 192.0.2.1 (C2)\nC2 domain: a.example\nReporter: b.example\n", []string{"1 md5 " + md5, "2 ip 192.0.2.1", "3 domain a.example", "4 Reporter:: not an address, domain, URL, e-mail address or hash"}},
		"labels, no space":      {"ip:192.0.2.1\ndomain:a.example\nurl:http://b.example/\nc2:1::5\n2001:db8::\n", []string{"1 ip 192.0.2.1", "2 domain a.example", "3 url http://b.example/", "4 ipv6 c2:1::5", "5 ipv6 2001:db8::"}},
		"a colon before a note": {"a.example: a note\n192.0.2.1: another\n", []string{"1 domain a.example", "2 ip 192.0.2.1"}},
		"bullets":               {"- a.example (C2)\n* b.example - first\n\u2022 192.0.2.1\t12\n", []string{"1 domain a.example", "2 domain b.example", "3 ip 192.0.2.1"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			format, records, err := read(t, "x", tt.text, formats.Options{})
			if format != formats.List || err != nil {
				t.Fatalf("read as %q, %v", format, err)
			}
			if diff := cmp.Diff(tt.want, outline(records)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestReadListNotes(t *testing.T) {
	_, records, err := read(t, "x", "a.example - C2\nb.example (first)\nc.example\t12\nd.example # caf\xe9\n", formats.Options{})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, r := range records {
		got = append(got, r.Entry.Description)
	}
	if diff := cmp.Diff([]string{"C2", "first", "", "café"}, got); diff != "" {
		t.Error(diff)
	}
}

func TestReadListType(t *testing.T) {
	_, records, err := read(t, "x", "WS-17\na b.exe\n", formats.Options{Format: formats.List, Type: "hostname"})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"1 hostname ws-17", "2 hostname a"}, outline(records)); diff != "" {
		t.Error(diff)
	}
}

func packed(text string) string {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	_, _ = w.Write([]byte(text))
	_ = w.Close()
	return b.String()
}

func TestReadGzip(t *testing.T) {
	list := strings.Repeat("192.0.2.1\n", 100_000)
	for name, tt := range map[string]struct {
		text    string
		entries int
		err     string
	}{
		"list":      {packed(list), 100_000, ""},
		"STIX":      {packed(`{"objects":[{"type":"indicator","pattern":"[ipv4-addr:value = '192.0.2.1']"}]}`), 1, ""},
		"cut off":   {packed(list)[:len(packed(list))-20], 0, "f: compressed with gzip, but cut off or damaged: get the file again"},
		"twice":     {packed(packed(list)), 0, "f: compressed with gzip twice: unpack it first"},
		"empty":     {packed(""), 0, "f: the file is empty"},
		"no header": {"\x1f\x8b", 0, "f: compressed with gzip, but cut off or damaged: get the file again"},
	} {
		_, records, err := read(t, "f", tt.text, formats.Options{})
		if tt.err == "" && (err != nil || len(entries(records)) != tt.entries) || tt.err != "" && (err == nil || err.Error() != tt.err) {
			t.Errorf("%s: %d entries, %v", name, len(entries(records)), err)
		}
	}
}
