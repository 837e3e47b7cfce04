package client

import (
	"encoding/json"
	"testing"
)

func TestFilter(t *testing.T) {
	for _, tt := range []struct {
		values []string
		want   string // the JSON, empty for no search
	}{
		{[]string{"evil.example"}, `"evil.example"`},
		{[]string{" evil.example\n"}, `"evil.example"`},
		{[]string{"a", "b"}, `{"OR":["a","b"]}`},
		{[]string{"http://a.example/100%/x_y"}, `"http://a.example/100%/x_y"`},
		{[]string{"http://a.example/?a&&b"}, `{"OR":["http://a.example/?a\u0026\u0026b"]}`},
		{[]string{"http://a.example/?a||b"}, `{"OR":["http://a.example/?a||b"]}`},
		{[]string{"!important.txt"}, `{"OR":["!important.txt"]}`},
		{[]string{"a!b"}, `"a!b"`},
		{[]string{"http://a.example/%"}, `{"OR":["http://a.example/\\%%"]}`},
		{[]string{`%TEMP%\my_tool.exe`}, `{"OR":["\\%TEMP\\%\\\\my\\_tool.exe%"]}`},
		{[]string{"%"}, `{"OR":["\\%%"]}`},
		{[]string{""}, ""},
		{[]string{"0"}, ""},
		{[]string{" 0 "}, ""},
		{[]string{"0", "a"}, `"a"`},
		{[]string{"", "\t"}, ""},
		{nil, ""},
	} {
		value, ok := filter(tt.values)
		got, err := json.Marshal(value)
		if err != nil || ok != (tt.want != "") || ok && string(got) != tt.want {
			t.Errorf("%q: got %s, %v, want %s", tt.values, got, ok, tt.want)
		}
	}
}
