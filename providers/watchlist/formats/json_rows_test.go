package formats_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/serverless-relay/relay/providers/watchlist/formats"
	"github.com/serverless-relay/relay/shared/ctim"
)

func TestReadJSONRows(t *testing.T) {
	tests := map[string]struct {
		text string
		want []string
	}{
		"lines": {"{\"cidr\":\"192.0.2.0/24\",\"sblid\":\"S1\"}\n{\"cidr\":\"198.51.100.0/24\",\"sblid\":\"S2\"}\n{\"type\":\"metadata\",\"size\":2}\n",
			[]string{"1 ip 192.0.2.0/24", "2 ip 198.51.100.0/24", "3 2 metadata: the value is blank"}},
		"nested lines": {"{\"threat\":{\"indicator\":{\"ip\":\"192.0.2.1\",\"type\":\"ipv4-addr\"}}}\n{\"threat\":{\"indicator\":{\"file\":{\"hash\":{\"sha256\":[\"" + sha256 + "\"]}},\"type\":\"file\"}}}\nnonsense\n",
			[]string{"3 nonsense: not a JSON object", "1 ip 192.0.2.1", "2 sha256 " + sha256}},
		"list":                {`[{"indicator":"a.example","type":"domain"},` + "\n" + `{"indicator":"192.0.2.1","type":"IPv4"}]`, []string{"1 domain a.example", "2 ip 192.0.2.1"}},
		"data":                {`{"meta":{"n":1},"data":[{"ipAddress":"192.0.2.1","abuseConfidenceScore":100}]}`, []string{"1 ip 192.0.2.1"}},
		"by id":               {`{"1":[{"ioc_value":"192.0.2.1:80","ioc_type":"ip:port"}],"2":[{"ioc_value":"a.example","ioc_type":"domain"}]}`, []string{"1 ip 192.0.2.1", "1 domain a.example"}},
		"reports":             {`{"results":[{"name":"r","indicators":[{"indicator":"a.example","type":"domain"}]}]}`, []string{"1 domain a.example"}},
		"texts":               {`["a.example","192.0.2.1"]`, []string{"1 domain a.example", "1 ip 192.0.2.1"}},
		"by kind":             {`{"domains":["a.example"],"whitelist":["b.example"],"fuzzylist":["c.example"]}`, []string{"1 domain a.example"}},
		"a URL and its parts": {`[{"indicator":{"type":"url","url":{"full":"http://a.example/x","original":"http://a.example/x","domain":"a.example","scheme":"http","path":"/x"}}}]`, []string{"1 url http://a.example/x"}},
		"URLs in objects":     {`[{"url":{"raw":"http://a.example/x","host":"a.example"}},{"url":{"href":"http://b.example/x","hostname":"b.example"}}]`, []string{"1 url http://a.example/x", "1 url http://b.example/x"}},
		"where a value resolves to": {`{"meta":{"total":2},"objects":[{"id":5,"value":"a.example","type":"domain","ip":"192.0.2.9","expiration_ts":"2030-01-01T00:00:00.000Z"},` + "\n" + `{"id":6,"value":"192.0.2.1","type":"ip","ip":"192.0.2.1","status":"falsepos"}]}`,
			[]string{"1 domain a.example", "2 192.0.2.1: marked as no longer valid"}},
		"judgements of CTIM": {`{"type":"bundle","judgements":[{"type":"judgement","id":"judgement-1","observable":{"type":"domain","value":"a.example"},"disposition":1,"disposition_name":"Clean"}]}`, []string{"1 domain a.example"}},
		"one row":            {`{"type":"ip","value":"192.0.2.1"}`, []string{"1 ip 192.0.2.1"}},
		"one line":           {"{\"ioc\":{\"type\":\"domain\",\"value\":\"a.example\"}}\n", []string{"1 domain a.example"}},
		"allowlists":         {`{"allowlist":{"domains":["a.example"]},"whitelist":[{"domain":"b.example"}],"blocklist":{"domains":["c.example"]}}`, []string{"1 domain c.example"}},
		"STIX lines": {"{\"type\":\"indicator\",\"id\":\"indicator--1\",\"pattern\":\"[ipv4-addr:value = '192.0.2.1']\"}\n{\"type\":\"indicator\",\"id\":\"indicator--2\",\"pattern\":\"[ipv4-addr:value = '192.0.2.2']\"}\n",
			[]string{"1 ip 192.0.2.1", "2 ip 192.0.2.2"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			format, records, err := read(t, "x", tt.text, formats.Options{})
			if format != formats.JSON && name != "STIX lines" || err != nil {
				t.Fatalf("read as %q, %v", format, err)
			}
			if diff := cmp.Diff(tt.want, outline(records)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// A file that is imported as clean may be an allowlist.
func TestReadJSONAllowlist(t *testing.T) {
	const text = `{"allowlist":{"domains":["a.example"]},"data":[{"id":1,"whitelist":[{"domain":"b.example"}]}]}`
	if _, records, err := read(t, "x", text, formats.Options{Disposition: ctim.Clean}); err != nil || len(records) != 2 {
		t.Errorf("got %v, %v", outline(records), err)
	}
}
