package entry

import (
	"context"
	"errors"
	"iter"
	"time"
)

// Store keeps entries by key, counts them, and records who changed them. It is safe
// for concurrent use.
type Store interface {
	// Get returns the entries under each key, in the order of the keys. A key may
	// repeat.
	Get(ctx context.Context, keys []Key) ([][]Entry, error)

	// Put adds entries, or replaces those with the same identity. It records no
	// change. Entries that are there already count as unchanged. New entries with a
	// zero Added get the current time. The entries under one key are stored
	// atomically. If Put fails, the result counts what was stored, and repeating Put
	// stores the rest.
	Put(ctx context.Context, entries []Entry) (PutResult, error)

	// Remove deletes the entries under each key for which remove returns true, and
	// returns them, even if it fails. It records no change.
	Remove(ctx context.Context, keys []Key, remove func(Entry) bool) ([]Entry, error)

	// Change atomically replaces the entries under key with edit's result and records
	// the change. edit may be called several times if others write concurrently. It
	// must not modify its argument. Its error cancels the change. If edit changes
	// nothing, nothing is recorded and done is false. New entries with a zero Added
	// get the current time.
	Change(ctx context.Context, key Key, by Note, edit func(before []Entry) (after []Entry, err error)) (done bool, err error)

	// Record adds changes that were made by Put or Remove to the history, except those
	// whose ID is there already.
	Record(ctx context.Context, lines ...Change) error

	// History returns the recorded changes, the newest first. An error is the last
	// element.
	History(ctx context.Context) iter.Seq2[Change, error]

	// Counts returns the counters of an event from the hour of from on. For Ending,
	// these include the entries without an end. Removed entries still count as added.
	// It reads counters, not entries.
	Counts(ctx context.Context, event Event, from time.Time) (Counts, error)

	// All returns all entries, those under one key together. An error is the last
	// element. Don't write to the store during the iteration: a write to a file may
	// wait for its end.
	All(ctx context.Context) iter.Seq2[Entry, error]

	// Close releases the store.
	Close() error
}

// PutResult counts what Put did.
type PutResult struct {
	Added     int `json:"added"`
	Updated   int `json:"updated"`
	Unchanged int `json:"unchanged"`
}

// Plus returns the sum of two results.
func (r PutResult) Plus(other PutResult) PutResult {
	return PutResult{r.Added + other.Added, r.Updated + other.Updated, r.Unchanged + other.Unchanged}
}

// The errors of stores. Errors that wrap them name the store and say what to do.
var (
	// ErrMissing: the store doesn't exist, and is opened read-only.
	ErrMissing = errors.New("there is no watchlist")
	// ErrLocked: another process is using it.
	ErrLocked = errors.New("the watchlist is in use")
	// ErrDamaged: it was cut off or overwritten.
	ErrDamaged = errors.New("the watchlist is damaged")
	// ErrForeign: it is no watchlist, or that of a newer relay.
	ErrForeign = errors.New("not a watchlist")
	// ErrReadOnly: it was opened read-only.
	ErrReadOnly = errors.New("the watchlist may only be read")
	// ErrFull: there is no space left.
	ErrFull = errors.New("the watchlist is full")
	// ErrDenied: the credentials are wrong, or lack a permission.
	ErrDenied = errors.New("the watchlist may not be used")
	// ErrBusy: it is throttled.
	ErrBusy = errors.New("the watchlist is overloaded")
	// ErrUnreachable: it does not respond.
	ErrUnreachable = errors.New("the watchlist can't be reached")
)
