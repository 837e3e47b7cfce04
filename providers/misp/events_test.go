package misp_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/serverless-relay/relay/shared/ctim"
	"github.com/serverless-relay/relay/shared/relay"
)

// Characters that MISP reads as operators and wildcards are only characters to
// the platform: each value finds its own event and no other.
func TestValuesThatMeanSomethingToMISP(t *testing.T) {
	values := map[string]ctim.ObservableType{
		"http://a.example/?x&&y":    ctim.TypeURL,
		"http://a.example/?x":       ctim.TypeURL,
		"http://a.example/?x||y":    ctim.TypeURL,
		"http://a.example/%":        ctim.TypeURL,
		"http://a.example/%25":      ctim.TypeURL,
		"http://a.example/_":        ctim.TypeURL,
		"http://a.example/":         ctim.TypeURL,
		"!a.txt":                    ctim.TypeFileName,
		"a.txt":                     ctim.TypeFileName,
		`%TEMP%\a_b.exe`:            ctim.TypeFileName,
		`%TEMP%\a_b.exe.old`:        ctim.TypeFileName,
		`C:\Users\TEMP\a_b.exe`:     ctim.TypeFileName,
		"100%":                      ctim.TypeFileName,
		"100":                       ctim.TypeFileName,
		"%":                         ctim.TypeFileName,
		`quote".txt`:                ctim.TypeFileName,
		"not!here@evil.example":     ctim.TypeEmail,
		"100%here@evil.example":     ctim.TypeEmail,
		"!here@evil.example":        ctim.TypeEmail,
		"%here@evil.example":        ctim.TypeEmail,
		"here@evil.example":         ctim.TypeEmail,
		"xn--bcher-kva.example":     ctim.TypeDomain,
		"_dmarc.evil.example":       ctim.TypeDomain,
		"xdmarc.evil.example":       ctim.TypeDomain,
		"2001:db8::1":               ctim.TypeIPv6,
		"http://[2001:db8::1]:80/a": ctim.TypeURL,
	}
	kinds := map[ctim.ObservableType]string{
		ctim.TypeURL: "url", ctim.TypeFileName: "filename", ctim.TypeEmail: "email-src", ctim.TypeDomain: "domain", ctim.TypeIPv6: "ip-dst",
	}
	fake := &server{}
	for value, kind := range values {
		raw, _ := json.Marshal(map[string]any{"Event": map[string]any{"uuid": value, "info": value, "threat_level_id": "1",
			"Attribute": []any{map[string]any{"type": kinds[kind], "value": value, "to_ids": true}}}})
		fake.add(t, raw)
	}
	r := serve(t, fake, credentials)
	for value, kind := range values {
		var found []string
		for _, i := range observe(t, r, kind, value)["indicators"] {
			found = append(found, i["title"].(string))
		}
		if len(found) != 1 || found[0] != value {
			t.Errorf("%s finds %q", value, found)
		}
	}
	for _, value := range []string{"0", "%%", "&&", "||", "a.txt&&100", "a.txt||100", "!", "!nothing.txt", "%.txt", "a%"} {
		if got := observe(t, r, ctim.TypeFileName, value); len(got) > 0 {
			t.Errorf("%s finds %v", value, got)
		}
	}
}

// weighed counts the bytes of the answers of a server.
type weighed struct {
	*server
	bytes atomic.Int64
}

func (s *weighed) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.server.ServeHTTP(countingWriter{w, &s.bytes}, r)
}

type countingWriter struct {
	http.ResponseWriter
	bytes *atomic.Int64
}

func (w countingWriter) Write(p []byte) (int, error) {
	w.bytes.Add(int64(len(p)))
	return w.ResponseWriter.Write(p)
}

