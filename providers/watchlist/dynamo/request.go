package dynamo

import (
	"context"
	"fmt"
	"iter"
	"math/rand/v2"
	"slices"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"golang.org/x/sync/errgroup"

	"github.com/serverless-relay/relay/providers/watchlist/entry"
)

// How many keys DynamoDB takes in one BatchGetItem, how many of these are sent
// concurrently, and how often DynamoDB may leave all keys for another request.
const (
	maxKeys       = 100
	maxBatches    = 3
	maxFruitless  = 8
	leftOverDelay = 20 * time.Millisecond
)

// isNew is the condition that an item doesn't exist yet.
const isNew = "attribute_not_exists(" + partitionKey + ")"

// fetch reads items, and leaves out those that don't exist. A consistent read sees
// everything that was written before it. If attributes are named, as in "a, b", only
// these are read.
func (s *Store) fetch(ctx context.Context, places []place, consistent bool, attributes string) (map[place]item, error) {
	places = slices.Compact(slices.SortedFunc(slices.Values(places), place.compare))
	found := make(map[place]item, len(places))
	var mu sync.Mutex
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(maxBatches)
	for some := range slices.Chunk(places, maxKeys) {
		group.Go(func() error {
			request := types.KeysAndAttributes{ConsistentRead: &consistent}
			if attributes != "" {
				request.ProjectionExpression = &attributes
			}
			for _, p := range some {
				request.Keys = append(request.Keys, p.key())
			}
			return s.fetchSome(ctx, request, func(items []item) {
				mu.Lock()
				defer mu.Unlock()
				for _, i := range items {
					found[placeOf(i)] = i
				}
			})
		})
	}
	return found, group.Wait()
}

func (s *Store) fetchSome(ctx context.Context, request types.KeysAndAttributes, found func([]item)) error {
	for fruitless := 0; fruitless < maxFruitless; {
		out, err := s.client.BatchGetItem(ctx, &dynamodb.BatchGetItemInput{
			RequestItems: map[string]types.KeysAndAttributes{s.table: request},
		})
		if err != nil {
			return err
		}
		found(out.Responses[s.table])
		rest := out.UnprocessedKeys[s.table].Keys
		if len(rest) == 0 {
			return nil
		}
		if len(rest) == len(request.Keys) {
			fruitless++
			if err := pause(ctx, leftOverDelay, fruitless); err != nil {
				return err
			}
		}
		request.Keys = rest
	}
	return fmt.Errorf("%w: DynamoDB keeps postponing a read", entry.ErrBusy)
}

// pager returns the results of a query or scan page by page.
type pager[Page any] interface {
	HasMorePages() bool
	NextPage(context.Context, ...func(*dynamodb.Options)) (*Page, error)
}

// each iterates over the items of all pages. An error is the last element.
func each[Page any](ctx context.Context, pages pager[Page], items func(*Page) []item) iter.Seq2[item, error] {
	return func(yield func(item, error) bool) {
		for pages.HasMorePages() {
			page, err := pages.NextPage(ctx)
			if err != nil {
				yield(nil, err)
				return
			}
			for _, i := range items(page) {
				if !yield(i, nil) {
					return
				}
			}
		}
	}
}

// query iterates over the results of a query.
func (s *Store) query(ctx context.Context, q *dynamodb.QueryInput) iter.Seq2[item, error] {
	q.TableName = &s.table
	return each(ctx, dynamodb.NewQueryPaginator(s.client, q), func(page *dynamodb.QueryOutput) []item { return page.Items })
}

// maxDelay is the longest delay before a retry.
const maxDelay = time.Second

// jitter returns a random delay before a retry. It grows with the number of attempts,
// which starts at 1.
func jitter(base time.Duration, attempt int) time.Duration {
	return rand.N(min(maxDelay, base<<min(attempt, 10)))
}

// pause waits before a retry.
func pause(ctx context.Context, base time.Duration, attempt int) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(jitter(base, attempt)):
		return nil
	}
}
