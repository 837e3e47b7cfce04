package watchlist

import (
	"context"
	"errors"
	"iter"
)

// Store keeps entries by key. Package stores opens the one that the settings
// name. It is safe for concurrent use.
type Store interface {
	// Get gives the entries under each key, in the order of the keys.
	Get(ctx context.Context, keys []Key) ([][]Entry, error)
	// Put adds entries, or replaces those of the same identity, all or none.
	// What is there already counts as unchanged. New entries without a time in
	// Added get the present.
	Put(ctx context.Context, entries []Entry) (PutResult, error)
	// Remove deletes the entries under each key for which remove says yes, all
	// or none, and returns them.
	Remove(ctx context.Context, keys []Key, remove func(Entry) bool) ([]Entry, error)
	// All are all entries, by kind and value. An error ends them.
	All(ctx context.Context) iter.Seq2[Entry, error]
	// Count is how many entries there are. It takes the same short time however
	// many there are.
	Count(ctx context.Context) (int, error)
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
)
