package text_test

import (
	"encoding/json"
	"testing"

	"github.com/serverless-relay/relay/shared/text"
)

func TestShorten(t *testing.T) {
	for s, want := range map[string]string{"": "", "abc": "abc", "abcd": "abc…", "検索検": "検索検", "検索検索": "検索検…"} {
		if got := text.Shorten(s, 3); got != want {
			t.Errorf("%q: got %q, want %q", s, got, want)
		}
	}
}

func TestList(t *testing.T) {
	for _, tt := range []struct {
		items []string
		want  string
	}{
		{nil, ""},
		{[]string{"a"}, "a"},
		{[]string{"a", "b"}, "a, b"},
		{[]string{"a", "b", "c", "d"}, "a, b and 2 more"},
	} {
		if got := text.List(tt.items, 2); got != tt.want {
			t.Errorf("%v: got %q, want %q", tt.items, got, tt.want)
		}
	}
}

func TestEscapeJSON(t *testing.T) {
	for value, want := range map[string]string{
		"plain":               `{"a":"plain"}`,
		"\u009b31m\u202eevil": `{"a":"\u009b31m\u202eevil"}`,
		"é\u2066\x7f検😀":       `{"a":"é\u2066\u007f検😀"}`,
	} {
		raw, err := json.Marshal(map[string]string{"a": value})
		if err != nil {
			t.Fatal(err)
		}
		got := text.EscapeJSON(raw)
		if string(got) != want {
			t.Errorf("%q: got %s, want %s", value, got, want)
		}
		var back map[string]string
		if err := json.Unmarshal(got, &back); err != nil || back["a"] != value {
			t.Errorf("%q reads back as %q, %v", value, back["a"], err)
		}
	}
}
