package dynamo

import (
	"context"
	"fmt"
	"slices"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/serverless-relay/relay/providers/watchlist/entry"
)

// editedTogether is how many records are read in one request and, as a rule, written
// in one transaction, which leaves room for some counters. maxConcurrent bounds the
// concurrent transactions, so that a large import leaves shards to others.
const (
	editedTogether = 95
	shardCount     = 8
	maxConcurrent  = shardCount / 2
)

// How often a transaction is tried that fails because of others, and the base of
// the wait in between.
const (
	maxAttempts  = 100
	contendDelay = 10 * time.Millisecond
)

// edit is a change of the entries under a key.
type edit struct {
	key entry.Key
	// change returns the entries to store. It may be called again with
	// others, and must not modify those that it gets.
	change func(before []entry.Entry) (changed, error)

	// done is set when that is so.
	done bool
	// failed is why this record can't be changed although others can.
	failed error
}

// changed is the result of an edit of entries.
type changed struct {
	after []entry.Entry
	// is reports whether that is something else.
	is bool
	// line is the recorded change, or nil.
	line *entry.Change
}

// editAll changes records. If it fails, some are done.
func (s *Store) editAll(ctx context.Context, edits []*edit) error {
	var group errgroup.Group
	group.SetLimit(maxConcurrent)
	var stop atomic.Bool
	for some := range slices.Chunk(edits, editedTogether) {
		group.Go(func() error {
			if stop.Load() {
				return nil
			}
			err := s.edit(ctx, some)
			if err != nil {
				stop.Store(true)
			}
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return err
	}
	for _, e := range edits {
		if e.failed != nil {
			return e.failed
		}
	}
	return nil
}

// edit changes records, and tries those again that others change at the same time.
func (s *Store) edit(ctx context.Context, edits []*edit) error {
	for attempt := 1; ; attempt++ {
		again, err := s.tryEdit(ctx, edits)
		if err != nil || len(again) == 0 {
			return err
		}
		if attempt == maxAttempts {
			return fmt.Errorf("%w: others keep changing the entries about %s", entry.ErrBusy, again[0].key.Value)
		}
		if err := pause(ctx, contendDelay, attempt); err != nil {
			return err
		}
		edits = again
	}
}

// tryEdit changes records, and returns the edits that others have prevented.
func (s *Store) tryEdit(ctx context.Context, edits []*edit) (again []*edit, err error) {
	writes, err := s.plan(ctx, edits)
	if err != nil {
		return nil, err
	}
	for _, t := range pack(writes) {
		made, err := s.write(ctx, t)
		if err != nil {
			return nil, err
		}
		for _, w := range t.writes {
			if w.edit.done = made; !made {
				again = append(again, w.edit)
			}
		}
	}
	return again, nil
}

// plan reads the records of edits, and returns what is to be written. Edits that
// change nothing are done, and those that can't be stored have failed.
func (s *Store) plan(ctx context.Context, edits []*edit) (writes []*write, err error) {
	places := make([]place, len(edits))
	for i, e := range edits {
		places[i] = recordPlace(e.key)
	}
	found, err := s.fetch(ctx, places, true)
	if err != nil {
		return nil, err
	}
	for i, e := range edits {
		before, err := readRecord(places[i], found[places[i]])
		if err != nil {
			return nil, err
		}
		to, err := e.change(before.entries)
		if err != nil {
			return nil, err
		}
		if !to.is {
			e.done = true
			continue
		}
		w, err := s.newWrite(e, before, to)
		if err != nil {
			e.failed = fmt.Errorf("%s %s: %w", e.key.Kind, e.key.Value, err)
			continue
		}
		writes = append(writes, w)
	}
	return writes, nil
}
