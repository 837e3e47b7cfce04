package misp_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"

	"github.com/serverless-relay/relay/providers/misp"
	"github.com/serverless-relay/relay/shared/ctim"
	"github.com/serverless-relay/relay/shared/ctim/rules"
	"github.com/serverless-relay/relay/shared/relay"
	protocol "github.com/serverless-relay/relay/shared/server"
	"github.com/serverless-relay/relay/shared/upstream/upstreamtest"
)

// gate lets everybody in with these claims.
type gate map[string]any

func (g gate) Authenticate(*http.Request) (relay.Claims, error) { return relay.NewClaims(g), nil }

var credentials = gate{"HOST": host, "AuthKey": authKey}

// serve is a relay to a server in the same process, asked with these claims, or to the
// network if h is nil. The settings are in the environment.
func serve(t testing.TB, h http.Handler, claims gate) *protocol.Server {
	t.Helper()
	var o relay.OpenOptions
	if h != nil {
		o.Transport = upstreamtest.Transport(h)
	}
	p, err := misp.Provider.Open(o)
	if err != nil {
		t.Fatal(err)
	}
	return protocol.New(protocol.Options{Declaration: misp.Provider.Declaration(), Service: p, Authenticator: claims})
}

type doc = map[string]any

// answer is an answer of the relay, of which each route has its part.
type answer struct {
	Data   json.RawMessage
	Errors []relay.Error
	raw    []byte
}

// post asks a route, and checks what is true of every answer.
func post(t testing.TB, r *protocol.Server, route string, body any) answer {
	t.Helper()
	return postUntil(t.Context(), t, r, route, body)
}

func postUntil(ctx context.Context, t testing.TB, r *protocol.Server, route string, body any) answer {
	t.Helper()
	sent, err := json.Marshal(body)
	if err != nil {
		t.Fatal(err)
	}
	w := httptest.NewRecorder()
	r.Routes().ServeHTTP(w, httptest.NewRequestWithContext(ctx, http.MethodPost, route, strings.NewReader(string(sent))))
	for _, p := range rules.Answer(route, w.Body.Bytes()) {
		t.Errorf("%s: %s", route, p)
	}
	if strings.Contains(w.Body.String(), authKey) {
		t.Errorf("%s gives the key away: %s", route, w.Body)
	}
	got := answer{raw: w.Body.Bytes()}
	if err := json.Unmarshal(got.raw, &got); err != nil {
		t.Fatalf("%s: %v in %s", route, err, got.raw)
	}
	return got
}

// docs are the entities of an answer by kind.
func (a answer) docs(t testing.TB) map[string][]doc {
	t.Helper()
	var data map[string]struct{ Docs []doc }
	if err := json.Unmarshal(a.Data, &data); err != nil {
		t.Fatalf("%v in %s", err, a.raw)
	}
	out := map[string][]doc{}
	for kind, list := range data {
		out[kind] = list.Docs
	}
	return out
}

func observable(kind ctim.ObservableType, value string) ctim.Observable {
	return ctim.Observable{Type: kind, Value: value}
}

// observe gives all that the relay says about one observable, without errors.
func observe(t testing.TB, r *protocol.Server, kind ctim.ObservableType, value string) map[string][]doc {
	t.Helper()
	got := post(t, r, "/observe/observables", []ctim.Observable{observable(kind, value)})
	if len(got.Errors) > 0 {
		t.Errorf("%s %s: %v", kind, value, got.Errors)
	}
	if len(got.Data) == 0 {
		return nil
	}
	return got.docs(t)
}

// pick takes some fields out of a document; a path goes into what is nested.
func pick(d doc, paths ...string) doc {
	out := doc{}
	for _, path := range paths {
		var v any = d
		for _, key := range strings.Split(path, ".") {
			inner, _ := v.(map[string]any)
			v = inner[key]
		}
		out[path] = v
	}
	return out
}

