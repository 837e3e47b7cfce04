package dynamo

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
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

// The most items that DynamoDB writes in a transaction, and the most bytes. Its limit is
// 4 MB, some of which counters and names take.
const (
	maxActions = 100
	maxBytes   = 3_500_000
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

	// plan sets these for the transaction after each read of the record.
	actions []types.TransactWriteItem
	size    int // of the items in bytes
	counts  entry.Counts
}

// Edit implements entry.KeyEditor. If it fails, some of the records are changed.
func (s *Store) Edit(ctx context.Context, keys []entry.Key, edit func(int, []entry.Entry) (entry.Edit, error)) ([]bool, error) {
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
	group, others := errgroup.WithContext(ctx)
	group.SetLimit(maxConcurrent)
	for some := range slices.Chunk(writes, editedTogether) {
		group.Go(func() error {
			if others.Err() != nil {
				return ctx.Err() // nil if others have failed
			}
			return s.writeAll(ctx, some)
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

// writeAll changes records. It retries if another process changes one at the same time.
func (s *Store) writeAll(ctx context.Context, writes []*write) error {
	for attempt := 1; ; attempt++ {
		planned, err := s.plan(ctx, writes)
		if err != nil {
			return err
		}
		again, err := s.transact(ctx, planned)
		if err != nil {
			return err
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
	keys := make([]entry.Key, len(writes))
	for i, w := range writes {
		keys[i] = w.key
	}
	records, err := s.fetch(ctx, keys, true)
	if err != nil {
		return nil, err
	}
	for i, w := range writes {
		var before []entry.Entry
		version := "" // there is no record
		if records[i] != nil {
			if version, err = textOf(records[i], versionName); err != nil {
				return nil, err
			}
			if before, err = readEntries(records[i]); err != nil {
				return nil, err
			}
		}
		e, err := w.edit(before)
		if err != nil {
			return nil, err
		}
		if w.done = !e.Changed; w.done {
			continue
		}
		if err := s.planOne(w, version, before, e); err != nil {
			w.failed = fmt.Errorf("%s %s: %w", w.key.Kind, w.key.Value, err)
			continue
		}
		planned = append(planned, w)
	}
	return planned, nil
}

// planOne sets what the transaction needs to replace a record's entries.
func (s *Store) planOne(w *write, version string, before []entry.Entry, e entry.Edit) error {
	w.actions, w.size, w.counts = nil, 0, entry.Counts{}
	w.counts.Replace(before, e.After)
	if n := len(s.counting(w.counts, 0)); n > maxActions-2 {
		return fmt.Errorf("%w: its entries end on %d different days: remove those of some sources first", entry.ErrFull, n)
	}
	condition, values := isNew, item(nil)
	if version != "" {
		condition, values = versionName+" = :version", item{":version": text(version)}
	}
	put := func(i item, size int, condition string, values item) {
		w.size += size
		w.actions = append(w.actions, types.TransactWriteItem{Put: &types.Put{
			TableName: &s.table, Item: i, ConditionExpression: &condition, ExpressionAttributeValues: values,
		}})
	}
	if len(e.After) == 0 {
		w.actions = append(w.actions, types.TransactWriteItem{Delete: &types.Delete{
			TableName: &s.table, Key: recordPlace(w.key).key(), ConditionExpression: &condition, ExpressionAttributeValues: values,
		}})
	} else {
		i, size, err := recordItem(recordPlace(w.key), e.After)
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

// transact makes a transaction of the writes, or several if they don't fit into one. It
// returns those that must be retried.
func (s *Store) transact(ctx context.Context, writes []*write) (again []*write, err error) {
	var actions []types.TransactWriteItem
	size, counts := 0, entry.Counts{}
	for _, w := range writes {
		actions, size = append(actions, w.actions...), size+w.size
		counts.Plus(w.counts)
	}
	if len(actions) == 0 {
		return nil, nil
	}
	if len(writes) > 1 && (len(actions)+len(s.counting(counts, 0)) > maxActions || size > maxBytes) {
		for half := range slices.Chunk(writes, (len(writes)+1)/2) {
			more, err := s.transact(ctx, half)
			if err != nil {
				return nil, err
			}
			again = append(again, more...)
		}
		return again, nil
	}
	var shard int
	select {
	case <-ctx.Done():
		return nil, ctx.Err()
	case shard = <-s.shards:
	}
	defer func() { s.shards <- shard }()
	var options []func(*dynamodb.Options)
	if len(writes) > 1 {
		options = append(options, patiently)
	}
	_, err = s.client.TransactWriteItems(ctx, &dynamodb.TransactWriteItemsInput{
		TransactItems: append(actions, s.counting(counts, shard)...),
	}, options...)
	if contended(err) {
		return writes, nil
	}
	for _, w := range writes {
		w.done = err == nil
	}
	return nil, err
}

// contended reports whether a transaction can be retried: others have written its
// items, or the table is throttled.
func contended(err error) bool {
	var cancelled *types.TransactionCanceledException
	if !errors.As(err, &cancelled) {
		return false
	}
	for _, reason := range cancelled.CancellationReasons {
		switch aws.ToString(reason.Code) {
		case "None", "ConditionalCheckFailed", "TransactionConflict", "ProvisionedThroughputExceeded", "ThrottlingError":
		default:
			return false
		}
	}
	return len(cancelled.CancellationReasons) > 0
}
