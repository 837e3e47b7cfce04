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
		var values, want []json.RawMessage
		for name, value := range text.Members(raw) {
			names, values = append(names, name), append(values, bytes.Clone(value))
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
			wantNames, want = append(wantNames, name), append(want, value)
		}
		if !reflect.DeepEqual(names, wantNames) || !reflect.DeepEqual(values, want) {
			t.Errorf("%q: %q %q, want %q %q", raw, names, values, wantNames, want)
		}
		for _, value := range append(values, bytes.TrimSpace(raw)) {
			var decoded any
			_ = json.Unmarshal(value, &decoded)
			wanted, isString := decoded.(string)
			if got, ok := text.String(value); ok != isString || got != wanted {
				t.Errorf("String(%q) = %q, %v, want %q, %v", value, got, ok, wanted, isString)
			}
		}
	})
}