// In synctest it is the first of January 2000.
func TestObserve(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake := written(t)
		got := observe(t, serve(t, fake, credentials), ctim.TypeDomain, "evil.example")
		const page = host + "/events/view/11111111-1111-4111-8111-111111111111"

		if diff := cmp.Diff(doc{
			"observable": doc{"type": "domain", "value": "evil.example"}, "disposition": 2.0, "disposition_name": "Malicious",
			"severity": "High", "confidence": "Medium", "priority": 85.0, "source": "MISP", "source_uri": page, "reason_uri": page, "tlp": "amber",
			"reason":     "Part of 'Spring wave' in MISP, reported by Example CERT",
			"valid_time": doc{"start_time": "2000-01-01T00:00:00.000Z", "end_time": "2000-01-08T00:00:00.000Z"},
			"timestamp":  "1999-11-05T00:00:00.000Z",
		}, pick(got["judgements"][0], "observable", "disposition", "disposition_name", "severity", "confidence", "priority", "source", "source_uri",
			"reason_uri", "tlp", "reason", "valid_time", "timestamp")); diff != "" {
			t.Error(diff)
		}
		if ids := fmt.Sprint(got["judgements"][0]["external_ids"]); !strings.Contains(ids, "misp-judgement-") || !strings.Contains(ids, "a0000000-0000-4000-8000-000000000102") {
			t.Errorf("external ids %s", ids)
		}

		if diff := cmp.Diff(doc{
			"title": "Spring wave", "description": "Category: Network activity", "count": 1.0, "confidence": "High", "tlp": "amber", "source_uri": page,
			"observed_time": doc{"start_time": "1999-11-03T00:00:00.000Z"},
			"observables":   []any{doc{"type": "domain", "value": "evil.example"}},
			"relations": []any{doc{"origin": "MISP", "origin_uri": page, "relation": "Resolved_To",
				"source": doc{"type": "domain", "value": "evil.example"}, "related": doc{"type": "ip", "value": "192.0.2.2"}}},
		}, pick(got["sightings"][0], "title", "description", "count", "confidence", "tlp", "source_uri", "observed_time", "observables", "relations")); diff != "" {
			t.Error(diff)
		}

		if diff := cmp.Diff(doc{
			"title": "Spring wave", "producer": "Example CERT", "source": "MISP", "source_uri": page, "tlp": "green", "severity": "High",
			"tags":       []any{"tlp:green", "phishing", `misp-galaxy:ransomware="FooLocker"`},
			"valid_time": doc{"start_time": "1999-11-03T00:00:00.000Z", "end_time": "2525-01-01T00:00:00.000Z"},
			"external_references": []any{
				doc{"source_name": "MISP", "external_id": "11111111-1111-4111-8111-111111111111", "url": page},
				doc{"source_name": "Example CERT", "url": "https://blog.example/spring"}},
		}, pick(got["indicators"][0], "title", "producer", "source", "source_uri", "tlp", "severity", "tags", "valid_time", "external_references")); diff != "" {
			t.Error(diff)
		}

		if diff := cmp.Diff([]string{
			"element-of judgement Malicious -> indicator Spring wave",
			"member-of sighting Spring wave -> indicator Spring wave",
			"indicates indicator Spring wave -> actor Group Zero",
			"indicates indicator Spring wave -> attack-pattern Phishing (T1566)",
			"indicates indicator Spring wave -> malware FooLocker",
			"indicates indicator Spring wave -> vulnerability CVE-1999-12345",
			"indicates indicator Spring wave -> malware BarRAT",
		}, relationships(got)); diff != "" {
			t.Error(diff)
		}
		if diff := cmp.Diff(doc{"description": "They send mail.",
			"external_references": []any{doc{"source_name": "mitre-attack", "external_id": "T1566", "url": "https://attack.mitre.org/techniques/T1566/"}},
		}, pick(got["attack_patterns"][0], "description", "external_references")); diff != "" {
			t.Error(diff)
		}

		slices.Sort(fake.asked) // two are concurrent
		want := []string{
			`POST /attributes/restSearch {"eventid":["11"],"limit":1200,"page":1,"returnFormat":"json","type":["link","vulnerability"]}`,
			`POST /attributes/restSearch {"includeContext":true,"includeSightings":true,"includeWarninglistHits":true,"limit":500,"page":1,"returnFormat":"json","value":"evil.example"}`,
			`POST /events/restSearch {"eventid":["11"],"metadata":true,"noEventReports":true,"noShadowAttributes":true,"returnFormat":"json","sgReferenceOnly":true}`,
		}
		if diff := cmp.Diff(want, fake.asked); diff != "" {
			t.Error(diff)
		}
	})
}

