package defender

import (
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/serverless-relay/relay/shared/ctim"
)

func TestQuotes(t *testing.T) {
	for text, want := range map[string][2]string{
		"a.example":                   {`"a.example"`, `'a.example'`},
		`x" or 1 == 1 //`:             {`"x\" or 1 == 1 //"`, `'x" or 1 == 1 //'`},
		`o'brien' or 1 eq 1`:          {`"o'brien' or 1 eq 1"`, `'o''brien'' or 1 eq 1'`},
		`\" | take 1`:                 {`"\\\" | take 1"`, `'\" | take 1'`},
		"a\nb\u2028c\u00e9\U0001F600": {`"a\nb\u2028c\u00e9\U0001f600"`, "'a\nb\u2028c\u00e9\U0001F600'"},
	} {
		if got := [2]string{quoteKQL(text), quoteOData(text)}; got != want {
			t.Errorf("%q: got %s, want %s", text, got, want)
		}
	}
}

// A literal of KQL is one of Go too, so Go's parser can read it.
func FuzzQuoteKQL(f *testing.F) {
	for _, text := range []string{"", `"`, `\`, `\"`, "`", "'", "\n\r\t\x00", "\u2028\u202e", "\U0010ffff", "\xff", `" | take 1 //`} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		quoted := quoteKQL(text)
		if got, err := strconv.Unquote(quoted); err != nil || utf8.ValidString(text) && got != text {
			t.Errorf("%q became %s, which is %q (%v)", text, quoted, got, err)
		}
		if inner := strings.NewReplacer(`\\`, "", `\"`, "").Replace(quoted[1 : len(quoted)-1]); strings.ContainsAny(inner, "\"\n\r") {
			t.Errorf("%q became %s", text, quoted)
		}
		for _, kind := range Provider.Declaration().ObservableTypes {
			q := query(ctim.Observable{Type: kind, Value: text}, 7)
			if rest := strings.NewReplacer(quoted, "", `"::ffff:"`, "").Replace(q); strings.Contains(rest, `"`) || strings.Count(rest, "|") != 3 {
				t.Errorf("%s %q: %s", kind, text, q)
			}
		}
	})
}

// Without the quotes around it, each quote in a literal of OData has a twin.
func FuzzQuoteOData(f *testing.F) {
	for _, text := range []string{"", "'", "''", "x' or '1' eq '1", "\\'"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		quoted := quoteOData(text)
		inner := quoted[1 : len(quoted)-1]
		if quoted[0] != '\'' || quoted[len(quoted)-1] != '\'' || strings.Contains(strings.ReplaceAll(inner, "''", ""), "'") {
			t.Errorf("%q became %s", text, quoted)
		}
		if got := strings.ReplaceAll(inner, "''", "'"); got != text {
			t.Errorf("%q became %s, which is %q", text, quoted, got)
		}
	})
}
