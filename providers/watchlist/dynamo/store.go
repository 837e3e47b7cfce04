package dynamo

import (
	"context"
	"errors"
	"iter"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"golang.org/x/sync/errgroup"

	"github.com/serverless-relay/relay/providers/watchlist/entry"
)

// Get implements entry.Store. It may not see the latest writes yet.
func (s *Store) Get(ctx context.Context, keys []entry.Key) ([][]entry.Entry, error) {
	records, err := s.fetch(ctx, keys, false)
	found := make([][]entry.Entry, len(keys))
	for i, record := range records {
		if err == nil && record != nil {
			found[i], err = readEntries(record)
		}
	}
	return found, s.explain(ctx, err)
}

// All implements entry.Store. The order is random. Entries that are written
// during the iteration may be missing.
func (s *Store) All(ctx context.Context) iter.Seq2[entry.Entry, error] {
	return func(yield func(entry.Entry, error) bool) {
		pages := dynamodb.NewScanPaginator(s.client, &dynamodb.ScanInput{
			TableName:                 &s.table,
			FilterExpression:          aws.String(sortKey + " = :entries"),
			ExpressionAttributeValues: item{":entries": text(entriesSort)},
		})
		for i, err := range each(ctx, pages, func(page *dynamodb.ScanOutput) []item { return page.Items }) {
			var entries []entry.Entry
			if err == nil {
				entries, err = readEntries(i)
			}
			if err != nil {
				yield(entry.Entry{}, s.explain(ctx, err))
				return
			}
			for _, e := range entries {
				if !yield(e, nil) {
					return
				}
			}
		}
	}
}

// Record implements entry.Store. If it fails, some of the lines are added.
func (s *Store) Record(ctx context.Context, lines ...entry.Change) error {
	if s.readOnly {
		return s.explain(ctx, entry.ErrReadOnly)
	}
	group, groupCtx := errgroup.WithContext(ctx)
	group.SetLimit(maxConcurrent)
	for _, line := range lines {
		group.Go(func() error {
			i, _, err := lineItem(line)
			if err != nil {
				return err
			}
			_, err = s.client.PutItem(groupCtx, &dynamodb.PutItemInput{TableName: &s.table, Item: i, ConditionExpression: aws.String(isNew)}, patiently)
			if errors.As(err, new(*types.ConditionalCheckFailedException)) {
				return nil // it is there already
			}
			return err
		})
	}
	return s.explain(ctx, group.Wait())
}

// History implements entry.Store.
func (s *Store) History(ctx context.Context) iter.Seq2[entry.Change, error] {
	return func(yield func(entry.Change, error) bool) {
		for i, err := range query(ctx, s, &dynamodb.QueryInput{
			KeyConditionExpression:    aws.String(partitionKey + " = :pk"),
			ExpressionAttributeValues: item{":pk": text(historyPartition)},
			ScanIndexForward:          aws.Bool(false),
			Limit:                     aws.Int32(100), // more than a tile shows
		}) {
			var line entry.Change
			if err == nil {
				err = jsonOf(i, lineName, &line)
			}
			if err != nil {
				yield(entry.Change{}, s.explain(ctx, err))
				return
			}
			if !yield(line, nil) {
				return
			}
		}
	}
}
