package dynamo

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
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

// How often a transaction that others prevent is attempted, and the base of the delay
// between attempts.
const (
	maxAttempts  = 100
	contendDelay = 10 * time.Millisecond
)

// write changes the record under a key.
type write struct {
	key  entry.Key
	edit func(before []entry.Entry) (entry.Edit, error)
	// done reports that the record is as edit left it.
	done bool
	// failed is why this record can't be stored, although others can.
	failed error

	// What the transaction needs: set by plan each time that it has read the record.
	actions []types.TransactWriteItem
	size    int // of the items in bytes
	counts  entry.Counts
}

// edit implements entry.Editor. If it fails, some of the records are changed.
func (s *Store) edit(ctx context.Context, keys []entry.Key, edit func(int, []entry.Entry) (entry.Edit, error)) ([]bool, error) {
	if s.readOnly {
		return nil, s.explain(ctx, entry.ErrReadOnly)
	}
	var mu sync.Mutex
	writes := make([]*write, len(keys))
	for i, key := range keys {
		writes[i] = &write{key: key, edit: func(before []entry.Entry) (entry.Edit, error) {
			mu.Lock()
			defer mu.Unlock()
			return edit(i, before)
		}}
	}
	var group errgroup.Group
	group.SetLimit(maxConcurrent)
	var stop atomic.Bool
	for some := range slices.Chunk(writes, editedTogether) {
		group.Go(func() error {
			if stop.Load() {
				return nil
			}
			err := s.writeAll(ctx, some)
			if err != nil {
				stop.Store(true)
			}
			return err
		})
	}
	err := group.Wait()
	done := make([]bool, len(writes))
	for i, w := range writes {
		if done[i] = w.done; err == nil {
			err = w.failed
		}
	}
	return done, s.explain(ctx, err)
}

// writeAll changes records, and retries those that others change at the same time.
func (s *Store) writeAll(ctx context.Context, writes []*write) error {
	for attempt := 1; ; attempt++ {
		planned, err := s.plan(ctx, writes)
		if err != nil {
			return err
		}
		var again []*write
		for _, t := range pack(planned) {
			done, err := s.transact(ctx, t)
			if err != nil {
				return err
			}
			for _, w := range t.writes {
				if w.done = done; !done {
					again = append(again, w)
				}
			}
		}
		if len(again) == 0 {
			return nil
		}
		if attempt == maxAttempts {
			return fmt.Errorf("%w: others keep changing the entries about %s", entry.ErrBusy, again[0].key.Value)
		}
		if err := pause(ctx, contendDelay, attempt); err != nil {
			return err
		}
		writes = again
	}
}

// plan reads and edits records, and returns the writes that need a transaction. The
// others are done, or have failed.
func (s *Store) plan(ctx context.Context, writes []*write) (planned []*write, err error) {
	places := make([]place, len(writes))
	for i, w := range writes {
		places[i] = recordPlace(w.key)
	}
	found, err := s.fetch(ctx, places, true, "")
	if err != nil {
		return nil, err
	}
	for i, w := range writes {
		before, err := readRecord(places[i], found[places[i]])
		if err != nil {
			return nil, err
		}
		e, err := w.edit(before.entries)
		if err != nil {
			return nil, err
		}
		if w.done = !e.Changed; w.done {
			continue
		}
		if err := s.planOne(w, before, e); err != nil {
			w.failed = fmt.Errorf("%s %s: %w", w.key.Kind, w.key.Value, err)
			continue
		}
		planned = append(planned, w)
	}
	return planned, nil
}

// planOne sets what the transaction needs to replace a record's entries.
func (s *Store) planOne(w *write, before record, e entry.Edit) error {
	w.actions, w.size, w.counts = nil, 0, entry.Counts{}
	w.counts.Replace(before.entries, e.After)
	if n := len(counterPlaces(w.counts)); n > maxActions-2 {
		return fmt.Errorf("%w: its entries end on %d different days: remove those of some sources first", entry.ErrFull, n)
	}
	condition, values := isNew, item(nil)
	if before.version != "" {
		condition, values = versionName+" = :version", item{":version": text(before.version)}
	}
	put := func(i item, size int, condition string, values item) {
		w.size += size
		w.actions = append(w.actions, types.TransactWriteItem{Put: &types.Put{
			TableName: &s.table, Item: i, ConditionExpression: &condition, ExpressionAttributeValues: values,
		}})
	}
	if len(e.After) == 0 {
		w.actions = append(w.actions, types.TransactWriteItem{Delete: &types.Delete{
			TableName: &s.table, Key: before.at.key(), ConditionExpression: &condition, ExpressionAttributeValues: values,
		}})
	} else {
		i, size, err := record{at: before.at, entries: e.After}.item()
		if err != nil {
			return err
		}
		put(i, size, condition, values)
	}
	if e.Line != nil {
		i, size, err := lineItem(*e.Line)
		if err != nil {
			return err
		}
		put(i, size, isNew, nil)
	}
	return nil
}
