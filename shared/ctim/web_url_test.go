package ctim_test

import (
	"testing"

	"github.com/serverless-relay/relay/shared/ctim"
)

func TestWebURL(t *testing.T) {
	for text, want := range map[string]string{
		" https://a.example/b?c=d#e ": "https://a.example/b?c=d#e",
		"http://192.0.2.1":            "http://192.0.2.1",
		"javascript:alert(1)":         "",
		"file:///etc/passwd":          "",
		"https:///b":                  "",
		"//a.example/":                "",
		"https://a.example/\"onload":  "",
		"https://a.example/a b":       "",
		"a.example":                   "",
		"https://a.example/%zz":       "",
		"":                            "",
	} {
		if got := ctim.WebURL(text); got != want {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
}
