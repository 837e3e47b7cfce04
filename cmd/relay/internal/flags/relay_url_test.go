package flags

import (
	"net/url"
	"strings"
	"testing"
)

// A URL that was copied with a route is an error that shows the right one.
func TestRelayURLWithARoute(t *testing.T) {
	for _, route := range []string{"health", "version", "observe/observables", "respond/trigger", "tiles", "tiles/tile-data/"} {
		var u RelayURL
		if err := u.UnmarshalText([]byte("https://relay.example.com/dev/" + route)); err == nil || !strings.HasSuffix(err.Error(), "as https://relay.example.com/dev") {
			t.Errorf("%s: %q, %v", route, u, err)
		}
	}
	var u RelayURL
	if err := u.UnmarshalText([]byte("https://relay.example.com/myhealth/")); err != nil || u != "https://relay.example.com/myhealth" {
		t.Errorf("got %q, %v", u, err)
	}
}

// No URL is taken to which a secret would go in the clear.
func FuzzRelayURL(f *testing.F) {
	for _, text := range []string{"https://relay.example.com/dev/", "http://127.0.0.1:9000", "http://[::1]/x", "http://localhost", "http://relay.example.com", "https://u:p@x",
		"https://x?y", "https://x#", "//x", "https:x", " https://x ", "https://x/%2f", "http://127.0.0.1.example.com", "HTTPS://X"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		var got RelayURL
		if got.UnmarshalText([]byte(text)) != nil {
			return
		}
		u, err := url.Parse(string(got))
		if err != nil || u.Scheme != "https" && !(u.Scheme == "http" && isLoopback(u.Hostname())) || u.Host == "" || u.User != nil || strings.ContainsAny(string(got), "?# ") || strings.HasSuffix(string(got), "/") {
			t.Errorf("%q was taken as %q", text, got)
		}
		if _, err := url.Parse(string(got) + "/health"); err != nil {
			t.Errorf("%q: %v", got, err)
		}
	})
}
