package main

import (
	"strings"
	"testing"
)

// The sample is there, and the line that serve prints finds something in it.
func TestServeTheWatchlist(t *testing.T) {
	newWatchlistCLI(t)
	s := newServed(t)
	want(t, s.banner, "11 sample entries")
	want(t, string(s.ask(s.url, s.question)), `"disposition_name":"Malicious"`)
	if code := s.stop(); code != 0 {
		t.Errorf("exit code %d: %s", code, s.log)
	}
}

// Whoever has emptied the watchlist doesn't want the sample.
func TestAnEmptiedWatchlistGetsNoSample(t *testing.T) {
	c := newWatchlistCLI(t)
	c.run(0, "watchlist", "add", "evil.example")
	c.run(0, "watchlist", "remove", "evil.example")
	s := newServed(t)
	want(t, s.banner, "watchlist of 0 entries")
	if code := s.stop(); code != 0 {
		t.Errorf("exit code %d: %s", code, s.log)
	}
}

// A token outlives a restart, and the other commands find its key.
func TestServeKeepsItsKey(t *testing.T) {
	c := newProject(t, `{"name":"Watchlist","provider":"watchlist","jwt":{},"region":{"us":"11-us"}}`)
	s := newServed(t)
	before := s.bearer
	if code := s.stop(); code != 0 {
		t.Errorf("exit code %d: %s", code, s.log)
	}
	t.Setenv("WATCHLIST_FILE", t.TempDir()+"/watchlist.db") // this process still has the other open
	s = newServed(t)
	home, _, _ := strings.Cut(s.url, "/observe/")
	s.bearer = before
	if body := s.ask(s.url, s.question); strings.Contains(string(body), "Failed to decode JWT") {
		t.Errorf("after a restart: %s", body)
	}
	token, text := c.run(0, "jwt", "dev")
	want(t, text, "with the SECRET_KEY from ", "secret.key", "npm start", "relay jwt dev --save")
	s.bearer = "Bearer " + strings.TrimSpace(token)
	if body := s.ask(s.url, s.question); strings.Contains(string(body), "Failed to decode JWT") {
		t.Errorf("with a token of relay jwt: %s", body)
	}
	c.run(0, "check", home, "--repeat", "2")
	saved := c.made("jwt", "dev", "--save")
	accepted(t, saved.JWT, saved.SecretKey, "")
	t.Setenv("SECRET_KEY", oldKey)
	_, text = c.run(exitFailed, "check", home)
	want(t, text, "the relay refuses the token", "in SECRET_KEY", "pass --jwt")
	t.Setenv("SECRET_KEY", "")
	if m := c.made("jwt", "prod"); m.SecretKey == saved.SecretKey {
		t.Error("a deployment has the key of relay serve")
	}
	if code := s.stop(); code != 0 {
		t.Errorf("exit code %d: %s", code, s.log)
	}
}
