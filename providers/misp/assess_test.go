package misp_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/serverless-relay/relay/shared/ctim"
)

// What an analyst may believe: one attribute in an event of high threat level,
// with what changes its judgement.
func TestWhatLowersAJudgement(t *testing.T) {
	const hash = "b94d27b9934d3e08a52e52d7da7dabfac484efe37a5380ee9088f7ace2efcde9"
	const toIDs = "not marked for detection (to_ids is false)"
	type attribute = map[string]any
	tag := func(name string) []any { return []any{map[string]string{"name": name}} }
	for _, tt := range []struct {
		name      string
		level     string
		kind      ctim.ObservableType
		value     string
		attribute attribute
		lists     []string
		// disposition, severity and confidence, and why; empty for no judgement
		judgement, why string
	}{
		{"nothing", "1", ctim.TypeIP, "192.0.2.1", attribute{}, nil, "Malicious High Medium", ""},
		{"medium", "2", ctim.TypeIP, "192.0.2.1", attribute{}, nil, "Suspicious Medium Medium", ""},
		{"low", "3", ctim.TypeIP, "192.0.2.1", attribute{}, nil, "Common Low Medium", ""},
		{"undefined", "4", ctim.TypeIP, "192.0.2.1", attribute{}, nil, "Unknown Unknown Medium", ""},

		{"to_ids", "1", ctim.TypeIP, "192.0.2.1", attribute{"to_ids": false}, nil, "Suspicious Medium Low", toIDs},
		{"to_ids at medium", "2", ctim.TypeIP, "192.0.2.1", attribute{"to_ids": false}, nil, "Unknown Unknown Low", toIDs},
		{"to_ids at low", "3", ctim.TypeIP, "192.0.2.1", attribute{"to_ids": "0"}, nil, "Unknown Unknown Low", toIDs},

		{"a warning list", "1", ctim.TypeIP, "192.0.2.53", attribute{}, []string{"Public DNS resolvers"}, "Suspicious Medium Low", "on the warning list 'Public DNS resolvers'"},
		{"a warning list with its category", "1", ctim.TypeIP, "192.0.2.53", attribute{}, []string{"Public DNS resolvers/false_positive"}, "Suspicious Medium Low", "on the warning list 'Public DNS resolvers'"},
		{"warning lists", "1", ctim.TypeIP, "192.0.2.53", attribute{}, []string{"A", "B", "C", "D", "A"}, "Suspicious Medium Low", "on the warning list 'A', 'B', 'C' and 1 more"},
		{"a list of known values", "1", ctim.TypeIP, "192.0.2.53", attribute{}, []string{"Example Cloud/known"}, "Malicious High Medium", "known: on the list 'Example Cloud'"},
		{"both", "1", ctim.TypeIP, "192.0.2.53", attribute{}, []string{"Example Cloud/known", "Resolvers"}, "Suspicious Medium Low", "on the warning list 'Resolvers'; known: on the list 'Example Cloud'"},
		{"a warning list and to_ids", "1", ctim.TypeHostname, "www.example.net", attribute{"type": "hostname", "to_ids": false}, []string{"Top sites"}, "Unknown Unknown Low", toIDs + "; on the warning list 'Top sites'"},
		{"the half on a warning list", "1", ctim.TypeIP, "192.0.2.53", attribute{"type": "domain|ip", "value": "bad.example|192.0.2.53"}, []string{"Resolvers"}, "Suspicious Medium Low", "on the warning list 'Resolvers'"},
		{"a network on a warning list", "1", ctim.TypeIP, "192.0.2.53", attribute{"type": "domain|ip", "value": "bad.example|192.0.2.53",
			"warnings": []any{map[string]string{"value": "192.0.2.0/24", "warninglist_name": "Networks"}}}, nil, "Suspicious Medium Low", "on the warning list 'Networks'"},

		{"a confirmed false positive", "1", ctim.TypeIP, "192.0.2.1", attribute{"Tag": tag(`false-positive:confirmed="true"`)}, nil, "Suspicious Medium Low", `tagged false-positive:confirmed="true"`},
		{"a high risk of a false positive", "1", ctim.TypeIP, "192.0.2.1", attribute{"Tag": tag(`false-positive:risk="high"`)}, nil, "Suspicious Medium Low", `tagged false-positive:risk="high"`},
		{"a medium risk of a false positive", "1", ctim.TypeIP, "192.0.2.1", attribute{"Tag": tag(`False-Positive:risk="medium"`)}, nil, "Suspicious Medium Low", `tagged False-Positive:risk="medium"`},
		{"a low risk of a false positive", "1", ctim.TypeIP, "192.0.2.1", attribute{"Tag": tag(`false-positive:risk="low"`)}, nil, "Malicious High Medium", ""},
		{"no false positive", "1", ctim.TypeIP, "192.0.2.1", attribute{"Tag": tag(`false-positive:confirmed="false"`)}, nil, "Malicious High Medium", ""},
		{"another taxonomy", "1", ctim.TypeIP, "192.0.2.1", attribute{"Tag": tag(`risk="high"`)}, nil, "Malicious High Medium", ""},
		{"an event of false positives", "1", ctim.TypeIP, "192.0.2.1", attribute{"event tag": tag(`false-positive:confirmed="true"`)}, nil, "Suspicious Medium Low", `tagged false-positive:confirmed="true"`},

		{"a reported page", "1", ctim.TypeURL, "https://blog.example/report", attribute{"type": "url", "category": "External analysis", "to_ids": false}, nil, "", ""},
		{"a reporter's site", "1", ctim.TypeDomain, "blog.example", attribute{"type": "domain", "category": "external analysis", "to_ids": false}, nil, "", ""},
		{"a page of the attacker's", "1", ctim.TypeURL, "https://blog.example/report", attribute{"type": "url", "category": "External analysis"}, nil, "Malicious High Medium", ""},
		{"a hash of an analysis", "1", ctim.TypeSHA256, hash, attribute{"type": "sha256", "category": "External analysis", "to_ids": false}, nil, "Suspicious Medium Low", toIDs},

		{"a sender", "1", ctim.TypeEmail, "a@b.example", attribute{"type": "email-src"}, nil, "Malicious High Medium", ""},
		{"a recipient", "1", ctim.TypeEmail, "a@b.example", attribute{"type": "email-dst"}, nil, "Suspicious Medium Low", "a recipient, who may be a victim"},
		{"a recipient at medium", "2", ctim.TypeEmail, "a@b.example", attribute{"type": "email-dst"}, nil, "Suspicious Medium Medium", ""},
		{"a recipient and to_ids", "1", ctim.TypeEmail, "a@b.example", attribute{"type": "email-dst", "to_ids": false}, nil, "Suspicious Medium Low", toIDs},

		{"a file's name", "1", ctim.TypeFileName, "a.exe", attribute{"type": "filename"}, nil, "Malicious High Medium", ""},
		{"a file's name with a hash", "1", ctim.TypeFileName, "a.exe", attribute{"type": "filename|sha256", "value": "a.exe|" + hash}, nil, "Suspicious Medium Low", "a file's name, not its hash"},
		{"a file's name in an object", "1", ctim.TypeFileName, "a.exe", attribute{"type": "filename", "object_relation": "filename"}, nil, "Suspicious Medium Low", "a file's name, not its hash"},
		{"a file's name and to_ids", "1", ctim.TypeFileName, "a.exe", attribute{"type": "filename|sha256", "value": "a.exe|" + hash, "to_ids": false}, nil, "Unknown Unknown Low", toIDs + "; a file's name, not its hash"},
		{"a hash in an object", "1", ctim.TypeSHA256, hash, attribute{"type": "sha256", "object_relation": "sha256"}, nil, "Malicious High Medium", ""},
		{"an object's other name", "1", ctim.TypeDomain, "a.example", attribute{"type": "domain", "object_relation": "domain"}, nil, "Malicious High Medium", ""},

		{"everything", "1", ctim.TypeIP, "192.0.2.53", attribute{"to_ids": false, "Tag": tag(`false-positive:confirmed="true"`),
			"Sighting": []any{map[string]string{"type": "1", "date_sighting": "944200000"}}}, []string{"A"}, "Unknown Unknown Low",
			toIDs + `; on the warning list 'A'; tagged false-positive:confirmed="true"; reported as a false positive`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			a := attribute{"uuid": "a0000000-0000-4000-8000-000000000001", "type": "ip-dst", "category": "Network activity", "to_ids": true, "value": tt.value}
			maps.Copy(a, tt.attribute)
			event := map[string]any{"id": "1", "info": "E", "threat_level_id": tt.level, "Tag": a["event tag"], "Attribute": []any{a}}
			delete(a, "event tag")
			raw, err := json.Marshal(map[string]any{"Event": event})
			if err != nil {
				t.Fatal(err)
			}
			fake := &server{warningLists: map[string][]string{tt.value: tt.lists}}
			if a["warnings"] != nil {
				fake.warningLists = nil
			}
			fake.add(t, raw)
			got := observe(t, serve(t, fake, credentials), tt.kind, tt.value)
			var judgements []string
			for _, j := range got["judgements"] {
				reason, _ := strings.CutPrefix(j["reason"].(string), "Part of 'E' in MISP")
				judgements = append(judgements, fmt.Sprint(j["disposition_name"], " ", j["severity"], " ", j["confidence"], reason))
			}
			var want []string
			if tt.judgement != "" {
				want = []string{tt.judgement}
				if tt.why != "" {
					want[0] += "; " + tt.why
				}
			}
			if diff := cmp.Diff(want, judgements); diff != "" {
				t.Error(diff)
			}
			if len(got["verdicts"]) != len(want) || len(got["sightings"]) < len(want) {
				t.Errorf("verdicts %v", got["verdicts"])
			}
		})
	}
}

