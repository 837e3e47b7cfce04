package main

import (
	"context"
	"hash/maphash"

	"github.com/serverless-relay/relay/providers/watchlist"
	"github.com/serverless-relay/relay/providers/watchlist/formats"
)

// importWriter stores records in batches, of one identity the one that was
// given last.
type importWriter struct {
	*batches
	batch  []formats.Record
	at     map[uint64]int // where an identity stands in batch
	weight int
}

func startWriter(ctx context.Context, store watchlist.Store, size int) *importWriter {
	return &importWriter{batches: startBatches(ctx, store, size), at: map[uint64]int{}}
}

// add takes an entry, with the hash of its identity.
func (w *importWriter) add(hash uint64, record formats.Record) error {
	w.at[hash] = len(w.batch)
	w.batch = append(w.batch, record)
	w.weight += weight(record.Entry)
	if w.weight < w.size {
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
	return w.put(entries)
}

// finish stores what is left and says what was stored in all.
func (w *importWriter) finish() (watchlist.PutResult, error) {
	if len(w.batch) > 0 {
		_ = w.flush() // where this fails, the batches have the reason
	}
	return w.batches.finish()
}

var identitySeed = maphash.MakeSeed()

// identityHash stands for an entry's key and identity. That two differ and
// have one hash is as likely as to guess a password of eleven characters.
func identityHash(e watchlist.Entry) uint64 {
	key := e.Key()
	return maphash.String(identitySeed, string(key.Kind)+"\x00"+key.Value+"\x00"+e.Identity())
}