// What a value costs depends on how often it is in MISP, and not on how large its
// event is.
func TestALargeEvent(t *testing.T) {
	var attributes []string
	for n := range 20_000 {
		attributes = append(attributes, "ip-dst", fmt.Sprintf("10.0.%d.%d", n>>8, n&255))
	}
	fake := &weighed{server: &server{}}
	fake.with(t, 1, "2", "ip-dst", "10.0.9.9")
	fake.with(t, 2, "1", append(attributes, "link", "https://blog.example/large", "domain", "a.example")...)
	r := serve(t, fake, credentials)
	for _, tt := range []struct {
		values int
		calls  int
	}{{1, 2}, {20, 2}, {100, 6}} {
		fake.asked = nil
		fake.bytes.Store(0)
		var asked []ctim.Observable
		for n := range tt.values {
			asked = append(asked, observable(ctim.TypeIP, fmt.Sprintf("10.0.9.%d", n+9)))
		}
		got := post(t, r, "/observe/observables", asked)
		docs := got.docs(t)
		if len(docs["verdicts"]) != tt.values || len(docs["judgements"]) != tt.values+1 || len(got.Errors) > 0 {
			t.Errorf("%d values: %d verdicts, %d judgements, %v", tt.values, len(docs["verdicts"]), len(docs["judgements"]), got.Errors)
		}
		if references := docs["indicators"][0]["external_references"].([]any); len(references) != 2 {
			t.Errorf("%d values: references %v", tt.values, references)
		}
		if calls, bytes := len(fake.asked), int(fake.bytes.Load()); calls > tt.calls || bytes > 2000*(tt.values+2) {
			t.Errorf("%d values cost %d calls and %d bytes", tt.values, calls, bytes)
		}
	}
}

// All events decide, even if not all are sent.
func TestTheWorstOfManyEventsDecides(t *testing.T) {
	fake := &server{}
	fake.with(t, 1, "1", "domain", "evil.example")
	for id := range 700 {
		fake.with(t, id+2, "3", "domain", "evil.example")
	}
	r := serve(t, fake, gate{"HOST": host, "AuthKey": authKey, "CTR_ENTITIES_LIMIT": "5"})
	asked := []ctim.Observable{observable(ctim.TypeDomain, "evil.example")}
	got := observe(t, r, asked[0].Type, asked[0].Value)
	var titles []any
	for _, i := range got["indicators"] {
		titles = append(titles, i["title"])
	}
	if diff := cmp.Diff([]any{"Event 701", "Event 700", "Event 699", "Event 698", "Event 1"}, titles); diff != "" {
		t.Error(diff)
	}
	deliberated := post(t, r, "/deliberate/observables", asked)
	if diff := cmp.Diff(got["verdicts"], deliberated.docs(t)["verdicts"]); diff != "" || got["verdicts"][0]["disposition_name"] != "Malicious" {
		t.Errorf("verdict %v %s", got["verdicts"], diff)
	}
}

// An event that names all that there is is cut, and one without an id still
// counts.
func TestOddEvents(t *testing.T) {
	var attributes []any
	for i := range 60 {
		attributes = append(attributes,
			map[string]any{"type": "link", "value": fmt.Sprintf("https://blog.example/%d", i)},
			map[string]any{"type": "vulnerability", "value": fmt.Sprintf("CVE-1999-%04d", i)})
	}
	attributes = append(attributes, map[string]any{"type": "domain", "value": "odd.example", "to_ids": true})
	raw, _ := json.Marshal(map[string]any{"Event": map[string]any{"id": 77, "info": "Odd", "threat_level_id": "1", "Attribute": attributes}})
	fake := &server{}
	fake.add(t, raw)
	r := serve(t, fake, credentials)
	got := observe(t, r, ctim.TypeDomain, "odd.example")
	indicator := got["indicators"][0]
	if references := indicator["external_references"].([]any); len(references) != 10 || len(got["vulnerabilities"]) != 50 {
		t.Errorf("%d references, %d vulnerabilities", len(references), len(got["vulnerabilities"]))
	}
	if indicator["source_uri"] != nil || indicator["producer"] != "MISP" || got["verdicts"][0]["disposition_name"] != "Malicious" {
		t.Errorf("indicator %v", indicator)
	}
	links := post(t, r, "/refer/observables", []ctim.Observable{observable(ctim.TypeDomain, "odd.example")})
	if n := strings.Count(string(links.Data), `"url"`); n != 1 {
		t.Errorf("links %s", links.Data)
	}
}

