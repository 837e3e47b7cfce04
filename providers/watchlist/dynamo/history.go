package dynamo

import (
	"context"
	"encoding/json"
	"fmt"
	"iter"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"golang.org/x/sync/errgroup"

	"github.com/serverless-relay/relay/providers/watchlist"
)

// historyPartition has the lines of the history by their IDs, which sort by
// time.
const historyPartition = "history"

// linesPage is how many lines are read at once: more than a page shows.
const linesPage = 100

func linePlace(id string) place { return place{historyPartition, id} }

// putLine adds a line, unless one of its ID is there.
func (s *Store) putLine(ctx context.Context, line watchlist.Change) error {
	raw, err := json.Marshal(line)
	if err != nil {
		return err
	}
	if len(raw) > maxItem {
		return fmt.Errorf("%w: the line %s of the history would take %d bytes of the %d that there is room for", watchlist.ErrFull, line.ID, len(raw), maxItem)
	}
	i := linePlace(line.ID).key()
	i[lineName] = text(string(raw))
	_, err = s.put(ctx, i, absent(), patiently)
	return err
}

// Record implements watchlist.Store: each line is added on its own.
func (s *Store) Record(ctx context.Context, lines ...watchlist.Change) error {
	if err := s.writable(ctx); err != nil {
		return err
	}
	group, groupCtx := errgroup.WithContext(ctx)
	group.SetLimit(maxWrites)
	for _, line := range lines {
		group.Go(func() error { return s.putLine(groupCtx, line) })
	}
	return s.explain(ctx, group.Wait())
}

// History implements watchlist.Store.
func (s *Store) History(ctx context.Context) iter.Seq2[watchlist.Change, error] {
	return func(yield func(watchlist.Change, error) bool) {
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
				yield(watchlist.Change{}, s.explain(ctx, err))
				return
			}
			for _, i := range page.Items {
				var line watchlist.Change
				if err := jsonOf(i, lineName, &line); err != nil {
					yield(watchlist.Change{}, s.explain(ctx, err))
					return
				}
				if !yield(line, nil) {
					return
				}
			}
		}
	}
}