// relationships are those of an answer, with names in place of ids.
func relationships(docs map[string][]doc) []string {
	names := map[any]string{}
	for _, list := range docs {
		for _, d := range list {
			names[d["id"]] = fmt.Sprint(d["type"], " ", d["title"])
			if d["disposition_name"] != nil {
				names[d["id"]] = fmt.Sprint(d["type"], " ", d["disposition_name"])
			}
		}
	}
	var out []string
	for _, r := range docs["relationships"] {
		out = append(out, fmt.Sprint(r["relationship_type"], " ", names[r["source_ref"]], " -> ", names[r["target_ref"]]))
	}
	return out
}

// The events that each observable is in, and what they say about it.
func TestWhatCounts(t *testing.T) {
	const sha256 = "b94d27b9934d3e08a52e52d7da7dabfac484efe37a5380ee9088f7ace2efcde9"
	for _, tt := range []struct {
		kind    ctim.ObservableType
		value   string
		verdict string
		until   string
		reasons []string
	}{
		{ctim.TypeIP, "192.0.2.1", "Malicious", "2000-01-08", []string{"Malicious Part of 'Spring wave' in MISP, reported by Example CERT", "Suspicious Part of 'Scanners, week 40' in MISP, reported by Another CERT"}},
		{ctim.TypeIPv6, "2001:DB8:0::7", "Malicious", "2000-01-08", []string{"Malicious Part of 'Spring wave' in MISP, reported by Example CERT"}},
		{ctim.TypeIP, "192.0.2.2", "Malicious", "2000-01-08", []string{"Malicious Part of 'Spring wave' in MISP, reported by Example CERT"}},
		{ctim.TypeIP, "198.51.100.7", "Suspicious", "2000-01-08", []string{"Suspicious Part of 'Spring wave' in MISP, reported by Example CERT; not marked for detection (to_ids is false)"}},
		{ctim.TypeHostname, "EVIL[.]example", "Malicious", "2000-01-08", []string{"Malicious Part of 'Spring wave' in MISP, reported by Example CERT"}},
		{ctim.TypeURL, "http://evil.example/", "Malicious", "2000-01-08", []string{"Malicious Part of 'Spring wave' in MISP, reported by Example CERT"}},
		{ctim.TypeURL, "hxxp://evil.example", "Malicious", "2000-01-08", []string{"Malicious Part of 'Spring wave' in MISP, reported by Example CERT"}},
		{ctim.TypeSHA256, strings.ToUpper(sha256), "Malicious", "2525-01-01", []string{"Malicious Part of 'Spring wave' in MISP, reported by Example CERT"}},
		{ctim.TypeMD5, "5eb63bbbe01eeed093cb22bb8f5acdc3", "Malicious", "2525-01-01", []string{"Malicious Part of 'Spring wave' in MISP, reported by Example CERT"}},
		{ctim.TypeSHA1, "2aae6c35c94fcfb415dbe95f408b9ce91ee846ed", "Malicious", "2525-01-01", []string{"Malicious Part of 'Spring wave' in MISP, reported by Example CERT"}},
		{ctim.TypeEmail, "Bob@evil.example", "Malicious", "2000-01-08", []string{"Malicious Part of 'Spring wave' in MISP, reported by Example CERT"}},
		{ctim.TypeFileName, "dropper.EXE", "Suspicious", "2000-01-08", []string{"Suspicious Part of 'Spring wave' in MISP, reported by Example CERT; a file's name, not its hash"}},
		{ctim.TypeFileName, "invoice.exe", "Suspicious", "2000-01-08", []string{"Suspicious Part of 'Spring wave' in MISP, reported by Example CERT; a file's name, not its hash"}},
		{ctim.TypeDomain, "low.example", "Common", "2000-01-08", []string{"Common Part of 'A feed' in MISP, reported by Feed"}},
		{ctim.TypeDomain, "unknown.example", "Unknown", "2000-01-08", []string{"Unknown Part of 'Event 44444444-4444-4444-8444-444444444444' in MISP"}},
		{ctim.TypeDomain, "seen.example", "Malicious", "2000-01-08", []string{"Malicious Part of 'What others saw' in MISP, reported by Example CERT"}},
		{ctim.TypeDomain, "harmless.example", "Suspicious", "2000-01-08", []string{"Suspicious Part of 'What others saw' in MISP, reported by Example CERT; reported as a false positive by Bank"}},
		{ctim.TypeDomain, "expired.example", "", "", []string{"Malicious Part of 'What others saw' in MISP, reported by Example CERT; expired on 1999-12-04"}},
		{ctim.TypeDomain, "mixed.example", "Suspicious", "2000-01-08", []string{"Suspicious Part of 'What others saw' in MISP, reported by Example CERT; not marked for detection (to_ids is false)"}},
		{ctim.TypeDomain, "worse.example", "Malicious", "2000-01-08", []string{"Malicious Part of 'What others saw' in MISP, reported by Example CERT"}},
		{ctim.TypeDomain, "deleted.example", "", "", nil},
		{ctim.TypeFileName, "evil.example", "", "", nil}, // it is a domain there
		{ctim.TypeIP, "evil.example", "", "", nil},
		{ctim.TypeDomain, "a..b", "", "", nil},
		{ctim.TypeURL, "https://blog.example/spring", "", "", nil}, // a link is no indicator
		{ctim.TypeDomain, "nobody.example", "", "", nil},
	} {
		t.Run(string(tt.kind)+" "+tt.value, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := serve(t, written(t), credentials)
				got := observe(t, r, tt.kind, tt.value)
				var reasons []string
				for _, j := range got["judgements"] {
					reasons = append(reasons, fmt.Sprint(j["disposition_name"], " ", j["reason"]))
				}
				if diff := cmp.Diff(tt.reasons, reasons); diff != "" {
					t.Error(diff)
				}
				deliberated := post(t, r, "/deliberate/observables", []ctim.Observable{observable(tt.kind, tt.value)}).docs(t)
				if diff := cmp.Diff(got["verdicts"], deliberated["verdicts"]); diff != "" {
					t.Errorf("deliberate says another thing than observe: %s", diff)
				}
				if tt.verdict == "" {
					if len(got["verdicts"]) > 0 {
						t.Errorf("verdict %v", got["verdicts"])
					}
					return
				}
				verdict := pick(got["verdicts"][0], "disposition_name", "observable", "valid_time.end_time", "judgement_id")
				want := doc{"disposition_name": tt.verdict, "observable": doc{"type": string(tt.kind), "value": tt.value},
					"valid_time.end_time": tt.until + "T00:00:00.000Z", "judgement_id": got["judgements"][0]["id"]}
				if diff := cmp.Diff(want, verdict); diff != "" {
					t.Error(diff)
				}
			})
		})
	}
}

