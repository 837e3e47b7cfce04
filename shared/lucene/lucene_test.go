package lucene

import (
	"strings"
	"testing"
	"unicode/utf8"
)

func TestQuote(t *testing.T) {
	for value, want := range map[string]string{
		"evil.example":                `"evil.example"`,
		"2001:db8::1":                 `"2001:db8::1"`,
		"https://evil.example/a?b=c*": `"https://evil.example/a?b=c*"`,
		`" OR page.domain:*`:          `"\" OR page.domain:*"`,
		`\" OR "`:                     `"\\\" OR \""`,
		`C:\Users\u0041`:              `"C:\\Users\\u0041"`,
		`ends with \`:                 `"ends with \\"`,
		" * ":                         `"*"`,
		"":                            `""`,
		"\xc3":                        "\"\uFFFD\"",
	} {
		if got := Quote(value); got != want {
			t.Errorf("%s: got %s, want %s", value, got, want)
		}
	}
}

// parse reads a quoted phrase as Lucene does. rest is what follows the closing quote.
func parse(query string) (value, rest string, ok bool) {
	inside, ok := strings.CutPrefix(query, `"`)
	if !ok {
		return "", query, false
	}
	var out strings.Builder
	for i := 0; i < len(inside); i++ {
		switch inside[i] {
		case '"':
			return out.String(), inside[i+1:], true
		case '\\':
			if i++; i == len(inside) || inside[i] != '\\' && inside[i] != '"' {
				return "", "", false
			}
		}
		out.WriteByte(inside[i])
	}
	return "", "", false
}

func FuzzQuote(f *testing.F) {
	for _, seed := range []string{"evil.example", `"`, `\`, `\"`, `" OR "a`, "a\nb", "\xff\"", " "} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, value string) {
		query := Quote(value)
		got, rest, ok := parse(query)
		want := strings.TrimSpace(value)
		if !ok || rest != "" || !utf8.ValidString(query) || utf8.ValidString(value) && got != want {
			t.Errorf("%q became %q, which Lucene reads as %q followed by %q", value, query, got, rest)
		}
	})
}
