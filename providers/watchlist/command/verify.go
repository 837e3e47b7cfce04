package command

import (
	"context"
	"fmt"

	"github.com/serverless-relay/relay/providers/watchlist/entry"
	"github.com/serverless-relay/relay/shared/console"
)

// verifyCommand is `relay watchlist verify`.
type verifyCommand struct {
	JSON bool `name:"json" help:"Print the numbers of entries and changes as JSON."`
}

func (verifyCommand) Help() string {
	return `Reads the whole watchlist and compares its counters with its entries. It also checks every page of a
file. The exit code is 1 if the watchlist is damaged: restore a copy, or delete it and import your lists
again. The other commands check what they read, so they fail on damage too.`
}

// Run verifies the watchlist.
func (v *verifyCommand) Run(ctx context.Context, w *Command, c console.Console) error {
	store, settings, err := w.open(true)
	if err != nil {
		return err
	}
	found, err := entry.Verify(ctx, store)
	if err != nil {
		return err
	}
	if v.JSON {
		return console.WriteJSONLine(c.Out, found)
	}
	_, err = fmt.Fprintf(c.Out, "%s: %s and %s of history, nothing damaged\n", settings.Place(),
		console.Plural(found.Entries, "entry", "entries"), console.Plural(found.Changes, "line", "lines"))
	return err
}
