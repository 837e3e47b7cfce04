package upstream_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/serverless-relay/relay/shared/upstream"
)

func TestMembers(t *testing.T) {
	for body, want := range map[string]string{
		`{"data":[{"a":[1e400,"}"]},null,true],"page":{"url":"x"},"verdicts":[1],"more":{}}`: `{"page":{"url":"x"},"verdicts":[1]}`,
		"\xef\xbb\xbf\n {\"page\":null,\"page\":2}":                                          `{"page":2}`,
		`{"other":{"page":1}}`:              `{}`,
		`{}`:                                `{}`,
		`{"page":1} and more`:               `{"page":1}`,
		`{"data":[{"a":1},{"`:               "connection error",
		`{"page":[{"a":1},{"`:               "connection error",
		`{"page":1,"verdicts":2`:            "connection error",
		`{`:                                 "connection error",
		`{"page":[}`:                        "connection error",
		`{"page":[1,],"a":1}`:               "service unavailable",
		`{"data":[1,],"a" : t}`:             `{}`,
		`{7:1}`:                             "service unavailable",
		`{{}}`:                              "service unavailable",
		`{"a\"b\\":"}\"","page": "{\\\"" }`: `{"page":"{\\\""}`,
		`[{"page":1}]`:                      "service unavailable",
		`{"data" 1}`:                        "service unavailable",
		``:                                  "service unavailable",
		`OK`:                                "service unavailable",
		`"OK"`:                              "service unavailable",
		`<!DOCTYPE html><p>Log in`:          "service unavailable",
	} {
		c := callerOf(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, body) }, upstream.Options{})
		var kept map[string]json.RawMessage
		err := c.Do(t.Context(), upstream.Request{Path: "/x", Members: []string{"page", "verdicts"}}, &kept)
		if err != nil {
			if got := coded(t, err); string(got.Code) != want {
				t.Errorf("%s: got %v, want %s", body, got, want)
			}
			continue
		}
		raw, err := json.Marshal(kept)
		if diff := cmp.Diff(want, string(raw)); diff != "" || err != nil {
			t.Errorf("%s: %s, %v", body, diff, err)
		}
	}
}

// The same request for other members is another one.
func TestMembersAreNotShared(t *testing.T) {
	c := callerOf(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, `{"a":1,"b":2}`) }, upstream.Options{})
	for members, want := range map[string]string{"a": "map[a:1]", "b": "map[b:2]", "a b": "map[a:1 b:2]", "": "map[a:1 b:2]"} {
		request := upstream.Request{Path: "/x"}
		if members != "" {
			request.Members = strings.Fields(members)
		}
		var got map[string]int
		if err := c.Do(t.Context(), request, &got); err != nil || fmt.Sprint(got) != want {
			t.Errorf("%s: %v, %v", members, got, err)
		}
	}
}

// Skimming and decoding find the same members.
func FuzzMembers(f *testing.F) {
	for _, seed := range []string{`{"a":[1,{"page":2}],"page":{"b":"\\\""},"c":"}"}`, `{"page":1,"page":null}`, `{`, ``, `{"page":-1.5e3 ,"x":true}`, `{"p\u0061ge":1}`} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, body string) {
		c := callerOf(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, body) }, upstream.Options{})
		var want, got map[string]json.RawMessage
		if json.Unmarshal([]byte(body), &want) != nil || want == nil {
			_ = c.Do(t.Context(), upstream.Request{Path: "/x", Members: []string{"page"}}, &got)
			return // it only must not panic
		}
		if err := c.Do(t.Context(), upstream.Request{Path: "/x", Members: []string{"page"}}, &got); err != nil || string(got["page"]) != string(want["page"]) || len(got) > 1 {
			t.Errorf("%s: got %s, %v", body, got, err)
		}
	})
}
