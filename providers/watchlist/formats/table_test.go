package formats_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/serverless-relay/relay/providers/watchlist/formats"
	"github.com/serverless-relay/relay/shared/ctim"
	"github.com/serverless-relay/relay/shared/threat"
)

const (
	md5    = "d41d8cd98f00b204e9800998ecf8427e"
	sha1   = "da39a3ee5e6b4b0d3255bfef95601890afd80709"
	sha256 = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
)

// What the columns of a table mean is found out from their names and from what
// is in them.
func TestReadTables(t *testing.T) {
	tests := map[string]struct {
		text string
		want []string
	}{
		"types in cells": {"Indicator_type,Data,Note\nsha256," + sha256 + ",x\ndomain,c2.example/tasks,C2\nip,203.0.113.5,\nfile_path_name,C:\\a\\b.exe,dropped\n",
			[]string{"2 sha256 " + sha256, "3 url http://c2.example/tasks", "4 ip 203.0.113.5", `5 file_path C:\a\b.exe`}},
		"Indicator is the type": {"Indicator,Data,Notes\ndescription,about it,\nsha256," + sha256 + ",x\ndomain,c2.example,\n",
			[]string{`2 about it: "description" is not a type of observable`, "3 sha256 " + sha256, "4 domain c2.example"}},
		"no header": {"203.0.113.41,ipaddress,first server\nc2.example,hostname,its name\n", []string{"1 ip 203.0.113.41", "2 hostname c2.example"}},
		"no header, type first": {"URL,hxxp://c2.example/x\nHost,c2.example\nMD5," + md5 + "\nURL,http://*.example/\n",
			[]string{"1 url http://c2.example/x", "2 hostname c2.example", "3 md5 " + md5, "4 http://*.example/: not a URL: the host is not a domain name"}},
		"no header, a link": {"c2.example,https://intel.example/1\nd2.example,https://intel.example/2\n", []string{"1 domain c2.example", "2 domain d2.example"}},
		"no header, hashes": {md5 + "," + sha1 + ",a.exe\n" + md5 + "," + sha1 + ",b.exe\n", []string{"1 md5 " + md5, "1 sha1 " + sha1, "2 md5 " + md5, "2 sha1 " + sha1}},
		"header in a comment above others": {"# export\n#\n# \"first_seen_utc\",\"ioc_id\",\"ioc_value\",\"ioc_type\",\"reference\"\n# terms, of use\n\"2024-07-16 06:45:19\", \"1\", \"http://c2.example/a\", \"url\", \"None\"\n\"2024-07-16 05:25:36\", \"2\", \"198.51.100.90:7777\", \"ip:port\", \"x\"\n",
			[]string{"5 url http://c2.example/a", "6 ip 198.51.100.90"}},
		"type of malware is no type": {"type,value\nphishing,a.example\nC2 server,b.example\n", []string{"2 domain a.example", "3 domain b.example"}},
		"start and end": {"Start\tEnd\tNetblock\tAttacks\tName\temail\n198.51.100.0\t198.51.100.255\t24\t6\tNET, ONE\tabuse@isp.example\n203.0.113.0\t203.0.113.5\t24\t6\tx\tn@b.example\n",
			[]string{"2 ip 198.51.100.0/24", "3 ip 203.0.113.0/30", "3 ip 203.0.113.4/31"}},
		"names and contacts": {"sha256,file_name,email,victim_ip,reference\n" + sha256 + ",svchost.exe,a@b.example,192.0.2.9,https://c.example\n", []string{"2 sha256 " + sha256}},
		"senders":            {"sender,subject\na@b.example,Invoice\n", []string{"2 email a@b.example", "2 email_subject Invoice"}},
		"fingerprints":       {"ja3_md5,md5,imphash,certificate sha1\n" + md5 + "," + md5 + "," + md5 + "," + sha1 + "\n", []string{"2 md5 " + md5}},
		"words in names":     {"C2 Server,Hash (SHA-256),Detection Count,VT Link\nc2.example:443," + sha256 + ",5,https://vt.example/x\n", []string{"2 domain c2.example", "2 sha256 " + sha256}},
		"MISP": {"uuid,event_id,category,type,value,comment,to_ids,date\nu1,7,x,hostname,www.example,check,0,1541767959\nu2,7,x,ip-dst|port,198.51.100.78|443,C2,1,1541767959\nu3,7,x,filename|sha256,a.exe|" + sha256 + ",,1,1541767959\n",
			[]string{"2 www.example: not meant for detection", "3 ip 198.51.100.78", "4 sha256 " + sha256}},
		"actions":              {"IndicatorType,IndicatorValue,Action\nIpAddress,192.0.2.1,Block\nDomainName,a.example,Allow\nUrl,http://b.example/,never heard of\n", []string{"2 ip 192.0.2.1", "3 domain a.example", "4 http://b.example/: not an action such as allow, block or alert"}},
		"flags":                {"value,active,false_positive\na.example,yes,no\nb.example,no,no\nc.example,1,1\nd.example,,maybe\n", []string{"2 domain a.example", "3 b.example: marked as no longer valid", "4 c.example: marked as no longer valid", "5 d.example: withdrawn is neither yes nor no"}},
		"several":              {"value,entity_type\n\"" + sha1 + "," + sha256 + ", " + md5 + "\",file\n\"a.example; b.example\",domain\n\"half,a\",domain\na b.exe,file\n", []string{"2 sha1 " + sha1, "2 sha256 " + sha256, "2 md5 " + md5, "3 domain a.example", "3 domain b.example", "4 half,a: not a domain name: has ','", "5 file_name a b.exe"}},
		"labels":               {"ioc\tnote\nSHA1: " + sha1 + "\tx\neducu[.]example[:]9999\ty\n192.0.2.1: 443\tz\n", []string{"2 sha1 " + sha1, "3 domain educu.example", "4 ip 192.0.2.1"}},
		"ragged":               {"value,type,note\n192.0.2.1,ip\n192.0.2.2,ip,a, b, c\n,,\n192.0.2.3,ip,,,,\n", []string{"2 ip 192.0.2.1", "3 ip 192.0.2.2", "5 ip 192.0.2.3"}},
		"too many":             {"note,value\na, b,192.0.2.1\nc,192.0.2.2\nd,192.0.2.3\n", []string{"2 a, b,192.0.2.1: more cells than columns (a cell with ',' in it needs quotes)", "3 ip 192.0.2.2", "4 ip 192.0.2.3"}},
		"by contents":          {"Stuff,Foo\nx,a.example\ny,b.example\n", []string{"2 domain a.example", "3 domain b.example"}},
		"named so":             {"Scanned,IPs,Name\n2024-01-01,5,a.example\n2024-01-02,6,b.example\n", []string{"2 domain a.example", "3 domain b.example"}},
		"no header, a mistake": {"URL,https://{proxy}/x\nHost,c2.example\n", []string{"1 https://{proxy}/x: not a URL: the host is not a domain name", "2 hostname c2.example"}},
		"title above":          {"Report of,January\n\nDate,Indicator,Type\n2024-01-01,a.example,domain\n2024-01-02,b.example,domain\n", []string{"4 domain a.example", "5 domain b.example"}},
		"group names above":    {"Indicator,,Context\nType,Value,Source\nip,192.0.2.1,x\ndomain,a.example,x\n", []string{"3 ip 192.0.2.1", "4 domain a.example"}},
		"a second table":       {"ioc,note,x\n192.0.2.1,x,y\nioc,type,note\na.example,domain,y\n", []string{"2 ip 192.0.2.1", "3 ioc: not an address, domain, URL, e-mail address or hash", "4 domain a.example"}},
		"quotes in a URL":      {"url,note\nhttp://a.example/?q='x',y\n'http://b.example/',y\n", []string{"2 url http://a.example/?q=%27x%27", "3 url http://b.example/"}},
		"abbreviations":        {"No.,IOC,Type\n1,192.0.2.1,IP\n2,a.example,Domain\n", []string{"2 ip 192.0.2.1", "3 domain a.example"}},
		"formulas":             {"Value,Type\n=\"192.0.2.1\",=\"ip\"\n=\"a.example\",domain\n", []string{"2 ip 192.0.2.1", "3 domain a.example"}},
		"Markdown":             {"| Type | Indicator |\n|:-----|---------|\n| IPv4 | 192.0.2[.]1 |\n| Domain | `a[.]example` |\n", []string{"3 ip 192.0.2.1", "4 domain a.example"}},
		"Zeek":                 {"#fields\tindicator\tindicator_type\tmeta.source\n192.0.2.1\tIntel::ADDR\tCERT\na.example/x\tIntel::URL\tCERT\n" + sha1 + "\tIntel::CERT_HASH\tCERT\n", []string{"2 ip 192.0.2.1", "3 url http://a.example/x", "4 " + sha1 + ": \"Intel::CERT_HASH\" is not a type of observable"}},
		"hashes with colons":   {"Type,Indicator\nFile," + md5 + " : " + sha1 + " : " + sha256 + "\nFile," + md5 + " / " + sha1 + "\n", []string{"2 md5 " + md5, "2 sha1 " + sha1, "2 sha256 " + sha256, "3 md5 " + md5, "3 sha1 " + sha1}},
		"zero-width space":     {"Type,Value\nip,192.0.2.1\u200b\ndomain,\ufeffa.example\n", []string{"2 ip 192.0.2.1", "3 domain a.example"}},
		"statuses":             {"value,status\na.example,active\nb.example,False Positive\nc.example,Expired\nd.example,Review\n", []string{"2 domain a.example", "3 b.example: marked as no longer valid", "4 c.example: marked as no longer valid", "5 domain d.example"}},
		"dates are no data":    {"IP;Score;Data\n192.0.2.1;0,95;2024-05-01\n192.0.2.2;0,9;2024-05-02\n", []string{"2 ip 192.0.2.1", "3 ip 192.0.2.2"}},
		"masks":                {"Network,Mask,Comment\n192.0.2.0,255.255.255.0,x\n198.51.100.0,/25,y\n203.0.113.0,,z\n203.0.113.5,33,z\na.example,24,z\n", []string{"2 ip 192.0.2.0/24", "3 ip 198.51.100.0/25", "4 ip 203.0.113.0", "5 203.0.113.5/33: not an IP network", "6 domain a.example"}},
		"masks of interfaces":  {"IP,Netmask\n192.0.2.77,255.255.255.0\n203.0.113.5,255.255.255.255\n203.0.113.6,eth0\n", []string{"2 ip 192.0.2.77", "3 ip 203.0.113.5", "4 ip 203.0.113.6"}},
		"bars":                 {"sep=|\nvalue|note\na.example|x\n", []string{"3 domain a.example"}},
		"UTF-16":               {"\xff\xfev\x00a\x00l\x00u\x00e\x00,\x00a\x00\n\x00a\x00.\x00t\x00e\x00s\x00t\x00,\x00b\x00\n\x00", []string{"2 domain a.test"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			format, records, err := read(t, "x", tt.text, formats.Options{})
			if format != formats.CSV || err != nil {
				t.Fatalf("read as %q, %v: %v", format, err, outline(records))
			}
			if diff := cmp.Diff(tt.want, outline(records)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// The cells beside a value are what the entry says.
func TestReadTableNotes(t *testing.T) {
	const text = "ioc,ioc_type,dst_port,file_name,first_seen,malware_printable,threat_actor,indicator confidence score,tags,reference,whitelisted,note,source_confidence\n" +
		"192.0.2.1,ip,443,a.exe,5 Jan 2024 09:13,Foo RAT,APT 0,75,a;b,https://c.example/,no,caf\xe9,5\n" +
		"192.0.2.2,ip,n/a,None,no date,unknown,,high,,no link,yes,,\n"
	_, records, err := read(t, "x", text, formats.Options{})
	if err != nil || len(records) != 2 {
		t.Fatal(outline(records), err)
	}
	e := records[0].Entry
	if e.Description != "café\n\nPort 443.\n\nfile_name: a.exe" || !e.FirstSeen.Equal(time.Date(2024, 1, 5, 9, 13, 0, 0, time.UTC)) || e.Confidence != ctim.ConfidenceHigh || e.SourceURL != "https://c.example/" {
		t.Errorf("got %+v", e)
	}
	if diff := cmp.Diff([]threat.Threat{{Kind: threat.Malware, Name: "Foo RAT"}, {Kind: threat.Actor, Name: "APT 0"}}, e.Indicates); diff != "" {
		t.Error(diff)
	}
	if e := records[1].Entry; e.Disposition != ctim.Clean || e.Description != "" || !e.FirstSeen.IsZero() || e.Indicates != nil || e.SourceURL != "" {
		t.Errorf("got %+v", e)
	}
}

// What a row says about itself decides its disposition, and when it ends.
func TestReadTableDispositions(t *testing.T) {
	end := time.Date(2030, 1, 2, 0, 0, 0, 0, time.UTC)
	type verdict struct {
		Disposition ctim.Disposition
		End         time.Time
		Tags        int
	}
	for text, want := range map[string][]verdict{
		"ip,classification\n192.0.2.1,malicious\n192.0.2.2,benign\n192.0.2.3,unknown\n":                    {{ctim.Malicious, time.Time{}, 0}, {ctim.Clean, time.Time{}, 0}, {ctim.Malicious, time.Time{}, 0}},
		"ip,classification\n192.0.2.1,C2\n192.0.2.2,botnet\n":                                              {{ctim.Malicious, time.Time{}, 1}, {ctim.Malicious, time.Time{}, 1}},
		"ip,reputation\n192.0.2.1,SUSPICIOUS\n192.0.2.2,GOOD\n":                                            {{ctim.Suspicious, time.Time{}, 0}, {ctim.Clean, time.Time{}, 0}},
		"url,status\nhttp://a.example/,Allowed\nhttp://b.example/,Whitelisted\nhttp://c.example/,active\n": {{ctim.Malicious, time.Time{}, 0}, {ctim.Clean, time.Time{}, 0}, {ctim.Malicious, time.Time{}, 0}},
		"url,label\nhttp://a.example/,benign\nhttp://b.example/,malicious\nhttp://c.example/,odd\n":        {{ctim.Clean, time.Time{}, 0}, {ctim.Malicious, time.Time{}, 0}, {ctim.Malicious, time.Time{}, 1}},
		"ip,tags\n192.0.2.1,open\n192.0.2.2,new\n":                                                         {{ctim.Malicious, time.Time{}, 1}, {ctim.Malicious, time.Time{}, 1}},
		"ip,whitelisted,category\n192.0.2.1,yes,malicious\n192.0.2.2,no,malicious\n":                       {{ctim.Clean, time.Time{}, 0}, {ctim.Malicious, time.Time{}, 0}},
		"ip,verdict,status\n192.0.2.1,clean,bad\n192.0.2.2,suspicious,bad\n":                               {{ctim.Clean, time.Time{}, 0}, {ctim.Suspicious, time.Time{}, 0}},
		"ip,action\n192.0.2.1,Detected and quarantined\n192.0.2.2,Dropped\n":                               {{ctim.Suspicious, time.Time{}, 0}, {ctim.Malicious, time.Time{}, 0}},
		"ip,action\n192.0.2.1,No action taken\n192.0.2.2,Blocked\n":                                        {{ctim.Malicious, time.Time{}, 0}},
		"ip,status\n192.0.2.1,1\n192.0.2.2,1\n":                                                            {{ctim.Malicious, time.Time{}, 0}, {ctim.Malicious, time.Time{}, 0}},
		"ip,verdict\n192.0.2.1,phishing\n192.0.2.2,C2\n192.0.2.3,spam\n":                                   {{ctim.Malicious, time.Time{}, 0}, {ctim.Malicious, time.Time{}, 0}, {ctim.Suspicious, time.Time{}, 0}},
		"file,md5,status\na.exe," + md5 + ",Deleted\n":                                                     {{ctim.Malicious, time.Time{}, 0}},
		"ip,verdict\n192.0.2.1,phishing\n192.0.2.2,grayware\n192.0.2.3,harmless\n":                         {{ctim.Malicious, time.Time{}, 0}, {ctim.Suspicious, time.Time{}, 0}, {ctim.Clean, time.Time{}, 0}},
		"ip,action\n192.0.2.1,Block and hide detection\n192.0.2.2,Detect only\n192.0.2.3,No action\n192.0.2.4,BlockAndRemediate\n192.0.2.5,prevent_no_ui\n": {
			{ctim.Malicious, time.Time{}, 0}, {ctim.Suspicious, time.Time{}, 0}, {ctim.Clean, time.Time{}, 0}, {ctim.Malicious, time.Time{}, 0}, {ctim.Malicious, time.Time{}, 0},
		},
		"ip,Expires At\n192.0.2.1,2030-01-02\n":                                      {{ctim.Malicious, end, 0}},
		"ip,expires_at,expiration_reason\n192.0.2.1,2030-01-02,policy\n":             {{ctim.Malicious, end, 0}},
		"ip,expires in days,expiring\n192.0.2.1,30,yes\n":                            {{ctim.Malicious, time.Time{}, 0}},
		`[{"ip":"192.0.2.1","expiration":"2030-01-02","expirationStatus":"active"}]`: {{ctim.Malicious, end, 0}},
		"ip,expiration_ts\n192.0.2.1,2030-01-02T00:00:00.000Z\n":                     {{ctim.Malicious, end, 0}},
		`[{"ip":"192.0.2.1","valid_time":{"end_time":"2030-01-02T00:00:00.000Z"}}]`:  {{ctim.Malicious, end, 0}},
	} {
		_, records, err := read(t, "x", text, formats.Options{})
		if err != nil {
			t.Fatal(text, err)
		}
		var got []verdict
		for _, e := range entries(records) {
			got = append(got, verdict{e.Disposition, e.ValidUntil, len(e.Tags)})
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%q: %s", text, diff)
		}
	}
}

func TestReadDates(t *testing.T) {
	day := time.Date(2024, 3, 4, 0, 0, 0, 0, time.UTC)
	noon := day.Add(12*time.Hour + 30*time.Minute)
	for cells, want := range map[string]time.Time{
		"2024/03/04":                       day,
		"2024.03.04":                       day,
		"20240304":                         day,
		"2024.03.04.":                      day, // as in Hungary
		"2024.03.04. 12:30":                noon,
		"2024/3/4 12:30":                   noon,
		"4 March 2024":                     day,
		"4-Mar-2024 12:30:00":              noon,
		"Mar 4, 2024 12:30:00 PM":          noon,
		"March 4, 2024":                    day,
		"Mon, 4 Mar 2024 12:30:00 GMT":     noon,
		"1709555400":                       noon,
		"1709555400000":                    noon,
		"2024-03-04T13:30:00+01:00":        noon,
		"04/03/2024\n25/12/2023":           day, // the second shows that days come first
		"03/04/2024\n12/25/2023":           day,
		"03/04/24\n12/25/23":               day,
		"04.03.2024 12:30\n25.12.2023":     noon,
		"03/04/2024\n12/25/2023\n25/12/01": {}, // they contradict one another
		"31/12/99":                         time.Date(2099, 12, 31, 0, 0, 0, 0, time.UTC),
		"03/04/2024":                       {}, // either
		"31/02/2024":                       {},
		"13/13/2024":                       {},
		"1.2.3":                            {},
		"soon":                             {},
	} {
		text := "value,first_seen\n"
		for i, cell := range strings.Split(cells, "\n") {
			text += "192.0.2." + string(rune('1'+i)) + ",\"" + cell + "\"\n"
		}
		_, records, err := read(t, "x", text, formats.Options{})
		if err != nil || !records[0].Entry.FirstSeen.Equal(want) {
			t.Errorf("%q: got %v, %v; want %v", cells, records[0].Entry.FirstSeen, err, want)
		}
	}
	// An end decides whether the row counts.
	_, records, err := read(t, "x", "value,valid_until\n192.0.2.1,03/04/2024\n192.0.2.2,never\n192.0.2.3,n/a\n", formats.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"2 192.0.2.1: an ambiguous date (day or month first): write it like 2006-01-02", "3 ip 192.0.2.2", "4 ip 192.0.2.3"}, outline(records)); diff != "" {
		t.Error(diff)
	}
}

func TestRefuseUnclearTables(t *testing.T) {
	for text, want := range map[string]string{
		"a.example,192.0.2.1\nb.example,192.0.2.2\n": `f:1: it isn't clear which column of this table has the values: columns 1 and 2 both have values; first row "a.example, 192.0.2.1"; choose the columns with --columns value=2,type=1, or read only the start of each line with --format list`,
		"src_ip,dst_ip\n192.0.2.1,198.51.100.1\n":    `f:1: it isn't clear which column of this table has the values: columns "src_ip" and "dst_ip" are both ends of connections, and one may be the victim's; header "src_ip, dst_ip", first row "192.0.2.1, 198.51.100.1"; choose the columns with --columns value=2,type=1, or read only the start of each line with --format list`,
		"name,type\nx,y\nz,y\n":                      `f:1: it isn't clear which column of this table has the values: none of its columns has values; header "name, type", first row "x, y"; choose the columns with --columns value=2,type=1, or read only the start of each line with --format list`,
		"http://a.example/x,y\nhttp://a.example/x,z\nhttp://a.example/x,w\nhttp://a.example/x,v\nhttp://b.example/,192.0.2.1\n": "",
	} {
		_, records, err := read(t, "f", text, formats.Options{})
		if want == "" && err != nil || want != "" && (err == nil || err.Error() != want) {
			t.Errorf("%q: got %v, %v", text, outline(records), err)
		}
	}
}

func TestReadChosenColumns(t *testing.T) {
	tests := map[string]struct {
		text, columns string
		options       formats.Options
		want          []string
	}{
		"by number":      {"a.example,192.0.2.1,x\nb.example,192.0.2.2,y\n", "value=2,comment=3", formats.Options{}, []string{"1 ip 192.0.2.1", "2 ip 192.0.2.2"}},
		"by name":        {"Foo;Bar\na.example;b.example\n", "domain=bar", formats.Options{}, []string{"2 domain b.example"}},
		"two":            {"http://a.example/," + sha256 + "\n", "url=1,sha256=2", formats.Options{}, []string{"1 url http://a.example/", "1 sha256 " + sha256}},
		"the only one":   {"a.example\nws-17\n", "value=1", formats.Options{Type: ctim.TypeHostname}, []string{"1 hostname a.example", "2 hostname ws-17"}},
		"unknown names":  {"Typ;Wert;Rest\nx;ws-17;\ny;ws-18;\n", "hostname=Wert", formats.Options{}, []string{"2 hostname ws-17", "3 hostname ws-18"}},
		"Windows-1252":   {"Typ;Gr\xf6\xdfe\nx;a.example\n", "domain=Größe", formats.Options{}, []string{"2 domain a.example"}},
		"JSON":           {`[{"foo":"a.example","bar":"b.example"}]`, "value=foo", formats.Options{}, nil},
		"no such column": {"a,b\nc.example,d\n", "value=3", formats.Options{}, nil},
		"no value":       {"a,b\nc.example,d\n", "comment=1", formats.Options{}, nil},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			choices, err := formats.ParseColumns(tt.columns)
			if err != nil {
				t.Fatal(err)
			}
			tt.options.Columns = choices
			_, records, err := read(t, "x", tt.text, tt.options)
			if (err != nil) != (tt.want == nil) {
				t.Fatalf("got %v, %v", outline(records), err)
			}
			if diff := cmp.Diff(tt.want, outline(records)); diff != "" {
				t.Error(diff)
			}
		})
	}
	for _, columns := range []string{"value", "value=", "frobs=1", "country=2", "", "value=1,,"} {
		if choices, err := formats.ParseColumns(columns); err == nil {
			t.Errorf("%q: got %v", columns, choices)
		}
	}
}

func TestLayout(t *testing.T) {
	const text = "Indicator,Data,Foo,Last seen\nsha256," + sha256 + ",1,2024-01-01\n"
	layout, err := formats.Read(t.Context(), strings.NewReader(text), "x", formats.Options{}, func(formats.Record) error { return nil })
	if err != nil {
		t.Fatal(err)
	}
	want := formats.Layout{Format: formats.CSV, Why: "line 1 names its columns; ',' separates its cells", HeaderLine: 1, Columns: []formats.ColumnLayout{
		{Name: "Indicator", Role: "type", Why: "its cells are the names of types"}, {Name: "Data", Role: "value"}, {Name: "Foo", Role: "not read"}, {Name: "Last seen", Role: "not read"},
	}}
	if diff := cmp.Diff(want, layout); diff != "" {
		t.Error(diff)
	}
}
