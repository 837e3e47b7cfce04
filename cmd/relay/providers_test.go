package main

import (
	"testing"

	"github.com/serverless-relay/relay/cmd/relay/internal/scaffold"
	"github.com/serverless-relay/relay/providers"
)

func TestProviders(t *testing.T) {
	c := newCLI(t)
	out, _ := c.run(0, "providers")
	for _, name := range providers.Names() {
		want(t, out, name+" (", "answers      health, ")
	}
	_, err := c.run(exitFailed, "providers", "--use", "nobody")
	want(t, err, "there is no provider nobody: "+providers.Names()[0])
	t.Setenv("WATCHLIST_VALID_FOR", "soon")                       // with providers/watchlist
	_, err = c.run(exitFailed, "providers")                       // with providers/watchlist
	want(t, err, "setting WATCHLIST_VALID_FOR is not a duration") // with providers/watchlist
}

// The README's table is the one that the providers declare.
func TestReadmesTableOfProviders(t *testing.T) {
	newCLI(t)
	all, err := providers.Declarations()
	if err != nil {
		t.Fatal(err)
	}
	tree, err := scaffold.Load(".")
	if err != nil {
		t.Fatal(err)
	}
	if err := tree.UpdateReadme(all); err != nil {
		t.Fatal(err)
	}
	if changes := tree.Changes(); len(changes) > 0 {
		t.Errorf("%v: the table of providers is not what they declare. `go generate ./...` makes it.", changes)
	}
}
