package dynamo

import (
	"context"
	"errors"
	"maps"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/serverless-relay/relay/providers/watchlist/entry"
)

// The most items that DynamoDB writes in a transaction, and the most bytes. Its
// limit is 4 MB; the rest is for counters and names.
const (
	maxActions = 100
	maxBytes   = 3_500_000
)

// transaction has the writes of one request.
type transaction struct {
	writes  []*write
	actions []types.TransactWriteItem
	size    int
	counts  entry.Counts
}

// pack divides writes into transactions.
func pack(writes []*write) (all []*transaction) {
	t := &transaction{}
	for _, w := range writes {
		counts := entry.Counts{}
		counts.Plus(t.counts)
		counts.Plus(w.counts)
		if len(all) == 0 || len(t.actions)+len(w.actions)+len(counterPlaces(counts)) > maxActions || t.size+w.size > maxBytes {
			t, counts = &transaction{}, maps.Clone(w.counts)
			all = append(all, t)
		}
		t.writes, t.actions = append(t.writes, w), append(t.actions, w.actions...)
		t.size, t.counts = t.size+w.size, counts
	}
	return all
}

// transact makes a transaction. done is false if others wrote one of the items in the
// meantime.
func (s *Store) transact(ctx context.Context, t *transaction) (done bool, err error) {
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
	_, err = s.client.TransactWriteItems(ctx, &dynamodb.TransactWriteItemsInput{
		TransactItems: append(t.actions, s.counting(t.counts, shard)...),
	}, options...)
	if contended(err) {
		return false, nil
	}
	return err == nil, err
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
