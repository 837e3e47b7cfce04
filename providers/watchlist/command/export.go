package command

import (
	"context"
	"fmt"

	"github.com/serverless-relay/relay/providers/watchlist/formats"
	"github.com/serverless-relay/relay/shared/console"
)

// exportCommand is `relay watchlist export`.
type exportCommand struct{}

// Help implements kong.HelpProvider.
func (exportCommand) Help() string {
	return `Writes a STIX 2.1 bundle to standard output. relay watchlist import reads it back without loss, up to
512 MB or about 900,000 entries. Use relay watchlist copy for a larger watchlist.

  relay watchlist export > watchlist.stix.json`
}

// Run writes the bundle.
func (*exportCommand) Run(ctx context.Context, w *Command, c console.Console) error {
	store, _, err := w.open(true)
	if err != nil {
		return err
	}
	n, err := formats.WriteSTIX(c.Out, store.All(ctx))
	if err == nil {
		fmt.Fprintf(c.Err, "%s exported\n", console.Plural(n, "entry", "entries"))
	}
	return err
}
