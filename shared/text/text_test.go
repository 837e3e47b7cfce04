package text_test

import (
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