// Each half of a composite is judged by itself.
func TestTheOtherHalfIsNotLowered(t *testing.T) {
	fake := &server{warningLists: map[string][]string{"192.0.2.53": {"Resolvers"}}}
	fake.with(t, 1, "1", "domain|ip", "bad.example|192.0.2.53")
	if got := observe(t, serve(t, fake, credentials), ctim.TypeDomain, "bad.example")["verdicts"]; len(got) != 1 || got[0]["disposition_name"] != "Malicious" {
		t.Errorf("verdict %v", got)
	}
}

// A value is found however MISP spells it, and however it is asked for.
func TestSpellings(t *testing.T) {
	for _, tt := range []struct {
		kind   string
		stored string
		asked  []ctim.Observable
	}{
		{"url", "c2.example/gate.php", []ctim.Observable{observable(ctim.TypeURL, "http://c2.example/gate.php"), observable(ctim.TypeURL, "https://C2.example/gate.php"), observable(ctim.TypeURL, "hxxp://c2[.]example/gate.php")}},
		{"url", "http://c2.example:80/gate.php", []ctim.Observable{observable(ctim.TypeURL, "http://c2.example/gate.php"), observable(ctim.TypeURL, "http://c2.example:80/gate.php")}},
		{"url", "https://c2.example:443", []ctim.Observable{observable(ctim.TypeURL, "https://c2.example:443")}},
		{"url", "https://c2.example:443/", []ctim.Observable{observable(ctim.TypeURL, "https://c2.example")}},
		{"uri", "c2.example:443/a", []ctim.Observable{observable(ctim.TypeURL, "https://c2.example/a")}},
		{"url", "c2.example", []ctim.Observable{observable(ctim.TypeURL, "http://c2.example/")}},
		{"url", "http://c2.example", []ctim.Observable{observable(ctim.TypeURL, "http://c2.example/")}},
		{"url", "http://[2001:db8::1]:80/a", []ctim.Observable{observable(ctim.TypeURL, "http://[2001:DB8:0::1]/a")}},
		{"url", "http://c2.example:8080/a", []ctim.Observable{observable(ctim.TypeURL, "http://c2.example:8080/a")}},
		{"url", "https://c2.example/login#step1", []ctim.Observable{observable(ctim.TypeURL, "https://c2.example/login"), observable(ctim.TypeURL, "https://c2.example/login#step1")}},
		{"url", "http://c2.example/%3Fq_x", []ctim.Observable{observable(ctim.TypeURL, "http://c2.example/%3Fq_x")}},
		{"domain", "b\u00fccher.example", []ctim.Observable{observable(ctim.TypeDomain, "b\u00fccher.example"), observable(ctim.TypeHostname, "xn--bcher-kva.example"), observable(ctim.TypeDomain, "B\u00dcCHER.example")}},
		{"domain", "xn--bcher-kva.example", []ctim.Observable{observable(ctim.TypeDomain, "b\u00fccher.example")}},
		{"ip-dst", "2001:db8:0:0:0:0:0:1", []ctim.Observable{observable(ctim.TypeIPv6, "2001:db8::1"), observable(ctim.TypeIP, "2001:db8:0:0:0:0:0:1")}},
		{"ip-dst", "2001:0db8:0000:0000:0000:0000:0000:0001", []ctim.Observable{observable(ctim.TypeIPv6, "2001:db8::1")}},
		{"ip-dst", "2001:DB8::1", []ctim.Observable{observable(ctim.TypeIPv6, "2001:db8::1")}},
		{"email-src", "Ann@Evil.example", []ctim.Observable{observable(ctim.TypeEmail, "ann@evil.EXAMPLE")}},
		{"filename", "Dropper.EXE", []ctim.Observable{observable(ctim.TypeFileName, "dropper.exe")}},
	} {
		fake := &server{}
		fake.with(t, 1, "1", tt.kind, tt.stored)
		r := serve(t, fake, credentials)
		for _, o := range tt.asked {
			if got := observe(t, r, o.Type, o.Value)["verdicts"]; len(got) != 1 {
				t.Errorf("%s doesn't find %s", o.Value, tt.stored)
			}
		}
	}
	fake := &server{}
	fake.with(t, 1, "1", "url", "http://c2.example/a", "url", "http://c2.example:8080/b", "url", "http://c2.example/c_#x", "url", "http://c2.example/cd#x")
	r := serve(t, fake, credentials)
	for _, other := range []string{"https://c2.example/a", "http://c2.example/b", "http://c2.example:8080/a", "http://c2.example/cd_", "http://c2.example/", "http://c2.example/a/"} {
		if got := observe(t, r, ctim.TypeURL, other); len(got) > 0 {
			t.Errorf("%s finds %v", other, got["indicators"])
		}
	}
}

// Values are searched for together. One that can't be searched for, one that is
// not of its type and two that are the same value cost the others nothing.
func TestABatch(t *testing.T) {
	fake := &server{}
	fake.with(t, 1, "1", "domain", "a.example", "filename", "0", "ip-dst", "192.0.2.1")
	r := serve(t, fake, credentials)
	got := post(t, r, "/deliberate/observables", []ctim.Observable{
		observable(ctim.TypeFileName, "0"), observable(ctim.TypeDomain, "a.example"), observable(ctim.TypeHostname, "A.example"), observable(ctim.TypeIP, "a.example"),
		observable(ctim.TypeIP, "192.0.2.1"), observable(ctim.TypeIP, "192.0.2.2"), observable(ctim.TypeDomain, "A.example.")})
	var about []any
	for _, v := range got.docs(t)["verdicts"] {
		about = append(about, v["observable"].(doc)["value"])
	}
	if diff := cmp.Diff([]any{"a.example", "A.example", "192.0.2.1", "A.example."}, about); diff != "" || len(got.Errors) > 0 || len(fake.asked) != 1 {
		t.Errorf("%s, %v, asked %q", diff, got.Errors, fake.asked)
	}
}
