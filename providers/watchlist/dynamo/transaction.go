package dynamo

import (
	"context"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/serverless-relay/relay/providers/watchlist/entry"
)

// The most items that DynamoDB writes in a transaction, and the most bytes. Its
// limit is 4 MB; the rest is for counters, names and the like.
const (
	maxActions = 100
	maxBytes   = 3_500_000
)

// write has the writes of one edit: a record, and perhaps a line of the history.
type write struct {
	edit    *edit
	actions []types.TransactWriteItem
	size    int // in bytes
	counts  entry.Counts
}

// newWrite returns what it takes to replace a record's entries.
func (s *Store) newWrite(e *edit, before record, to changed) (*write, error) {
	w := &write{edit: e, counts: entry.Counts{}}
	w.counts.Replace(before.entries, to.after)
	if n := len(counterPlaces(w.counts)); n > maxActions-2 {
		return nil, fmt.Errorf("%w: its entries end on %d different days: remove those of some sources first", entry.ErrFull, n)
	}
	only := absent()
	if before.version != "" {
		only = unchanged(versionName, text(before.version))
	}
	if len(to.after) == 0 {
		w.actions = append(w.actions, types.TransactWriteItem{Delete: &types.Delete{
			TableName: &s.table, Key: before.at.key(),
			ConditionExpression: &only.expression, ExpressionAttributeNames: only.names, ExpressionAttributeValues: only.values,
		}})
	} else {
		i, size, err := record{at: before.at, entries: to.after}.item()
		if err != nil {
			return nil, err
		}
		w.actions = append(w.actions, s.putting(i, only))
		w.size += size
	}
	if to.line != nil {
		i, size, err := lineItem(*to.line)
		if err != nil {
			return nil, err
		}
		w.actions = append(w.actions, s.putting(i, absent()))
		w.size += size
	}
	return w, nil
}

func (s *Store) putting(i item, only *condition) types.TransactWriteItem {
	return types.TransactWriteItem{Put: &types.Put{
		TableName: &s.table, Item: i,
		ConditionExpression: &only.expression, ExpressionAttributeNames: only.names, ExpressionAttributeValues: only.values,
	}}
}

// transaction has the writes of one request.
type transaction struct {
	writes  []*write
	actions []types.TransactWriteItem
	size    int
	counts  entry.Counts
}

// pack divides writes into transactions.
func pack(writes []*write) (all []*transaction) {
	var t *transaction
	for _, w := range writes {
		if t == nil || !t.takes(w) {
			t = &transaction{counts: entry.Counts{}}
			all = append(all, t)
		}
		t.writes, t.actions, t.size = append(t.writes, w), append(t.actions, w.actions...), t.size+w.size
		t.counts.Plus(w.counts)
	}
	return all
}

// takes reports whether there is room for another write.
func (t *transaction) takes(w *write) bool {
	both := entry.Counts{}
	both.Plus(t.counts)
	both.Plus(w.counts)
	return len(t.actions)+len(w.actions)+len(counterPlaces(both)) <= maxActions && t.size+w.size <= maxBytes
}

// write writes a transaction, and reports whether that was possible. It isn't if
// somebody else writes one of the items at the same time, or has done so.
func (s *Store) write(ctx context.Context, t *transaction) (bool, error) {
	var shard int
	select {
	case <-ctx.Done():
		return false, ctx.Err()
	case shard = <-s.shards:
	}
	defer func() { s.shards <- shard }()
	var options []func(*dynamodb.Options)
	if len(t.writes) > 1 {
		options = append(options, patiently)
	}
	_, err := s.client.TransactWriteItems(ctx, &dynamodb.TransactWriteItemsInput{
		TransactItems: append(t.actions, s.counting(t.counts, shard)...),
	}, options...)
	if contended(err) {
		return false, nil
	}
	return err == nil, err
}

// contended reports whether a transaction can be tried again: others have written
// its items, or more was written than the table takes at the moment.
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
