package entry

import (
	"context"
	"errors"
	"iter"
	"time"
)

// Store keeps entries by key, counts them, and remembers who changed them.
// Package stores opens the one that the settings name. It is safe for
// concurrent use.
type Store interface {
	// Get gives the entries under each key, in the order of the keys.
	Get(ctx context.Context, keys []Key) ([][]Entry, error)

	// Put adds entries, or replaces those of the same identity, as an import
	// does: it leaves no line in the history. What is there already counts as
	// unchanged. New entries without a time in Added get the present. Of the
	// entries under one key all are stored or none. Where Put fails, the result
	// says what was stored; the same Put again stores the rest.
	Put(ctx context.Context, entries []Entry) (PutResult, error)

	// Remove deletes the entries under each key for which remove says yes, and
	// returns them. It leaves no line in the history. Where it fails, it
	// returns what was removed.
	Remove(ctx context.Context, keys []Key, remove func(Entry) bool) ([]Entry, error)

	// Change has edit make of the entries under a key those that shall be
	// there, and keeps a line in the history: all of it or nothing. Nobody
	// changes them in between, so edit may be called again with others; it must
	// not modify what it gets. Its error ends the change. An edit that leaves
	// all as it is leaves no line; done is false then. New entries without a
	// time in Added get the present.
	Change(ctx context.Context, key Key, by Note, edit func(before []Entry) (after []Entry, err error)) (done bool, err error)

	// Record adds lines to the history, for changes that were made in another
	// way. A line whose ID is there already is not added again.
	Record(ctx context.Context, lines ...Change) error

	// History gives the lines of the history, the newest first. An error ends
	// them.
	History(ctx context.Context) iter.Seq2[Change, error]

	// Counts gives the counters of an event from the hour of from on; of
	// Ending, also those of entries without an end. What was removed still
	// counts as added. It looks at counters, not at the entries.
	Counts(ctx context.Context, event Event, from time.Time) (Counts, error)

	// All returns all entries in the store's own order, those under one key
	// together. An error is the last element. The store must not be written to
	// during the iteration: a file's second change would wait for its end.
	All(ctx context.Context) iter.Seq2[Entry, error]

	// Close ends the use of the store.
	Close() error
}

// PutResult counts what Put did.
type PutResult struct {
	Added     int `json:"added"`
	Updated   int `json:"updated"`
	Unchanged int `json:"unchanged"`
}

// Plus adds up two results.
func (r PutResult) Plus(other PutResult) PutResult {
	return PutResult{r.Added + other.Added, r.Updated + other.Updated, r.Unchanged + other.Unchanged}
}

// What may be wrong with a store, for errors.Is. The error that wraps it names
// the store and says what to do.
var (
	// ErrMissing: there is no store, and it may only be read.
	ErrMissing = errors.New("there is no watchlist")
	// ErrLocked: another process is using it.
	ErrLocked = errors.New("the watchlist is in use")
	// ErrDamaged: it was cut off or overwritten.
	ErrDamaged = errors.New("the watchlist is damaged")
	// ErrForeign: it is not a watchlist, or one of a newer relay.
	ErrForeign = errors.New("not a watchlist")
	// ErrReadOnly: it was opened for reading only.
	ErrReadOnly = errors.New("the watchlist may only be read")
	// ErrFull: there is no room for what was to be written.
	ErrFull = errors.New("the watchlist is full")
	// ErrDenied: the store refuses the credentials, or what they may do.
	ErrDenied = errors.New("the watchlist may not be used")
	// ErrBusy: it is asked more than it takes at the moment.
	ErrBusy = errors.New("the watchlist is overloaded")
	// ErrUnreachable: it doesn't answer.
	ErrUnreachable = errors.New("the watchlist can't be reached")
)
