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

// fetch returns the record under each key, or nil if there is none. A consistent read sees
// everything that was written before it.
func (s *Store) fetch(ctx context.Context, keys []entry.Key, consistent bool) ([]item, error) {
	places := make([]place, len(keys))
	for i, key := range keys {
		places[i] = recordPlace(key)
	}
	found := make(map[place]item, len(places))
	var mu sync.Mutex
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(maxBatches)
	distinct := slices.Compact(slices.SortedFunc(slices.Values(places), place.compare))
	for some := range slices.Chunk(distinct, maxKeys) {
		group.Go(func() error {
			request := types.KeysAndAttributes{ConsistentRead: &consistent}
			for _, p := range some {
				request.Keys = append(request.Keys, p.key())
			}
			items, err := s.fetchSome(ctx, request)
			mu.Lock()
			defer mu.Unlock()
			for _, i := range items {
				found[placeOf(i)] = i
			}
			return err
		})
	}
	err := group.Wait()
	records := make([]item, len(places))
	for i, at := range places {
		records[i] = found[at]
	}
	return records, err
}

func (s *Store) fetchSome(ctx context.Context, request types.KeysAndAttributes) (items []item, err error) {
	for fruitless := 0; fruitless < maxFruitless; {
		out, err := s.client.BatchGetItem(ctx, &dynamodb.BatchGetItemInput{
			RequestItems: map[string]types.KeysAndAttributes{s.table: request},
		})
		if err != nil {
			return nil, err
		}
		items = append(items, out.Responses[s.table]...)
		rest := out.UnprocessedKeys[s.table].Keys
		if len(rest) == 0 {
			return items, nil
		}
		if len(rest) == len(request.Keys) {
			fruitless++
			if err := pause(ctx, leftOverDelay, fruitless); err != nil {
				return nil, err
			}
		}
		request.Keys = rest
	}
	return nil, fmt.Errorf("%w: DynamoDB keeps postponing a read", entry.ErrBusy)
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

// query iterates over the results of a query. It is no method, which the linker would keep
// in binaries without queries.
func query(ctx context.Context, s *Store, q *dynamodb.QueryInput) iter.Seq2[item, error] {
	q.TableName = &s.table
	return each(ctx, dynamodb.NewQueryPaginator(s.client, q), func(page *dynamodb.QueryOutput) []item { return page.Items })
}

// jitter returns a random delay before a retry, of at most a second. It grows with the
// number of attempts, which starts at 1.
func jitter(base time.Duration, attempt int) time.Duration {
	return rand.N(min(time.Second, base<<min(attempt, 10)))
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
