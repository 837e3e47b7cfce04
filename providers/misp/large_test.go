//go:build !race

package misp_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/serverless-relay/relay/shared/ctim"
	"github.com/serverless-relay/relay/shared/relay"
)

// What is too much to be read at a time is read in smaller pages, and what is too
// much at all in part.
func TestLargeAnswersAreReadInPart(t *testing.T) {
	const warned = "More attributes have this value than the relay reads, so the verdict ignores some. See MISP for all of them. (192.0.2.1)"
	for _, tt := range []struct {
		many, size int
		sent       int
		verdicts   int
		message    string
	}{
		{500, 10, 500, 1, ""},
		{501, 10, 501, 1, ""},
		{4999, 10, 4999, 1, ""},
		{5001, 10, 5000, 1, warned},
		{300, 30_000, 300 + 300, 1, ""},
		{600, 30_000, 500 + 500, 1, warned},
		{1, 9 << 20, 4, 0, "The response of MISP is larger than the 8 MB that the relay reads. (192.0.2.1)"},
	} {
		var sent atomic.Int32
		got := post(t, serve(t, crowd(tt.many, tt.size, &sent), credentials), "/deliberate/observables", []ctim.Observable{observable(ctim.TypeIP, "192.0.2.1")})
		message := ""
		if len(got.Errors) > 0 {
			message = got.Errors[0].Message
		}
		if message != tt.message || len(got.Errors) > 1 || int(sent.Load()) != tt.sent {
			t.Errorf("%d attributes of %d bytes: %d sent, %v", tt.many, tt.size, sent.Load(), got.Errors)
		}
		if n := strings.Count(string(got.Data), `"Malicious"`); n != tt.verdicts {
			t.Errorf("%d attributes of %d bytes: %s", tt.many, tt.size, got.Data)
		}
	}
}

// The room that an answer has is shared out.
func TestLargeAnswersAreShared(t *testing.T) {
	r := serve(t, crowd(100, 10, new(atomic.Int32)), credentials)
	got := post(t, r, "/observe/observables", many(50))
	if n := len(got.docs(t)["judgements"]); n != 50*20 {
		t.Errorf("%d judgements", n)
	}
	if len(got.Errors) != 1 || got.Errors[0].Type != relay.Warning ||
		!strings.HasPrefix(got.Errors[0].Message, "The response has no room for all events. It has the newest of each observable, and the one that decides. Ask about fewer observables in one request. (198.51.100.0, ") {
		t.Errorf("errors %v", got.Errors)
	}
	if got := post(t, r, "/deliberate/observables", many(50)); len(got.docs(t)["verdicts"]) != 50 || len(got.Errors) > 0 {
		t.Errorf("verdicts need no room: %v", got.Errors)
	}
}

// crowd answers a search for attributes with many for each value, of so many bytes
// each. sent counts them.
func crowd(many, size int, sent *atomic.Int32) http.Handler {
	padding := strings.Repeat("x", size)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var body struct {
			Value       any
			Limit, Page int
		}
		_ = json.NewDecoder(r.Body).Decode(&body)
		values := []any{body.Value}
		if several, ok := body.Value.(map[string]any); ok {
			values = several["OR"].([]any)
		}
		if r.URL.Path != "/attributes/restSearch" || body.Value == nil {
			values = nil
		}
		start := (body.Page - 1) * body.Limit
		_, _ = fmt.Fprint(w, `{"response":{"Attribute":[`)
		for i := start; i < min(many*len(values), start+body.Limit); i++ {
			if i > start {
				_, _ = fmt.Fprint(w, ",")
			}
			sent.Add(1)
			_, _ = fmt.Fprintf(w, `{"uuid":"%d","type":"ip-dst","to_ids":true,"comment":"%s","value":"%s","event_id":"%d","Event":{"id":"%d","info":"Event %d","threat_level_id":"1"}}`,
				i, padding, values[i/many], i%many, i%many, i%many)
		}
		_, _ = fmt.Fprint(w, `]}}`)
	})
}
