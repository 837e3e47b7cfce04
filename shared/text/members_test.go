package text_test

import (
	"bytes"
	"encoding/json"
	"reflect"
	"testing"

	"github.com/serverless-relay/relay/shared/text"
)

func FuzzMembers(f *testing.F) {
	for _, seed := range []string{
		`{}`, `[]`, ` [ ] `, `{"a":1,"b":[1,{"c":"]}"}],"a":null}`, `{"\u0061\"" : "\\" , "é":true}`, `[1,-2.5e3,"x\"],",{"a":{}},[[]],false]`,
		"\n{\t\"a\"\r: 1 \n}", `"text"`, `12`, `null`, "[\"\xff\"]", `["\ud800"]`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		if !json.Valid(raw) {
			t.Skip()
		}
		var names, wantNames []string
		var values, want [][]byte
		for name, value := range text.Members(raw) {
			names, values = append(names, name), append(values, value)
		}
		at := 0
		for name, value := range text.Members(string(raw)) {
			if at == len(names) || name != names[at] || value != string(values[at]) {
				t.Fatalf("%q: member %d of the string is %q: %q", raw, at, name, value)
			}
			at++
		}
		decoder := json.NewDecoder(bytes.NewReader(raw))
		open, _ := decoder.Token()
		for isList := open == json.Delim('[') || open == json.Delim('{'); isList && decoder.More(); {
			name := ""
			if open == json.Delim('{') {
				token, _ := decoder.Token()
				name = token.(string)
			}
			var value json.RawMessage
			if err := decoder.Decode(&value); err != nil {
				t.Fatal(err)
			}
			wantNames, want = append(wantNames, name), append(want, []byte(value))
		}
		if at != len(names) || !reflect.DeepEqual(names, wantNames) || !reflect.DeepEqual(values, want) {
			t.Errorf("%q: %q %q, want %q %q", raw, names, values, wantNames, want)
		}
		for _, value := range append(values, bytes.TrimSpace(raw)) {
			var decoded any
			_ = json.Unmarshal(value, &decoded)
			wanted, isString := decoded.(string)
			if got, ok := text.String(value); ok != isString || got != wanted {
				t.Errorf("String(%q) = %q, %v, want %q, %v", value, got, ok, wanted, isString)
			}
			if got, ok := text.String(string(value)); ok != isString || got != wanted {
				t.Errorf("String of the string %q = %q, %v, want %q, %v", value, got, ok, wanted, isString)
			}
		}
	})
}