func TestOnlyWhatIsMeantForDetection(t *testing.T) {
	t.Setenv("MISP_TO_IDS_ONLY", "true")
	r := serve(t, written(t), credentials)
	for value, want := range map[ctim.Observable]int{
		observable(ctim.TypeIP, "198.51.100.7"):      0,
		observable(ctim.TypeFileName, "invoice.exe"): 0,
		observable(ctim.TypeFileName, "Dropper.exe"): 0,
		observable(ctim.TypeDomain, "evil.example"):  1,
	} {
		got := observe(t, r, value.Type, value.Value)
		if len(got["judgements"]) != want || len(got["sightings"]) != want || len(got["indicators"]) != want {
			t.Errorf("%v: %v", value, got)
		}
	}
}

func TestSightingsOfOthers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := serve(t, written(t), credentials)
		got := observe(t, r, ctim.TypeDomain, "seen.example")["sightings"]
		if len(got) != 2 {
			t.Fatalf("sightings %v", got)
		}
		want := doc{"title": "Sightings in MISP", "description": "Seen by CSIRT, Bank\n\nSources: IDS, proxy", "count": 3.0,
			"observed_time": doc{"start_time": "1999-12-01T12:06:40.000Z", "end_time": "1999-12-03T05:46:40.000Z"}}
		if diff := cmp.Diff(want, pick(got[1], "title", "description", "count", "observed_time")); diff != "" {
			t.Error(diff)
		}
		file := observe(t, r, ctim.TypeSHA256, "b94d27b9934d3e08a52e52d7da7dabfac484efe37a5380ee9088f7ace2efcde9")["sightings"]
		want = doc{"short_description": "File name: invoice.exe",
			"observed_time": doc{"start_time": "1999-11-01T08:00:00.000Z", "end_time": "1999-11-02T09:30:00.000Z"}}
		if diff := cmp.Diff(want, pick(file[0], "short_description", "observed_time")); diff != "" {
			t.Error(diff)
		}
		resolved := observe(t, r, ctim.TypeHostname, "EVIL.example")["sightings"][0]["relations"].([]any)[0].(doc)
		if diff := cmp.Diff(doc{"source": doc{"type": "hostname", "value": "EVIL.example"}, "related": doc{"type": "ip", "value": "192.0.2.2"}}, pick(resolved, "source", "related")); diff != "" {
			t.Error(diff)
		}
		two := observe(t, r, ctim.TypeIP, "192.0.2.1")["sightings"]
		if got := two[1]["description"]; got != "Category: Network activity, External analysis" {
			t.Errorf("description %q", got)
		}
	})
}

