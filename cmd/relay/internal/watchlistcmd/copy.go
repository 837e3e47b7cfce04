package watchlistcmd

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/serverless-relay/relay/cmd/relay/internal/console"
	"github.com/serverless-relay/relay/providers/watchlist"
	"github.com/serverless-relay/relay/providers/watchlist/entry"
	"github.com/serverless-relay/relay/providers/watchlist/importer"
)

// copyCommand is `relay watchlist copy`.
type copyCommand struct {
	To string `arg:"" help:"A file, or dynamodb:TABLE." placeholder:"DESTINATION"`
}

// Help implements kong.HelpProvider.
func (copyCommand) Help() string {
	return `Copies all entries and the history. Entries that the destination already contains are not written
again, so repeating an interrupted copy resumes it. Other entries in the destination are kept.

  relay watchlist copy backup.db
  relay watchlist copy dynamodb:serverless-relay-dev-watchlist
  relay watchlist --table serverless-relay-dev-watchlist copy backup.db`
}

// Run copies the entries, then the history.
func (k *copyCommand) Run(ctx context.Context, w *Command, c console.Console) (err error) {
	source, err := w.settings(true)
	if err != nil {
		return err
	}
	target, err := source.At(k.To)
	if err != nil {
		return err
	}
	if source.Place() == target.Place() {
		return fmt.Errorf("%s is the watchlist itself: name another destination", k.To)
	}
	target.ReadOnly = false
	from, err := watchlist.OpenStore(source)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, from.Close()) }()
	to, err := watchlist.OpenStore(target)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, to.Close()) }()

	start := time.Now()
	bar, err := copyProgress(ctx, c.Err, from)
	if err != nil {
		return err
	}
	result, err := importer.CopyEntries(ctx, from, to, target.BatchSize(), bar.add)
	bar.finish()
	seconds := time.Since(start).Seconds()
	n := result.Added + result.Updated + result.Unchanged
	fmt.Fprintf(c.Out, "%s copied: %s added, %s updated, %s unchanged (%.1f s, %s a second)\n", console.Plural(n, "entry", "entries"),
		console.Thousands(result.Added), console.Thousands(result.Updated), console.Thousands(result.Unchanged), seconds, console.Thousands(int(float64(n)/max(seconds, 0.001))))
	if err != nil {
		return err
	}
	lines, err := importer.CopyHistory(ctx, from, to)
	fmt.Fprintf(c.Out, "%s of history\n", console.Plural(lines, "line", "lines"))
	return err
}

// copyProgress returns a progress bar for the entries of a store.
func copyProgress(ctx context.Context, w io.Writer, store entry.Store) (*progress, error) {
	total, err := entry.Listed(ctx, store, time.Time{})
	return newCountProgress(w, total), err
}
