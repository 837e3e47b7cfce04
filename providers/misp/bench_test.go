package misp

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/serverless-relay/relay/shared/mispevent"
)

// BenchmarkEvents reads an answer of 5 MB and keeps one attribute.
func BenchmarkEvents(b *testing.B) {
	var text strings.Builder
	text.WriteString(`{"response":[{"Event":{"uuid":"u","info":"Large","threat_level_id":"1","Attribute":[`)
	for n := 0; text.Len() < 5<<20; n++ {
		fmt.Fprintf(&text, `{"id":"%d","type":"ip-dst","category":"Network activity","to_ids":true,"uuid":"7f8d0a6a-82cb-490d-afb1-%012d","event_id":"751",`+
			`"distribution":"5","timestamp":"1588623293","comment":"C2 server","sharing_group_id":"0","deleted":false,"disable_correlation":false,"object_id":"0",`+
			`"object_relation":null,"first_seen":null,"last_seen":null,"value":"10.%d.%d.%d","Galaxy":[],"ShadowAttribute":[]},`, n, n, n>>16, n>>8&255, n&255)
	}
	text.WriteString(`{"type":"ip-dst","value":"192.0.2.1"}]}}]}`)
	raw := []byte(text.String())
	b.SetBytes(int64(len(raw)))
	b.ReportAllocs()
	for b.Loop() {
		found := events{keep: func(a *mispevent.Attribute) bool { return a.Value == "192.0.2.1" }}
		if err := json.Unmarshal(raw, &found); err != nil || len(found.all[0].Attributes) != 1 {
			b.Fatal(found, err)
		}
	}
}

// BenchmarkAttributes reads a page of 500 attributes with their events.
func BenchmarkAttributes(b *testing.B) {
	var text strings.Builder
	text.WriteString(`{"response":{"Attribute":[`)
	for n := range 500 {
		fmt.Fprintf(&text, `{"id":"%d","type":"ip-dst","category":"Network activity","to_ids":true,"uuid":"7f8d0a6a-82cb-490d-afb1-%012d","event_id":"%d",`+
			`"timestamp":"1588623293","comment":"C2 server","deleted":false,"object_id":"0","object_relation":null,"first_seen":null,"last_seen":null,"value":"192.0.2.1",`+
			`"Event":{"id":"%d","info":"Event","date":"2020-05-04","threat_level_id":"1","uuid":"7f8d0a6a-82cb-490d-afb2-%012d","Orgc":{"id":"1","name":"CERT"},`+
			`"Tag":[{"id":"1","name":"tlp:green","colour":"#339900"}]},"Sighting":[]},`, n, n, n, n, n)
	}
	raw := []byte(strings.TrimSuffix(text.String(), ",") + "]}}")
	b.SetBytes(int64(len(raw)))
	b.ReportAllocs()
	for b.Loop() {
		found := attributes{events: map[string]*mispevent.Event{}}
		if err := json.Unmarshal(raw, &found); err != nil || len(found.matches) != 500 {
			b.Fatal(len(found.matches), err)
		}
	}
}