func TestTheLimitIsTheCallers(t *testing.T) {
	fake := written(t)
	r := serve(t, fake, gate{"HOST": host, "AuthKey": authKey, "CTR_ENTITIES_LIMIT": "1"})
	got := observe(t, r, ctim.TypeIP, "192.0.2.1")
	if len(got["judgements"]) != 1 || got["indicators"][0]["title"] != "Spring wave" {
		t.Errorf("not the one that changed last: %v", got["indicators"])
	}
}

func TestRefer(t *testing.T) {
	fake := written(t)
	r := serve(t, fake, credentials)
	links := func(o ctim.Observable) (out []string, got answer) {
		got = post(t, r, "/refer/observables", []ctim.Observable{o})
		var list []relay.Link
		if err := json.Unmarshal(got.Data, &list); err != nil {
			t.Fatal(err)
		}
		for _, link := range list {
			out = append(out, strings.Join([]string{link.ID, link.Title, link.Description, link.URL, strings.Join(link.Categories, "+")}, " | "))
		}
		return out, got
	}
	got, _ := links(observable(ctim.TypeIP, "192.0.2.1"))
	if diff := cmp.Diff([]string{
		"ref-misp-event-11111111-1111-4111-8111-111111111111 | Open the MISP event 'Spring wave' | An event with this IP address, reported by Example CERT. | " +
			host + "/events/view/11111111-1111-4111-8111-111111111111 | MISP+Event",
		"ref-misp-event-22222222-2222-4222-8222-222222222222 | Open the MISP event 'Scanners, week 40' | An event with this IP address, reported by Another CERT. | " +
			host + "/events/view/22222222-2222-4222-8222-222222222222 | MISP+Event",
		"ref-misp-search-ip-192.0.2.1 | Search in MISP | Find this IP address in the events of MISP. | " + host + "/attributes/index/searchvalue:192.0.2.1 | Search+MISP",
	}, got); diff != "" {
		t.Error(diff)
	}
	got, _ = links(observable(ctim.TypeURL, "http://nobody.example/a b?c=/../#d"))
	if got != nil {
		t.Errorf("no URL, but %q", got)
	}
	got, _ = links(observable(ctim.TypeURL, "http://nobody.example/../a?c=%2F&d=é"))
	if diff := cmp.Diff([]string{"ref-misp-search-url-http:%2F%2Fnobody.example%2Fa%3Fc=%252F&d=%25C3%25A9 | Search in MISP | Find this URL in the events of MISP. | " +
		host + "/events/index/searchattribute:http:__nobody.example_a%3Fc=_2F&d=_C3_A9 | Search+MISP"}, got); diff != "" {
		t.Error(diff)
	}
	for value, want := range map[string]string{
		"http://c2.example/gate.php?x=1": "/events/index/searchattribute:http:__c2.example_gate.php%3Fx=1",
		"http://c2.example/a|!b+c":       "/events/index/searchattribute:http:__c2.example_a__b%2Bc",
		"report.csv":                     "/events/index/searchattribute:report_csv",
		"100% !me|you.exe":               "/attributes/index/searchvalue:100%25%20%21me%7Cyou.exe",
		`C:\Temp\a b.exe`:                "/attributes/index/searchvalue:C:%5CTemp%5Ca%20b.exe",
		"a+b.txt":                        "/attributes/index/searchvalue:a%2Bb.txt",
	} {
		kind := ctim.TypeFileName
		if strings.Contains(value, "://") {
			kind = ctim.TypeURL
		}
		if got, _ = links(observable(kind, value)); len(got) != 1 || !strings.Contains(got[0], " | "+host+want+" | ") {
			t.Errorf("%s: %q", value, got)
		}
	}

	fake.before = func(w http.ResponseWriter, _ *http.Request) bool { w.WriteHeader(http.StatusBadGateway); return true }
	got, all := links(observable(ctim.TypeIP, "192.0.2.1"))
	if len(got) != 1 || len(all.Errors) != 1 || all.Errors[0].Code != relay.CodeServiceUnavailable {
		t.Errorf("with MISP down: %q %v", got, all.Errors)
	}
}

