package misp

import (
	"encoding/json"
	"testing"
)

func TestFilter(t *testing.T) {
	for _, tt := range []struct {
		values   []string
		prefixes []string
		want     string // the JSON, empty for no search
	}{
		{[]string{"http://a.example/_"}, []string{"http://a.example/_#"}, `{"OR":["http://a.example/_","http://a.example/\\_#%"]}`},
		{[]string{"0"}, []string{"a"}, ""},
		{[]string{"evil.example"}, nil, `"evil.example"`},
		{[]string{" evil.example\n"}, nil, `"evil.example"`},
		{[]string{"a", "b"}, nil, `{"OR":["a","b"]}`},
		{[]string{"http://a.example/100%/x_y"}, nil, `"http://a.example/100%/x_y"`},
		{[]string{"http://a.example/?a&&b"}, nil, `{"OR":["http://a.example/?a\u0026\u0026b"]}`},
		{[]string{"http://a.example/?a||b"}, nil, `{"OR":["http://a.example/?a||b"]}`},
		{[]string{"!important.txt"}, nil, `{"OR":["!important.txt"]}`},
		{[]string{"a!b"}, nil, `"a!b"`},
		{[]string{"http://a.example/%"}, nil, `{"OR":["http://a.example/\\%%"]}`},
		{[]string{`%TEMP%\my_tool.exe`}, nil, `{"OR":["\\%TEMP\\%\\\\my\\_tool.exe%"]}`},
		{[]string{"%"}, nil, `{"OR":["\\%%"]}`},
		{[]string{""}, nil, ""},
		{[]string{"0"}, nil, ""},
		{[]string{" 0 "}, nil, ""},
		{[]string{"0", "a"}, nil, `"a"`},
		{[]string{"", "\t"}, nil, ""},
		{nil, nil, ""},
	} {
		value, ok := filter(tt.values, tt.prefixes)
		got, err := json.Marshal(value)
		if err != nil || ok != (tt.want != "") || ok && string(got) != tt.want {
			t.Errorf("%q: got %s, %v, want %s", tt.values, got, ok, tt.want)
		}
	}
}
