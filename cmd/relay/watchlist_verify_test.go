package main

import (
	"bytes"
	"os"
	"testing"
)

func TestVerify(t *testing.T) {
	onEachStore(t, func(t *testing.T, c watchlistCLI) {
		c.run(0, "watchlist", "add", "evil.example", "192.0.2.1", "--title", "Ticket 7")
		out, _ := c.run(0, "watchlist", "verify")
		want(t, out, "2 entries and 2 lines of history")
		if out, _ := c.run(0, "watchlist", "verify", "--json"); out != `{"entries":2,"changes":2}`+"\n" {
			t.Error(out)
		}
	})
}

func TestDamagedFile(t *testing.T) {
	c := newWatchlistCLI(t)
	c.run(0, "watchlist", "add", "evil.example", "--title", "Ticket 7")
	content, err := os.ReadFile(c.file)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(c.file, bytes.ReplaceAll(content, []byte("Ticket 7"), []byte("Ticket 8")), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{{"verify"}, {"list"}, {"show", "evil.example"}, {"export"}, {"history"}, {"add", "evil.example"}, {"remove", "evil.example"}, {"copy", c.file + ".copy"}} {
		_, said := c.run(exitFailed, append([]string{"watchlist"}, args...)...)
		want(t, said, c.file, "the watchlist is damaged", "restore it from a copy")
	}
}