func TestHealth(t *testing.T) {
	for _, tt := range []struct {
		name   string
		claims gate
		before func(http.ResponseWriter, *http.Request) bool
		want   string
	}{
		{"well", credentials, nil, `{"data":{"status":"ok"}}`},
		{"wrong key", gate{"HOST": host, "AuthKey": "another"}, nil, "authorization error: MISP refuses the credential (403). Check it in the module's settings. " +
			"It says: Authentication failed. Please make sure you pass the API key of an API enabled user."},
		{"not MISP", credentials, func(w http.ResponseWriter, _ *http.Request) bool {
			reply(w, 200, map[string]string{"status": "up"})
			return true
		},
			"service unavailable: The server at the address of MISP reports no version, as MISP does. Check the address in the module's settings."},
		{"a proxy that refuses", credentials, func(w http.ResponseWriter, _ *http.Request) bool {
			w.WriteHeader(403)
			_, _ = io.WriteString(w, "<!DOCTYPE html><title>Just a moment...</title>")
			return true
		}, "connection error: A proxy or firewall before MISP refused the call (403). Let the relay through there, or check the address in the module's settings."},
		{"no host", gate{"HOST": "not a host", "AuthKey": authKey}, nil,
			"invalid argument: The address of MISP in the module's settings is not like https://host.example.com: it is not a URL."},
		{"no TLS", gate{"HOST": "http://misp.example.com", "AuthKey": authKey}, nil,
			"invalid argument: The address of MISP in the module's settings must begin with https://. Otherwise the credential would be sent unencrypted."},
		{"a key that can't be sent", gate{"HOST": host, "AuthKey": authKey + "\nX: y"}, nil,
			"authorization error: The credential for MISP is blank or has characters that can't be sent in a header. Copy it into the module's settings again."},
	} {
		t.Run(tt.name, func(t *testing.T) {
			fake := written(t)
			fake.before = tt.before
			got := post(t, serve(t, fake, tt.claims), "/health", nil)
			text := string(got.raw)
			if len(got.Errors) == 1 {
				text = string(got.Errors[0].Code) + ": " + got.Errors[0].Message
			}
			if text != tt.want {
				t.Errorf("got  %s\nwant %s", text, tt.want)
			}
		})
	}
}

func TestTimeoutSetting(t *testing.T) {
	for _, value := range []string{"0s", "26s", "15"} {
		t.Setenv("MISP_TIMEOUT", value)
		if _, err := misp.Provider.Open(relay.OpenOptions{}); err == nil || !strings.Contains(err.Error(), "MISP_TIMEOUT is not a duration such as 10s") {
			t.Errorf("%s: %v", value, err)
		}
	}
}
