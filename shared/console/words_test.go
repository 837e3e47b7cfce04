package console_test

import (
	"testing"

	"github.com/serverless-relay/relay/shared/console"
)

func TestPrintable(t *testing.T) {
	for text, want := range map[string]string{
		"":                  "",
		"plain é 検索":        "plain é 検索",
		"a\nb\tc\r\u2028":   "a b c  ",
		"\x1b[31mred\u202e": "\ufffd[31mred\ufffd",
		"\xff":              "\ufffd",
	} {
		if got := console.Printable(text); got != want {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
}

func TestExcerpt(t *testing.T) {
	for text, want := range map[string]string{
		" a \n\n b ": "a b",
		"abcd":       "abcd",
		"検索検索検":      "検索検索…",
		"a\x00":      "a\ufffd",
	} {
		if got := console.Excerpt(text, 4); got != want {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
}
