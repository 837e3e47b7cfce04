package importer

import (
	"context"
	"errors"

	"github.com/serverless-relay/relay/providers/watchlist/entry"
)

// CopyEntries copies all entries of a store in batches, and calls copied with the size of
// each. Entries that are there already are not written again.
func CopyEntries(ctx context.Context, from entry.Store, to *Writer, copied func(n int)) (entry.PutResult, error) {
	var batch []entry.Entry
	heavy := 0
	var readErr error
	for e, err := range from.All(ctx) {
		if err != nil {
			readErr = err
			break
		}
		batch = append(batch, e)
		if heavy += Weight(e); heavy < to.size {
			continue
		}
		if to.Put(batch) != nil {
			break
		}
		copied(len(batch))
		batch, heavy = nil, 0
	}
	if len(batch) > 0 {
		_ = to.Put(batch) // if this fails, Finish has the reason
	}
	stored, err := to.Finish()
	return stored, errors.Join(err, readErr)
}

// historyBatch is how many lines of history are written at a time.
const historyBatch = 1000

// CopyHistory copies the lines of the history, and returns how many.
func CopyHistory(ctx context.Context, from, to entry.Store) (n int, err error) {
	var batch []entry.Change
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
