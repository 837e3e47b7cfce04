package main

import (
	"encoding/json"
	"errors"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// checkReadme asks the README's question and wants its answer.
func checkReadme(t *testing.T, ask func(question string) []byte) {
	t.Helper()
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	found := regexp.MustCompile("(?s)-d '(\\[.*?\\])'\n```\n\n```json\n(.*?)```").FindSubmatch(readme)
	if found == nil {
		t.Fatal("the README has no question with an answer")
	}
	var got, want any
	if err := errors.Join(json.Unmarshal(ask(string(found[1])), &got), json.Unmarshal(found[2], &want)); err != nil {
		t.Fatal(err)
	}
	ends := cmp.FilterPath(func(p cmp.Path) bool { return strings.HasSuffix(p.GoString(), `["end_time"]`) }, cmp.Ignore()) // 30 days from today
	if diff := cmp.Diff(want, got, ends); diff != "" {
		t.Errorf("the README's answer (-) is not the relay's (+): %s", diff)
	}
}

// The sample is there, and the line that serve prints finds something in it.
func TestServeTheWatchlist(t *testing.T) {
	newWatchlistCLI(t)
	s := newServed(t)
	want(t, s.banner, "11 sample entries")
	want(t, string(s.ask(s.url, s.question)), `"disposition_name":"Malicious"`)
	checkReadme(t, func(question string) []byte {
		return s.ask(strings.Replace(s.url, "/observe/", "/deliberate/", 1), question)
	})
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
