package importer

import (
	"context"

	"github.com/serverless-relay/relay/providers/watchlist/entry"
)

// CopyEntries copies all entries of a store in batches of size entries. It calls copied
// with the number of entries of each batch. Entries that are there already are not
// written again.
func CopyEntries(ctx context.Context, from, to entry.Store, size int, copied func(n int)) (entry.PutResult, error) {
	out := startWriter(ctx, to, size, func(batch []entry.Entry) error {
		copied(len(batch))
		return nil
	})
	for e, err := range from.All(ctx) {
		if err == nil {
			err = out.add(e)
		}
		if err != nil {
			return out.finish(err)
		}
	}
	return out.finish(nil)
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
		if batch = append(batch, line); len(batch) == historyBatch {
			if err := to.Record(ctx, batch...); err != nil {
				return n, err
			}
			n, batch = n+len(batch), nil
		}
	}
	if err := to.Record(ctx, batch...); err != nil {
		return n, err
	}
	return n + len(batch), nil
}
