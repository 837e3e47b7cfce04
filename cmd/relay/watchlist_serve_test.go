package main

import (
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
