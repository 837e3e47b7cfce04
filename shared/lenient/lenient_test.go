package lenient_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/serverless-relay/relay/shared/lenient"
)

func TestTypes(t *testing.T) {
	day := time.Date(2024, 3, 1, 0, 0, 0, 0, time.UTC)
	type value struct {
		Text  lenient.Text
		Texts lenient.Texts
		Flag  lenient.Flag
		Time  lenient.Time
	}
	for raw, want := range map[string]value{
		`" a\tb "`:                    {Text: "a\tb", Texts: lenient.Texts{"a\tb"}},
		`"2024-03-01"`:                {"2024-03-01", lenient.Texts{"2024-03-01"}, false, lenient.Time{Time: day}},
		`"2024-03-01T01:00:00+01:00"`: {"2024-03-01T01:00:00+01:00", lenient.Texts{"2024-03-01T01:00:00+01:00"}, false, lenient.Time{Time: day}},
		`1709251200`:                  {"1709251200", lenient.Texts{"1709251200"}, false, lenient.Time{Time: day}},
		`"1709251200"`:                {"1709251200", lenient.Texts{"1709251200"}, false, lenient.Time{Time: day}},
		`1`:                           {Text: "1", Texts: lenient.Texts{"1"}, Flag: true},
		`"0"`:                         {Text: "0", Texts: lenient.Texts{"0"}},
		`true`:                        {Text: "true", Texts: lenient.Texts{"true"}, Flag: true},
		`"yes"`:                       {Text: "yes", Texts: lenient.Texts{"yes"}, Flag: true},
		`["a",2,null,{},""]`:          {Texts: lenient.Texts{"a", "2"}},
		`{"a":1}`:                     {},
		`null`:                        {},
		`""`:                          {},
		`1e400`:                       {Text: "1e400", Texts: lenient.Texts{"1e400"}},
	} {
		var got value
		text := fmt.Sprintf(`{"text":%[1]s,"texts":%[1]s,"flag":%[1]s,"time":%[1]s}`, raw)
		if err := json.Unmarshal([]byte(text), &got); err != nil {
			t.Errorf("%s: %v", raw, err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: %s", raw, diff)
		}
	}
}

func TestParseTime(t *testing.T) {
	for text, want := range map[string]string{
		"1795500000":                      "2026-11-24T06:00:00Z",
		"1795500000.987":                  "2026-11-24T06:00:00Z",
		"1795500000123":                   "2026-11-24T06:00:00.123Z",
		"1795500000123.5":                 "2026-11-24T06:00:00.123Z",
		"Tue, 24 Nov 2026 06:00:00 GMT":   "2026-11-24T06:00:00Z",
		"Tue, 24 Nov 2026 07:00:00 +0100": "2026-11-24T06:00:00Z",
		"2026-11-24T07:00:00.000+0100":    "2026-11-24T06:00:00Z",
		"0":                               "",
		"":                                "",
		".":                               "",
		"20261124060000":                  "", // not since 1970
		"1795500000.1.2":                  "",
		"Tue, 24 Nov 2026 06:00:00 CET":   "", // which zone that is depends on the place
	} {
		got, ok := lenient.ParseTime(text)
		if ok != (want != "") || ok && got.Format(time.RFC3339Nano) != want {
			t.Errorf("%s: got %v, %t; want %s", text, got, ok, want)
		}
	}
}

func TestInt(t *testing.T) {
	for raw, want := range map[string]lenient.Int{
		`7`: 7, `"7"`: 7, `" -7 "`: -7, `7.9`: 7, `0`: 0, `1e3`: 0, `"seven"`: 0, `""`: 0, `null`: 0, `[7]`: 0, `{}`: 0, `true`: 0, `99999999999999999999`: 0,
	} {
		got := lenient.Int(1)
		if raw == `null` {
			got = 0 // encoding/json leaves it as it is
		}
		if err := json.Unmarshal([]byte(raw), &got); err != nil || got != want {
			t.Errorf("%s: got %d, %v; want %d", raw, got, err, want)
		}
	}
}

func TestList(t *testing.T) {
	type named struct{ Name lenient.Text }
	for raw, want := range map[string]lenient.List[named]{
		`[{"name":"a"},null,2,"x",[],{"name":3}]`: {{"a"}, {"3"}},
		` {"name":"a"} `:                             {{"a"}},
		`[{"name":{}},{"more":1}]`:                   {{}, {}},
		`{"1":{"name":"a"}, "4":{"name":"b"},"x":3}`: {{"a"}, {"b"}},
		`{}`:              {{}},
		`[]`:              nil,
		`null`:            nil,
		`"nothing found"`: nil,
	} {
		var got struct{ List lenient.List[named] }
		if err := json.Unmarshal([]byte(`{"list":`+raw+`}`), &got); err != nil {
			t.Errorf("%s: %v", raw, err)
		}
		if diff := cmp.Diff(want, got.List); diff != "" {
			t.Errorf("%s: %s", raw, diff)
		}
	}
}

// outline returns the lines and names of a list, and the keys of an inner object.
func outline(document string) (string, error) {
	w := lenient.NewWalker([]byte(document))
	var out []string
	err := w.Object(func(key string) error {
		switch key {
		case "list":
			return w.Array(func(line int) error {
				var name struct{ Name lenient.Text }
				err := w.Decode(&name)
				out = append(out, fmt.Sprintf("%d %s", line, name.Name))
				return err
			})
		case "inner":
			return w.Object(func(key string) error {
				out = append(out, key)
				return w.Skip()
			})
		default:
			return w.Skip()
		}
	})
	return strings.Join(out, ", "), err
}

func TestWalker(t *testing.T) {
	for document, want := range map[string]string{
		"{\"list\": [{\"name\": \"a\"},\n {\"name\": [1]},\n\n\"x\", {\"name\": 4}], \"more\": [[{}]]}": "1 a, 2 , 4 , 4 4",
		`{"list": {"name": "a"}}`:                                 "1 a",
		`{"list": "a", "inner": {"b": {"c": 1}, "d": []}}`:        "b, d",
		`{"list": null, "inner": [], "list": [{"name":"again"}]}`: "1 again",
		`{"list": {"1": {"name": "a"},
 "4": {"name": "b"}}}`: "1 a, 2 b",
		`{"list": { "1a": {}, "name": "c"}}`: "1 c",
		`{"list": { }, "inner": {"b": 1}}`:   "1 , b",
		`{"list": {"": {"name": "a"}}}`:      "1 ",
		`[]`:                                 "",
		`null`:                               "",
		``:                                   "",
	} {
		got, err := outline(document)
		if got != want || err != nil && document != "" {
			t.Errorf("%s: got %q, %v; want %q", document, got, err, want)
		}
	}
}

func TestWalkerFind(t *testing.T) {
	for document, want := range map[string]string{
		`{"type": "x"}`:                                          "x",
		`{"a":1,"b":-2.5e3,"c":null,"type":"x"}`:                 "x",
		`{"a":{"type":"no"},"b":[{"type":"no"},"]"],"type":"x"}`: "x",
		`{"a\"b":"}\\","type" : "x\"y"}`:                         `x"y`,
		`{"a":"type"}`:                                           "",
		`{"type":{"b":1}}`:                                       "",
		`{}`:                                                     "",
		`["type"]`:                                               "",
		`"type"`:                                                 "",
		``:                                                       "",
	} {
		w := lenient.NewWalker([]byte(document))
		var got lenient.Text
		w.Find("type", &got)
		if string(got) != want {
			t.Errorf("%s: got %q, want %q", document, got, want)
		}
		if document != "" {
			if err := w.Skip(); err != nil || w.Peek() != 0 {
				t.Errorf("%s: the walker moved: %v", document, err)
			}
		}
	}
}
