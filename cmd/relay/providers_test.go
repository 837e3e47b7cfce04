package main

import (
	"testing"

	"github.com/serverless-relay/relay/providers"
)

func TestProviders(t *testing.T) {
	c := newCLI(t)
	out, _ := c.run(0, "providers")
	for _, name := range providers.Names() {
		want(t, out, name+" (", "answers      health, ")
	}
	want(t, out, "key (optional)") // of greynoise
}
