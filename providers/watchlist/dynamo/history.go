package dynamo

import (
	"context"
	"encoding/json"
	"fmt"
	"iter"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"golang.org/x/sync/errgroup"

	"github.com/serverless-relay/relay/providers/watchlist/entry"
)

// historyPartition has the lines of the history by their IDs, which sort by
// time.
const historyPartition = "history"

// linesPage is how many lines are read in one request: more than a page shows.
const linesPage = 100

func linePlace(id string) place { return place{historyPartition, id} }

// lineItem returns a line as it is stored, and its size in bytes.
func lineItem(line entry.Change) (i item, size int, err error) {
	raw, err := json.Marshal(line)
	if err != nil {
		return nil, 0, err
	}
	if len(raw) > maxItem {
		return nil, 0, fmt.Errorf("%w: the line %s of the history would take %d bytes, and there is room for %d", entry.ErrFull, line.ID, len(raw), maxItem)
	}
	i = linePlace(line.ID).key()
	i[lineName] = text(string(raw))
	return i, len(raw), nil
}

// Record implements entry.Store. It adds each line on its own.
func (s *Store) Record(ctx context.Context, lines ...entry.Change) error {
	if err := s.writable(ctx); err != nil {
		return err
	}
	group, groupCtx := errgroup.WithContext(ctx)
	group.SetLimit(maxConcurrent)
	for _, line := range lines {
		group.Go(func() error {
			i, _, err := lineItem(line)
			if err != nil {
				return err
			}
			return s.putNew(groupCtx, i)
		})
	}
	return s.explain(ctx, group.Wait())
}

// History implements entry.Store.
func (s *Store) History(ctx context.Context) iter.Seq2[entry.Change, error] {
	return func(yield func(entry.Change, error) bool) {
		condition := "#pk = :pk"
		pages := dynamodb.NewQueryPaginator(s.client, &dynamodb.QueryInput{
			TableName: &s.table, KeyConditionExpression: &condition,
			ExpressionAttributeNames:  map[string]string{"#pk": partitionKey},
			ExpressionAttributeValues: item{":pk": text(historyPartition)},
			ScanIndexForward:          aws.Bool(false), Limit: aws.Int32(linesPage),
		})
		for pages.HasMorePages() {
			page, err := pages.NextPage(ctx)
			if err != nil {
				yield(entry.Change{}, s.explain(ctx, err))
				return
			}
			for _, i := range page.Items {
				var line entry.Change
				if err := jsonOf(i, lineName, &line); err != nil {
					yield(entry.Change{}, s.explain(ctx, err))
					return
				}
				if !yield(line, nil) {
					return
				}
			}
		}
	}
}
