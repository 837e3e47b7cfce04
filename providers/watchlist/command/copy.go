package command

import (
	"cmp"
	"context"
	"fmt"
	"time"

	"github.com/schollz/progressbar/v3"

	"github.com/serverless-relay/relay/providers/watchlist/entry"
	"github.com/serverless-relay/relay/providers/watchlist/formats"
	"github.com/serverless-relay/relay/providers/watchlist/importer"
	"github.com/serverless-relay/relay/shared/console"
)

// copyCommand is `relay watchlist copy`.
type copyCommand struct {
	To string `arg:"" help:"A file, or dynamodb:TABLE." placeholder:"DESTINATION"`
}

func (copyCommand) Help() string {
	return `Copies all entries and the history. Entries that the destination already contains are not written
again, so repeating an interrupted copy resumes it. Other entries in the destination are kept.

  relay watchlist copy backup.db
  relay watchlist copy dynamodb:serverless-relay-dev-watchlist
  relay watchlist --table serverless-relay-dev-watchlist copy backup.db`
}

// Run copies the entries, then the history.
func (k *copyCommand) Run(ctx context.Context, w *Command, c console.Console) error {
	from, source, err := w.open(true)
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
	to, err := w.openAt(target)
	if err != nil {
		return err
	}
	start := time.Now()
	total, err := entry.Listed(ctx, from, time.Time{})
	if err != nil {
		return err
	}
	bar := newBar(c.Err, int64(total), progressbar.OptionShowCount(), progressbar.OptionShowIts())
	result, err := importer.CopyEntries(ctx, from, to, target.BatchSize(), func(n int) { _ = bar.Add(n) })
	_ = bar.Finish()
	seconds := time.Since(start).Seconds()
	n := result.Added + result.Updated + result.Unchanged
	fmt.Fprintf(c.Out, "%s copied: %s added, %s updated, %s unchanged (%.1f s, %s a second)\n", console.Plural(n, "entry", "entries"),
		console.Thousands(result.Added), console.Thousands(result.Updated), console.Thousands(result.Unchanged), seconds, console.Thousands(int(float64(n)/max(seconds, 0.001))))
	if err != nil {
		return err
	}
	lines, err := importer.CopyHistory(ctx, from, to)
	_, printed := fmt.Fprintf(c.Out, "%s of history\n", console.Plural(lines, "line", "lines"))
	return cmp.Or(err, printed)
}

// exportCommand is `relay watchlist export`.
type exportCommand struct{}

func (exportCommand) Help() string {
	return `Writes a STIX 2.1 bundle to standard output. relay watchlist import reads it back without loss, up to
512 MB or about 750,000 entries. Use relay watchlist copy for a larger watchlist.

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
