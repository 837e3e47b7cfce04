package importer

import (
	"cmp"
	"context"
	"errors"

	"golang.org/x/sync/errgroup"

	"github.com/serverless-relay/relay/providers/watchlist/entry"
)

// writer stores entries in batches while the next ones are being read.
type writer struct {
	// size is how many entries a batch has. Those with many tags or threats count for
	// more.
	size int
	// before is called with each batch before it is stored. Its error stops the writer.
	before func(batch []entry.Entry) error
	batch  []entry.Entry
	heavy  int
	group  errgroup.Group
	queue  chan []entry.Entry
	failed chan struct{}
	stored entry.PutResult
}

// startWriter starts a writer. A batch is stored even if ctx ends, so that less must be
// repeated.
func startWriter(ctx context.Context, store entry.Store, size int, before func([]entry.Entry) error) *writer {
	w := &writer{size: size, before: before, queue: make(chan []entry.Entry, 1), failed: make(chan struct{})}
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

// errStopped reports that writing has failed. finish returns the reason.
var errStopped = errors.New("the watchlist can't be written to")

// add adds an entry to the batch, and stores the batch when it is full.
func (w *writer) add(e entry.Entry) error {
	w.batch = append(w.batch, e)
	if w.heavy += 1 + len(e.Tags) + len(e.Indicates); w.heavy < w.size {
		return nil
	}
	return w.flush()
}

func (w *writer) flush() error {
	batch := w.batch
	if len(batch) == 0 {
		return nil
	}
	w.batch, w.heavy = make([]entry.Entry, 0, len(batch)), 0
	if err := w.before(batch); err != nil {
		return err
	}
	select {
	case w.queue <- batch:
		return nil
	case <-w.failed:
		return errStopped
	}
}

// finish stores the last batch, waits until everything is stored, and returns the
// result. err is the error that ended reading, or nil.
func (w *writer) finish(err error) (entry.PutResult, error) {
	err = cmp.Or(err, w.flush())
	close(w.queue)
	if errors.Is(err, errStopped) {
		err = nil
	}
	err = errors.Join(w.group.Wait(), err)
	return w.stored, err
}
