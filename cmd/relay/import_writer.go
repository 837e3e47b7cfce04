package main

import (
	"context"
	"errors"
	"hash/maphash"

	"golang.org/x/sync/errgroup"

	"github.com/serverless-relay/relay/providers/watchlist"
)

// importWriter stores entries in batches while the next ones are being read.
type importWriter struct {
	group   errgroup.Group
	batches chan []watchlist.Entry
	failed  chan struct{}
	batch   []watchlist.Entry
	stored  watchlist.PutResult
}

// startWriter starts one. What was given to it is stored also when the context
// ends: that takes a moment, and less is to be read again.
func startWriter(ctx context.Context, store watchlist.Store) *importWriter {
	w := &importWriter{batches: make(chan []watchlist.Entry, 1), failed: make(chan struct{})}
	w.group.Go(func() error {
		for batch := range w.batches {
			result, err := store.Put(context.WithoutCancel(ctx), batch)
			if err != nil {
				close(w.failed)
				return err
			}
			w.stored = w.stored.Plus(result)
		}
		return nil
	})
	return w
}

// errStopped says that writing has failed; finish has the reason.
var errStopped = errors.New("the watchlist can't be written to")

// add takes an entry.
func (w *importWriter) add(e watchlist.Entry) error {
	w.batch = append(w.batch, e)
	if len(w.batch) < batchSize {
		return nil
	}
	return w.flush()
}

func (w *importWriter) flush() error {
	select {
	case w.batches <- w.batch:
		w.batch = make([]watchlist.Entry, 0, batchSize)
		return nil
	case <-w.failed:
		return errStopped
	}
}

// finish stores what is left and says what was stored in all.
func (w *importWriter) finish() (watchlist.PutResult, error) {
	if len(w.batch) > 0 {
		_ = w.flush() // where this fails, Wait has the reason
	}
	close(w.batches)
	err := w.group.Wait()
	return w.stored, err
}

var identitySeed = maphash.MakeSeed()

// identityHash stands for an entry's key and identity. That two differ and
// have one hash is as likely as to guess a password of eleven characters.
func identityHash(e watchlist.Entry) uint64 {
	key := e.Key()
	return maphash.String(identitySeed, string(key.Kind)+"\x00"+key.Value+"\x00"+e.Identity())
}
