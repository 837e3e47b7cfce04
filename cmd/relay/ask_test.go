package main

import (
	"testing"
)

func TestAskRefuses(t *testing.T) {
	c := newCLI(t)
	_, err := c.run(exitUsage, "ask", "hello")
	want(t, err, "hello is neither a file nor an observable")
	_, err = c.runWith(t.Context(), "nothing here", exitFailed, "ask", "-")
	want(t, err, "the text has no observables")
	for _, args := range [][]string{{"--jwt", "x"}, {}} { // no key is on this machine
		_, err = c.run(exitUsage, append([]string{"ask", "192.0.2.1", "--url", "http://127.0.0.1:1", "--claim", "HOST=s3cr3t"}, args...)...)
		want(t, err, "pass --claim to relay jwt")
	}
	t.Setenv("RELAY_PROVIDER", "misp")
	_, err = c.run(exitUsage, "ask", "192.0.2.1")
	want(t, err, "pass --claim HOST --claim AuthKey")
}

// An observable without an answer is not unknown.
func TestAskWithoutAnAnswer(t *testing.T) {
	c := newCLI(t)
	t.Setenv("RELAY_PROVIDER", "misp")
	out, _ := c.run(exitFailed, "ask", "203.0.113.7", "--claim", "HOST=https://127.0.0.1:1", "--claim", "AuthKey=k")
	want(t, out, "203.0.113.7  ip    no answer", "MISP: fatal: ")
}
