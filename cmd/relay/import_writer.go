package main

import (
	"context"
	"errors"
	"hash/maphash"

	"golang.org/x/sync/errgroup"

	"github.com/serverless-relay/relay/providers/watchlist"
	"github.com/serverless-relay/relay/providers/watchlist/formats"
)

// batchSize is how much is stored at once, in entries: enough that writing to
// disk costs little, not so much that memory matters. An entry with many tags or
// threats counts for more.
const batchSize = 50_000

// importWriter stores entries in batches while the next ones are being read.
type importWriter struct {
	group   errgroup.Group
	batches chan []watchlist.Entry
	failed  chan struct{}
	stored  watchlist.PutResult

	batch  []formats.Record
	at     map[uint64]int // where an identity stands in batch
	weight int
}

// startWriter starts one. What was given to it is stored also when the context
// ends: that takes a moment, and less is to be read again.
func startWriter(ctx context.Context, store watchlist.Store) *importWriter {
	w := &importWriter{batches: make(chan []watchlist.Entry, 1), failed: make(chan struct{}), at: map[uint64]int{}}
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

// add takes an entry, with the hash of its identity.
func (w *importWriter) add(hash uint64, record formats.Record) error {
	w.at[hash] = len(w.batch)
	w.batch = append(w.batch, record)
	w.weight += 1 + len(record.Entry.Tags) + len(record.Entry.Indicates)
	if w.weight < batchSize {
		return nil
	}
	return w.flush()
}

// replace puts an entry in the place of one that has its identity and isn't
// stored yet, and returns that one.
func (w *importWriter) replace(hash uint64, record formats.Record) (earlier formats.Record, ok bool) {
	i, ok := w.at[hash]
	if !ok {
		return formats.Record{}, false
	}
	earlier, w.batch[i] = w.batch[i], record
	return earlier, true
}

func (w *importWriter) flush() error {
	entries := make([]watchlist.Entry, len(w.batch))
	for i, record := range w.batch {
		entries[i] = record.Entry
	}
	w.batch, w.weight = w.batch[:0], 0
	clear(w.at)
	select {
	case w.batches <- entries:
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