// A search for attributes that finds nothing is confirmed by one for events.
func TestAnAttributeSearchThatFindsNothing(t *testing.T) {
	fake := written(t)
	fake.before = func(w http.ResponseWriter, r *http.Request) bool {
		if r.URL.Path != "/attributes/restSearch" {
			return false
		}
		reply(w, 200, map[string]any{"response": map[string]any{"Attribute": []any{}}})
		return true
	}
	r := serve(t, fake, credentials)
	got := observe(t, r, ctim.TypeDomain, "evil.example")
	if len(got["verdicts"]) != 1 || len(got["actors"]) != 1 || len(got["vulnerabilities"]) != 1 {
		t.Errorf("got %v", got)
	}
	if refused := take(t, r, actions(t, r, observable(ctim.TypeDomain, "evil.example"))["sighting"]); refused != "" {
		t.Error(refused)
	}
	if got := fake.sightingsOf(); len(got) != 1 {
		t.Errorf("added %q", got)
	}
}

// Descriptions that come late, or not, cost no judgement.
func TestEventsThatAreNotDescribed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake := written(t)
		fake.before = func(_ http.ResponseWriter, r *http.Request) bool {
			raw, _ := io.ReadAll(r.Body)
			r.Body = io.NopCloser(bytes.NewReader(raw))
			if bytes.Contains(raw, []byte("eventid")) {
				<-r.Context().Done()
			}
			return false
		}
		start := time.Now()
		got := post(t, serve(t, fake, credentials), "/observe/observables", []ctim.Observable{observable(ctim.TypeDomain, "evil.example"), observable(ctim.TypeDomain, "nobody.example")})
		want := relay.Error{Type: relay.Warning, Code: relay.CodeServiceUnavailable,
			Message: "MISP did not describe the events in time: descriptions of threats, vulnerabilities and links to reports may be missing. (evil.example)"}
		if len(got.Errors) != 1 || got.Errors[0] != want || time.Since(start) > 6*time.Second {
			t.Errorf("after %v: %v", time.Since(start), got.Errors)
		}
		if docs := got.docs(t); len(docs["verdicts"]) != 1 || len(docs["malwares"]) != 2 {
			t.Errorf("got %v", docs)
		}
	})
}

