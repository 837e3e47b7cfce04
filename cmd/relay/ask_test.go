package main

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func TestAskRefuses(t *testing.T) {
	c := newCLI(t)
	_, err := c.run(exitUsage, "ask", "hello")
	want(t, err, "hello is neither a file nor an observable")
	_, err = c.runWith(t.Context(), "nothing here", exitFailed, "ask", "-")
	want(t, err, "the text has no observables")
	t.Setenv("RELAY_PROVIDER", "misp")
	_, err = c.run(exitUsage, "ask", "192.0.2.1")
	want(t, err, "pass --claim HOST --claim AuthKey")
}

// A running relay is asked over the network, and its errors are shown.
func TestAskURL(t *testing.T) {
	c := newCLI(t)
	s := newServed(t)
	home, _, _ := strings.Cut(s.url, "/observe/")
	out, _ := c.run(0, "ask", "192.0.2.66", "--url", home)
	want(t, out, "192.0.2.66")
	t.Setenv("RELAY_JWT", "a.b.c")
	out, err := c.run(exitFailed, "ask", "192.0.2.66", "192.0.2.67", "--url", home)
	want(t, out, "no answer", "authorization error), for 2 observables")
	want(t, err, "2 answers are missing")
	if code := s.stop(); code != 0 {
		t.Errorf("exit code %d", code)
	}
	gateway := httptest.NewServer(http.NotFoundHandler())
	defer gateway.Close()
	out, _ = c.run(exitFailed, "ask", "192.0.2.66", "--url", gateway.URL)
	want(t, out, "HTTP status 404")
}
