package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/serverless-relay/relay/providers/watchlist"
	"github.com/serverless-relay/relay/providers/watchlist/stores"
)

// copyCommand is `relay watchlist copy`.
type copyCommand struct {
	To string `arg:"" help:"The watchlist to copy to: a file, or dynamodb:TABLE." placeholder:"DESTINATION"`
}

// Help implements kong.HelpProvider.
func (copyCommand) Help() string {
	return `Copies all entries and the history to another watchlist. What that has already isn't written again, so
a copy that was interrupted goes on where it stopped when it is done again. What it has beyond that
stays.

  relay watchlist copy backup.db
  relay watchlist copy dynamodb:serverless-relay-dev-watchlist
  relay watchlist --table serverless-relay-dev-watchlist copy backup.db`
}

// Run copies the entries, then the history.
func (k *copyCommand) Run(ctx context.Context, w *watchlistCommand, c console) (err error) {
	source, err := w.settings(true)
	if err != nil {
		return err
	}
	target, err := source.At(k.To)
	if err != nil {
		return err
	}
	if source.Place() == target.Place() {
		return fmt.Errorf("%s is the watchlist that is to be copied: name another place", k.To)
	}
	target.ReadOnly = false
	from, err := stores.Open(source)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, from.Close()) }()
	to, err := stores.Open(target)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, to.Close()) }()

	start := time.Now()
	bar, err := copyProgress(ctx, c.err, from)
	if err != nil {
		return err
	}
	result, err := copyEntries(ctx, from, startBatches(ctx, to, batchSize(target)), bar)
	bar.finish()
	seconds := time.Since(start).Seconds()
	n := result.Added + result.Updated + result.Unchanged
	fmt.Fprintf(c.out, "%s copied: %s added, %s updated, %s unchanged (%.1f s, %s a second)\n", plural(n, "entry", "entries"),
		thousands(result.Added), thousands(result.Updated), thousands(result.Unchanged), seconds, thousands(int(float64(n)/max(seconds, 0.001))))
	if err != nil {
		return err
	}
	lines, err := copyHistory(ctx, from, to)
	fmt.Fprintf(c.out, "%s of history\n", plural(lines, "line", "lines"))
	return err
}

// copyProgress is a bar over the entries of a store.
func copyProgress(ctx context.Context, w io.Writer, store watchlist.Store) (*progress, error) {
	total, err := watchlist.Listed(ctx, store, time.Time{})
	return newCountProgress(w, total), err
}

// copyEntries copies the entries in batches.
func copyEntries(ctx context.Context, from watchlist.Store, to *batches, bar *progress) (watchlist.PutResult, error) {
	var batch []watchlist.Entry
	heavy := 0
	var readErr error
	for e, err := range from.All(ctx) {
		if err != nil {
			readErr = err
			break
		}
		batch = append(batch, e)
		if heavy += weight(e); heavy < to.size {
			continue
		}
		if to.put(batch) != nil {
			break
		}
		bar.add(len(batch))
		batch, heavy = nil, 0
	}
	if len(batch) > 0 {
		_ = to.put(batch) // where this fails, finish has the reason
	}
	stored, err := to.finish()
	return stored, errors.Join(err, readErr)
}

// historyBatch is how many lines of history are written at once.
const historyBatch = 1000

// copyHistory copies the lines of the history.
func copyHistory(ctx context.Context, from, to watchlist.Store) (n int, err error) {
	var batch []watchlist.Change
	for line, err := range from.History(ctx) {
		if err != nil {
			return n, err
		}
		if batch = append(batch, line); len(batch) < historyBatch {
			continue
		}
		if err := to.Record(ctx, batch...); err != nil {
			return n, err
		}
		n, batch = n+len(batch), nil
	}
	if err := to.Record(ctx, batch...); err != nil {
		return n, err
	}
	return n + len(batch), nil
}
