package upstream_test

import (
	"net/url"
	"strings"
	"testing"

	"github.com/serverless-relay/relay/shared/relay"
	"github.com/serverless-relay/relay/shared/upstream"
)

func TestParseAddress(t *testing.T) {
	for text, want := range map[string]string{
		"https://api.example.com":     "https://api.example.com",
		" https://api.example.com/ ":  "https://api.example.com",
		"misp.example.com":            "https://misp.example.com",
		"misp.example.com:8443/misp/": "https://misp.example.com:8443/misp",
		"http://127.0.0.1:8080":       "http://127.0.0.1:8080",
		"https://[2001:db8::1]/a//b":  "https://[2001:db8::1]/a/b",
		"HTTPS://Example.com":         "https://Example.com",
		"https://example.com?":        "",
		"https://example.com#":        "https://example.com",
		"https:///path":               "",
		"https://[fe80::1%25eth0]":    "",
		"mailto://x":                  "",
		"":                            "",
		"\n":                          "",
	} {
		got, err := upstream.ParseAddress(text)
		if got.String() != want || (err != nil) != (want == "") {
			t.Errorf("%q: got %q, %v", text, got, err)
		}
	}
}

func TestAddressErrorsHaveNoSecret(t *testing.T) {
	for _, text := range []string{"https://u:" + secret + "@example.com", "https://" + secret + "\x00", "https://example.com/?key=" + secret} {
		if _, err := upstream.ParseAddress(text); err == nil || strings.Contains(err.Error(), secret) {
			t.Errorf("got %v", err)
		}
	}
}

// All URLs below a parsed address have its host.
func FuzzParseAddress(f *testing.F) {
	for _, seed := range []string{"https://api.example.com/a", "misp.example.com", "http://[::1%25lo]:80", "https://a@b", "https://a/%2e%2e/b"} {
		f.Add(seed, "/x")
	}
	f.Fuzz(func(t *testing.T, text, path string) {
		a, err := upstream.ParseAddress(text)
		if err != nil {
			return
		}
		again, err := upstream.ParseAddress(a.String())
		if err != nil || again.String() != a.String() {
			t.Fatalf("%q became %q, then %q, %v", text, a, again, err)
		}
		c, err := newClient(t, upstream.Options{Address: a, Transport: &broken{}}).Caller(upstream.Headers(credential), relay.Claims{})
		if err != nil {
			t.Fatal(err)
		}
		base, _ := url.Parse(a.String())
		page, err := url.Parse(c.URL("/view/" + url.PathEscape(path)))
		if err != nil || page.Host != base.Host || page.Scheme != base.Scheme || page.User != nil {
			t.Fatalf("%q with %q leads to %v, %v", text, path, page, err)
		}
	})
}
