package ctim_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/serverless-relay/relay/shared/ctim"
)

func TestPlain(t *testing.T) {
	for text, want := range map[string]string{
		"":                                     "",
		"Score 87 of 100":                      "Score 87 of 100",
		"a < b, 1 <2, <":                       "a < b, 1 <2, <",
		"two\nlines\tand a tab":                "two\nlines\tand a tab",
		"bell\a, escape\x1b[31m, \u009bC1":     "bell, escape[31m, C1",
		"invoice\u202egnp.exe":                 "invoicegnp.exe",
		"\ufeffmark\u200e":                     "mark",
		"<img src=x onerror=alert(1)>":         "‹img src=x onerror=alert(1)>",
		"</b><!-- x -->":                       "‹/b>‹!-- x -->",
		"[click](javascript:alert(1))":         "[click] (javascript:alert(1))",
		"broken \xff\xfe UTF-8, ünïcödé stays": "broken  UTF-8, ünïcödé stays",
	} {
		if got := ctim.Plain(text); got != want {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
		if raw, _ := ctim.LongString(text).MarshalText(); string(raw) != want {
			t.Errorf("%q is written as %q", text, raw)
		}
	}
}

func FuzzPlain(f *testing.F) {
	f.Add("<a href='x'>[y](z)\u202e\x00")
	f.Fuzz(func(t *testing.T, text string) {
		got := ctim.Plain(text)
		if ctim.Plain(got) != got || strings.Contains(got, "](") || strings.Contains(got, "<script") || strings.ContainsRune(got, '\u202e') {
			t.Errorf("%q: %q", text, got)
		}
		if strings.ContainsAny(text, "<]") && !utf8.ValidString(got) {
			t.Errorf("%q: not UTF-8: %q", text, got)
		}
	})
}
