package flatjson

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestDecode(t *testing.T) {
	tests := map[string]struct {
		text string
		want []Member
	}{
		"in order":        {`{"z":"1","a":"2"}`, []Member{{"z", "1"}, {"a", "2"}}},
		"nothing in it":   {" {} \n", nil},
		"escapes":         {`{"a\"b":"c\n\u00e9"}`, []Member{{`a"b`, "c\né"}}},
		"empty value":     {`{"a":""}`, []Member{{"a", ""}}},
		"byte order mark": {"\ufeff{\"a\":\"b\"}\r\n", []Member{{"a", "b"}}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := Decode([]byte(test.text))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestDecodeRefuses(t *testing.T) {
	tests := map[string]struct{ text, want string }{
		"nothing":         {" \n", "empty"},
		"no JSON":         {"{\n \"a\": s3cr3t\n}", "line 2"},
		"cut off":         {"{\n \"a\": \"s3cr3t", "line 2"},
		"a line break":    {"{\"a\": \"s3cr3t\n\"}", "line"},
		"something after": {`{"a":"s3cr3t"} {"b":"c"}`, "not JSON"},
		"a list":          {`["s3cr3t"]`, "not a JSON object"},
		"a string":        {`"s3cr3t"`, "not a JSON object"},
		"null":            {`null`, "not a JSON object"},
		"a number":        {`{"a":"s3cr3t","b":31337}`, `"b" is a number`},
		"a boolean":       {`{"b":true}`, `"b" is a boolean`},
		"nothing there":   {`{"b":null}`, `"b" is null`},
		"deeper":          {`{"b":{"c":"s3cr3t"}}`, `"b" is a list or an object`},
		"a list in it":    {`{"b":["s3cr3t"]}`, `"b" is a list or an object`},
		"twice":           {`{"a":"s3cr3t","a":"s3cr3t"}`, `"a" is there twice`},
		"Latin-1":         {"{\"a\":\"s3cr3t\xe9\"}", "UTF-8"},
		"UTF-16":          {"\xff\xfe{\x00}\x00", "UTF-8"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := Decode([]byte(test.text))
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Fatalf("got %v, error %v, want one with %q", got, err, test.want)
			}
			if strings.Contains(err.Error(), "s3cr3t") || strings.Contains(err.Error(), "31337") {
				t.Errorf("the error repeats a value: %v", err)
			}
		})
	}
}

// What is accepted is what package json makes of it too.
func FuzzDecode(f *testing.F) {
	for _, text := range []string{`{"a":"b"}`, `{}`, `{"a":"b","a":"c"}`, `{"a":1}`, `{"a":"\ud800"}`, "\ufeff{}", `{"a":"b"}}`, `{"a" "b"}`, `{"a":"b",}`} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		members, err := Decode(data)
		if err != nil {
			return
		}
		got := map[string]string{}
		for _, m := range members {
			got[m.Name] = m.Value
		}
		want := map[string]string{}
		if err := json.Unmarshal([]byte(strings.TrimPrefix(string(data), "\ufeff")), &want); err != nil {
			t.Fatalf("accepted %q: %v", data, err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%q: %s", data, diff)
		}
	})
}
