package main

import (
	"cmp"
	"context"
	"errors"

	"golang.org/x/sync/errgroup"

	"github.com/serverless-relay/relay/providers/watchlist"
)

// How much is stored at once, in entries. For a file: enough that writing to
// disk costs little, not so much that memory matters. For a table, where each
// entry is a request: what takes a second or two. An entry with many tags or
// threats counts for more.
const (
	fileBatch  = 50_000
	tableBatch = 2_000
)

func batchSize(s watchlist.Settings) int {
	if s.Store == watchlist.StoreDynamoDB {
		return tableBatch
	}
	return fileBatch
}

// weight is for how many an entry counts.
func weight(e watchlist.Entry) int { return 1 + len(e.Tags) + len(e.Indicates) }

// batches stores entries in batches while the next ones are being read.
type batches struct {
	size   int
	group  errgroup.Group
	queue  chan []watchlist.Entry
	failed chan struct{}
	stored watchlist.PutResult
}

// startBatches starts one, for batches of that size. What was given to it is stored also when the context
// ends: that takes a moment, and less is to be read again.
func startBatches(ctx context.Context, store watchlist.Store, size int) *batches {
	b := &batches{size: size, queue: make(chan []watchlist.Entry, 1), failed: make(chan struct{})}
	b.group.Go(func() error {
		var full error
		for batch := range b.queue {
			result, err := store.Put(context.WithoutCancel(ctx), batch)
			b.stored = b.stored.Plus(result)
			switch {
			case errors.Is(err, watchlist.ErrFull): // one value may be; the others are stored
				full = cmp.Or(full, err)
			case err != nil:
				close(b.failed)
				return errors.Join(err, full)
			}
		}
		return full
	})
	return b
}

// errStopped says that writing has failed; finish has the reason.
var errStopped = errors.New("the watchlist can't be written to")

// put takes a batch.
func (b *batches) put(entries []watchlist.Entry) error {
	select {
	case b.queue <- entries:
		return nil
	case <-b.failed:
		return errStopped
	}
}

// finish waits until all is stored and says what was.
func (b *batches) finish() (watchlist.PutResult, error) {
	close(b.queue)
	err := b.group.Wait()
	return b.stored, err
}
