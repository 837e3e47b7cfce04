package importer

import (
	"cmp"
	"context"
	"errors"

	"golang.org/x/sync/errgroup"

	"github.com/serverless-relay/relay/providers/watchlist/entry"
)

// Weight returns how many entries one counts as in a batch: those with many tags or
// threats count for more.
func Weight(e entry.Entry) int { return 1 + len(e.Tags) + len(e.Indicates) }

// Writer stores batches of entries while the next ones are being read.
type Writer struct {
	size   int
	group  errgroup.Group
	queue  chan []entry.Entry
	failed chan struct{}
	stored entry.PutResult
}

// StartWriter starts a Writer for batches of that size. A batch is stored even if ctx
// ends, so that less must be repeated.
func StartWriter(ctx context.Context, store entry.Store, size int) *Writer {
	w := &Writer{size: size, queue: make(chan []entry.Entry, 1), failed: make(chan struct{})}
	w.group.Go(func() error {
		var full error
		for batch := range w.queue {
			result, err := store.Put(context.WithoutCancel(ctx), batch)
			w.stored = w.stored.Plus(result)
			switch {
			case errors.Is(err, entry.ErrFull): // one value may be; the others are stored
				full = cmp.Or(full, err)
			case err != nil:
				close(w.failed)
				return errors.Join(err, full)
			}
		}
		return full
	})
	return w
}

// errStopped reports that writing has failed; Finish has the reason.
var errStopped = errors.New("the watchlist can't be written to")

// Put stores a batch, which the caller must not modify afterwards. The error only reports
// that writing has failed. Finish returns the reason.
func (w *Writer) Put(entries []entry.Entry) error {
	select {
	case w.queue <- entries:
		return nil
	case <-w.failed:
		return errStopped
	}
}

// Finish waits until everything is stored, and returns the result.
func (w *Writer) Finish() (entry.PutResult, error) {
	close(w.queue)
	err := w.group.Wait()
	return w.stored, err
}
