package misp_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

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
	third := &server{}
	for value, kind := range values {
		raw, _ := json.Marshal(map[string]any{"Event": map[string]any{"uuid": value, "info": value, "threat_level_id": "1",
			"Attribute": []any{map[string]any{"type": kinds[kind], "value": value, "to_ids": true}}}})
		third.add(t, raw)
	}
	r := serve(t, third, credentials)
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

// A large answer goes through, and what isn't about the observable isn't kept.
func TestALargeEvent(t *testing.T) {
	attribute := `{"type":"ip-dst","category":"Network activity","to_ids":true,"value":"10.%d.%d.%d","comment":"` + strings.Repeat("x", 400) + `"}`
	var b strings.Builder
	b.WriteString(`{"response":[{"Event":{"uuid":"u","info":"Large","threat_level_id":"1","Attribute":[`)
	n := 0
	for ; b.Len() < 5<<20; n++ {
		fmt.Fprintf(&b, attribute, n>>16, n>>8&255, n&255)
		b.WriteString(",")
	}
	fmt.Fprintf(&b, attribute, 255, 255, 255)
	b.WriteString("]}}]}")
	third := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(b.String())) })
	got := observe(t, serve(t, third, credentials), ctim.TypeIP, fmt.Sprintf("10.%d.%d.%d", (n-1)>>16, (n-1)>>8&255, (n-1)&255))
	if len(got["judgements"]) != 1 {
		t.Errorf("of %d attributes none was found", n)
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
	raw, _ := json.Marshal(map[string]any{"Event": map[string]any{"info": "Odd", "threat_level_id": "1", "Attribute": attributes}})
	third := &server{}
	third.add(t, raw)
	r := serve(t, third, credentials)
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

// crowd answers a search with so many events as it wants, at most many, of so
// many bytes each.
func crowd(many, size int) http.Handler {
	padding := strings.Repeat("x", size)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var body struct {
			Value string
			Limit int
		}
		_ = json.NewDecoder(r.Body).Decode(&body)
		_, _ = fmt.Fprint(w, `{"response":[`)
		for i := range min(many, body.Limit) {
			if i > 0 {
				_, _ = fmt.Fprint(w, ",")
			}
			_, _ = fmt.Fprintf(w, `{"Event":{"uuid":"%d","info":"Event %d","threat_level_id":"1","Attribute":[{"type":"text","value":"%s"},{"type":"ip-dst","to_ids":true,"value":"%s"}]}}`,
				i, i, padding, body.Value)
		}
		_, _ = fmt.Fprint(w, `]}`)
	})
}

// Where the events together are too large to be read, those that changed last
// are better than none.
func TestEventsThatAreTooLargeTogether(t *testing.T) {
	const cut = "The events with this value are too large to be read all: this is from those that changed last. MISP has them all. (192.0.2.1)"
	for _, tt := range []struct {
		many, size int
		want       int
		warned     bool
	}{
		{100, 1000, 100, false},
		{100, 100_000, 10, true},
		{100, 1 << 20, 1, true},
	} {
		got := post(t, serve(t, crowd(tt.many, tt.size), credentials), "/observe/observables", []ctim.Observable{observable(ctim.TypeIP, "192.0.2.1")})
		warned := len(got.Errors) == 1 && got.Errors[0] == relay.Error{Type: relay.Warning, Code: relay.CodeInvalidArgument, Message: cut}
		if n := len(got.docs(t)["indicators"]); n != tt.want || warned != tt.warned || !warned && len(got.Errors) > 0 {
			t.Errorf("%d events of %d bytes: %d came, %v", tt.many, tt.size, n, got.Errors)
		}
	}
	got := post(t, serve(t, crowd(1, 9<<20), credentials), "/observe/observables", []ctim.Observable{observable(ctim.TypeIP, "192.0.2.1")})
	if len(got.Errors) != 1 || got.Errors[0].Message != "The response of MISP is larger than the 8 MB that the relay reads. (192.0.2.1)" {
		t.Errorf("one that is too large alone: %v", got.Errors)
	}
}

// What an answer has room for is shared out.
func TestManyEventsOfManyObservables(t *testing.T) {
	r := serve(t, crowd(100, 10), credentials)
	got := post(t, r, "/observe/observables", many(50))
	if n := len(got.docs(t)["judgements"]); n != 50*20 {
		t.Errorf("%d judgements", n)
	}
	if len(got.Errors) != 1 || got.Errors[0].Type != relay.Warning ||
		!strings.HasPrefix(got.Errors[0].Message, "An answer can't hold all the events: this is from those of each observable that changed last. Ask about fewer observables at once. (198.51.100.0, ") {
		t.Errorf("errors %v", got.Errors)
	}
	if got := post(t, r, "/deliberate/observables", many(50)); len(got.docs(t)["verdicts"]) != 50 || len(got.Errors) > 0 {
		t.Errorf("verdicts need no room: %v", got.Errors)
	}
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
	third := newServer(t, files...)
	r := serve(t, third, credentials)
	types := map[string]ctim.ObservableType{
		"ip-src": ctim.TypeIP, "ip-dst": ctim.TypeIP, "domain": ctim.TypeDomain, "hostname": ctim.TypeHostname, "url": ctim.TypeURL,
		"md5": ctim.TypeMD5, "sha1": ctim.TypeSHA1, "sha256": ctim.TypeSHA256, "filename": ctim.TypeFileName,
		"email-src": ctim.TypeEmail, "email-dst": ctim.TypeEmail,
		"filename|md5": ctim.TypeMD5, "filename|sha1": ctim.TypeSHA1, "filename|sha256": ctim.TypeSHA256,
	}
	forDetection, others, skipped := 0, 0, map[string]int{}
	for _, event := range third.events {
		// Asked about all at once, as the platform would about a report.
		var asked []ctim.Observable
		for _, a := range attributesOf(event) {
			kind, known := types[a["type"].(string)]
			values := valuesOf(a)
			value := values[len(values)-1]
			switch {
			case !known:
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
		`{"Event":{"Tag":[{"name":"misp-galaxy:tool=\"\""},{"name":"tlp:"}],"Object":[{"Attribute":[{"type":"hostname","value":"evil.example"}]}]}}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		third := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(body) })
		r := serve(t, third, credentials)
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