// What others published, where it lies beside the checkout: each attribute that
// is meant for detection finds its event, and so do the others.
func TestPublishedEvents(t *testing.T) {
	const published = "../../../shared/data/misp"
	if _, err := os.Stat(published); err != nil {
		t.Skip("no published files beside the checkout")
	}
	files, err := filepath.Glob(filepath.Join(published, "*.json"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no events in %s: %v", published, err)
	}
	fake := newServer(t, files...)
	r := serve(t, fake, credentials)
	types := map[string]ctim.ObservableType{
		"ip-src": ctim.TypeIP, "ip-dst": ctim.TypeIP, "domain": ctim.TypeDomain, "hostname": ctim.TypeHostname, "url": ctim.TypeURL,
		"md5": ctim.TypeMD5, "sha1": ctim.TypeSHA1, "sha256": ctim.TypeSHA256, "filename": ctim.TypeFileName,
		"email-src": ctim.TypeEmail, "email-dst": ctim.TypeEmail,
		"filename|md5": ctim.TypeMD5, "filename|sha1": ctim.TypeSHA1, "filename|sha256": ctim.TypeSHA256,
	}
	forDetection, others, skipped := 0, 0, map[string]int{}
	for _, event := range fake.events {
		// Asked about all at once, as the platform would about a report.
		var asked []ctim.Observable
		for _, a := range attributesOf(event) {
			kind, known := types[a["type"].(string)]
			values := valuesOf(a)
			value := values[len(values)-1]
			switch {
			case !known || a["type"] == "url" && a["category"] == "External analysis":
				skipped[a["type"].(string)]++
				continue
			case a["to_ids"] == true:
				forDetection++
			default:
				others++
			}
			asked = append(asked, observable(kind, value))
			if len(values) == 2 && values[0] != "" {
				asked = append(asked, observable(ctim.TypeFileName, values[0]))
			}
		}
		got := post(t, r, "/observe/observables", asked)
		if len(got.Errors) > 0 {
			t.Errorf("%s: %v", event["info"], got.Errors)
		}
		judged := map[string]bool{}
		for _, j := range got.docs(t)["judgements"] {
			about := j["observable"].(doc)
			if j["source_uri"] == host+"/events/view/"+event["uuid"].(string) {
				judged[about["type"].(string)+" "+about["value"].(string)] = true
			}
		}
		for _, o := range asked {
			if !judged[string(o.Type)+" "+o.Value] {
				t.Errorf("%s %s doesn't find %s", o.Type, o.Value, event["info"])
			}
		}
	}
	t.Logf("%d attributes for detection, %d others; no observables: %v", forDetection, others, skipped)
	if forDetection < 200 {
		t.Errorf("only %d attributes for detection", forDetection)
	}
}

// Whatever MISP answers, what the relay makes of it is valid.
func FuzzEvents(f *testing.F) {
	raw, err := os.ReadFile(filepath.Join("testdata", "events.json"))
	if err != nil {
		f.Fatal(err)
	}
	var all []json.RawMessage
	if err := json.Unmarshal(raw, &all); err != nil {
		f.Fatal(err)
	}
	for _, one := range all {
		f.Add([]byte(`{"response":[` + string(one) + `]}`))
	}
	for _, seed := range []string{
		`{"response":[{"Event":{"threat_level_id":1,"Attribute":{"type":"domain|ip","value":"evil.example|192.0.2.1","Sighting":[{"type":2,"date_sighting":"9999999999"}]}}}]}`,
		`[{"Event":{"uuid":"../../x?y#z","date":"9999-12-31","Attribute":[{"type":"domain","value":"evil.example","first_seen":"9999-01-01","last_seen":1}]}}]`,
		`{"response":{"Attribute":[{"uuid":"u","type":"domain|ip","value":"evil.example|192.0.2.1","event_id":"3","to_ids":1,"warnings":[{"value":"evil.example","warninglist_name":"A"}],"Event":{"id":3,"info":"x","threat_level_id":"1"},"Sighting":{"1":{"type":"1","source":"Cisco XDR 0123456789abcdef (ip)"}}}]}}`,
		`{"response":{"Attribute":{"1":{"type":"filename","object_relation":"filename"},"2":{"type":"link","event_id":"3","value":"https://blog.example/"}}}}`,
		`{"response":{"errors":[{"value":["Query failed"]}]}}`,
		`{"Event":{"Tag":[{"name":"misp-galaxy:tool=\"\""},{"name":"tlp:"}],"Object":[{"Attribute":[{"type":"hostname","value":"evil.example"}]}]}}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		fake := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(body) })
		r := serve(t, fake, credentials)
		asked := []ctim.Observable{observable(ctim.TypeDomain, "evil.example"), observable(ctim.TypeIP, "192.0.2.1")}
		first := post(t, r, "/observe/observables", asked)
		for _, e := range first.Errors {
			if e.Code != relay.CodeServiceUnavailable && e.Code != relay.CodeConnection {
				t.Errorf("%q: %v", body, e)
			}
		}
		for _, route := range []string{"/deliberate/observables", "/refer/observables", "/respond/observables"} {
			post(t, r, route, asked)
		}
	})
}
