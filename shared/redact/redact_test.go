package redact_test

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"html"
	"net/url"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/serverless-relay/relay/shared/redact"
)

func TestText(t *testing.T) {
	for _, tt := range []struct{ value, text, want string }{
		{"evil.example", "lookup evil.example: no such host", "lookup [redacted]: no such host"},
		{"evil.example", "lookup EVIL.Example.: no such host", "lookup [redacted].: no such host"},
		{"evil.example", "evil[.]example, evil[dot]example, evil(.)example", "[redacted], [redacted], [redacted]"},
		{"evil.example", "hxxps://evil.example/x", "hxxps://[redacted]/x"},
		{"evil.example", "the domain evil.exa…", "the domain [redacted]…"},
		{"evil.example", "a devil… stays", "a d[redacted]… stays"},
		{"evil.example", "an evi… stays", "an evi… stays"},
		{"https://evil.example/a?b=c d", `parse "https://evil.example/a?b=c%20d": x`, `parse "[redacted]": x`},
		{"https://evil.example/a?b=c d", "url=https%3A%2F%2Fevil.example%2Fa%3Fb%3Dc+d&x", "url=[redacted]&x"},
		{"https://evil.example/a?b=c d", "url=https%253a%252f%252fevil.example%252fa%253fb%253dc%2520d", "url=[redacted]"},
		{"https://evil.example/a?b=c d", "hxxps://evil[.]example/a?b=c d", "[redacted]"},
		{"https://evil.example/a?b=c d", "dial evil.example:443", "dial [redacted]:443"},
		{"https://evil.example/a?b=c&d", "<a href='https://evil.example/a?b=c&amp;d'>", "<a href='[redacted]'>"},
		{"https://evil.example/a?b=c&d", `"https:\/\/evil.example\/a?b=c\u0026d"`, `"[redacted]"`},
		{"bücher.example", "lookup xn--bcher-kva.example", "lookup [redacted]"},
		{"BÜCHER.example", "B%C3%9Ccher.example, b\\u00fccher.example, b&#252;cher.example", "[redacted], [redacted], [redacted]"},
		{"xn--bcher-kva.example", "Bücher.example", "[redacted]"},
		{"https://bücher.example/x", "lookup xn--bcher-kva.example", "lookup [redacted]"},
		{"2001:DB8:0::7", "dial tcp [2001:db8::7]:443", "dial tcp [[redacted]]:443"},
		{"2001:db8::7", "2001:0db8:0000:0000:0000:0000:0000:0007", "[redacted]"},
		{"someone@evil.example", "evil.example refuses someone@evil.example", "[redacted] refuses [redacted]"},
		{"d41d8cd98f00b204e9800998ecf8427e", "D41D8CD98F00B204E9800998ECF8427E is unknown", "[redacted] is unknown"},
		{"misp.example.com:8443/misp", "lookup misp.example.com on 192.0.2.53:53", "lookup [redacted] on 192.0.2.53:53"},
		{`C:\new\x41.exe`, `"C:\\new\\x41.exe" and C:\new\x41.exe`, `"[redacted]" and [redacted]`},
		{"100%25 sure", "100%25 sure, 100%2525%20sure", "[redacted], [redacted]"},
		{"s3cr3t key", "czNjcjN0IGtleQ== and czNjcjN0IGtleQ", "[redacted] and [redacted]"},
		{"key(with)bracket", "key%28with%29bracket, key&#40;with&#41;bracket, key\\u0028with\\u0029bracket", "[redacted], [redacted], [redacted]"},
		{"aXaXaXa", "aXaXaXaXa", "[redacted]"},
		{"abc", "abc stays", "abc stays"},
		{"", "text", "text"},
		{"https://misp/", "MISP can't be reached", "MISP can't be reached"},
	} {
		if got := redact.New(tt.value).Text(tt.text); got != tt.want {
			t.Errorf("%q in %q: got %q, want %q", tt.value, tt.text, got, tt.want)
		}
	}
}

func TestTextWithSeveralValues(t *testing.T) {
	r := redact.New("admin", "admin-key", "evil.example", "sub.evil.example")
	if got, want := r.Text("admin-key, sub.evil.example: admin"), "[redacted], [redacted]: [redacted]"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got := (redact.Redactor{}).Text("text\xff%zz"); got != "text\xff%zz" {
		t.Errorf("the zero value changed the text: %q", got)
	}
}

// Observables may be long, and a message with an ellipsis may be the beginning of any.
func TestLongValues(t *testing.T) {
	r := redact.New("https://evil.example/" + strings.Repeat("ab12", 2000))
	text := "It says: https://evil.example/ab12ab…"
	if got, want := r.Text(text), "It says: [redacted]…"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if n := testing.AllocsPerRun(1, func() { r.Text(text) }); n > 100 {
		t.Errorf("%v allocations", n)
	}
}

// A value is removed in any usual encoding. The text around it stays.
func FuzzText(f *testing.F) {
	for _, value := range []string{"evil.example", `a"b\c`, "hxxp://evil.example/", "ÄÖÜ İK", "<a b='c'>+d"} {
		f.Add(value)
	}
	f.Fuzz(func(t *testing.T, value string) {
		value = strings.TrimSpace(value)
		if len(value) < 8 || strings.ContainsFunc(value, func(r rune) bool { return r == utf8.RuneError || !unicode.IsPrint(r) }) || strings.ContainsAny(value, `[](){}\%&`) {
			return // brackets are removed, so too little may be left; TestText has values that look encoded
		}
		quoted, _ := json.Marshal(value)
		for _, encoded := range []string{
			value, url.QueryEscape(value), url.PathEscape(value), url.QueryEscape(url.QueryEscape(value)), html.EscapeString(value),
			string(quoted[1 : len(quoted)-1]), base64.StdEncoding.EncodeToString([]byte(value)), fmt.Sprintf("%q", value),
		} {
			got := redact.New(value).Text("<" + encoded + ">")
			if len(encoded) >= 4 && strings.Contains(got, encoded) && !strings.Contains("[redacted]", encoded) {
				t.Errorf("%q stays in %q", encoded, got)
			}
		}
	})
}
