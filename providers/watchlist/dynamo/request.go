package dynamo

import (
	"context"
	"errors"
	"fmt"
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

// fetch reads items; those that are not there are left out. A consistent read sees
// everything that was written before it. If there are names, only those attributes
// are read, and the key.
func (s *Store) fetch(ctx context.Context, places []place, consistent bool, names ...string) (map[place]item, error) {
	places = slices.Compact(slices.SortedFunc(slices.Values(places), comparePlaces))
	found := make(map[place]item, len(places))
	var mu sync.Mutex
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(maxBatches)
	for some := range slices.Chunk(places, maxKeys) {
		group.Go(func() error {
			return s.fetchSome(ctx, some, consistent, names, func(items []item) {
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

func (s *Store) fetchSome(ctx context.Context, places []place, consistent bool, names []string, each func([]item)) error {
	wanted := types.KeysAndAttributes{ConsistentRead: &consistent}
	for _, p := range places {
		wanted.Keys = append(wanted.Keys, p.key())
	}
	if len(names) > 0 {
		wanted.ProjectionExpression, wanted.ExpressionAttributeNames = projection(names)
	}
	for fruitless := 0; fruitless < maxFruitless; {
		out, err := s.client.BatchGetItem(ctx, &dynamodb.BatchGetItemInput{
			RequestItems: map[string]types.KeysAndAttributes{s.table: wanted},
		})
		if err != nil {
			return err
		}
		each(out.Responses[s.table])
		rest := out.UnprocessedKeys[s.table].Keys
		if len(rest) == 0 {
			return nil
		}
		if len(rest) == len(wanted.Keys) {
			fruitless++
			if err := pause(ctx, leftOverDelay, fruitless); err != nil {
				return err
			}
		}
		wanted.Keys = rest
	}
	return fmt.Errorf("%w: DynamoDB puts off reading it again and again", entry.ErrBusy)
}

// projection is the expression that reads these attributes and the key.
func projection(names []string) (expression *string, aliases map[string]string) {
	list := ""
	aliases = map[string]string{}
	for _, name := range append([]string{partitionKey, sortKey}, names...) {
		aliases["#"+name] = name
		if list != "" {
			list += ", "
		}
		list += "#" + name
	}
	return &list, aliases
}

// condition is the condition of a write, in DynamoDB's syntax.
type condition struct {
	expression string
	names      map[string]string
	values     item
}

// absent is the condition that there is no item yet.
func absent() *condition {
	return &condition{expression: "attribute_not_exists(#key)", names: map[string]string{"#key": partitionKey}}
}

// unchanged is the condition that an attribute has a value.
func unchanged(name string, value types.AttributeValue) *condition {
	return &condition{expression: "#is = :is", names: map[string]string{"#is": name}, values: item{":is": value}}
}

// putNew writes an item, unless it is there.
func (s *Store) putNew(ctx context.Context, i item) error {
	only := absent()
	_, err := s.client.PutItem(ctx, &dynamodb.PutItemInput{
		TableName: &s.table, Item: i, ConditionExpression: &only.expression, ExpressionAttributeNames: only.names,
	}, patiently)
	if errors.As(err, new(*types.ConditionalCheckFailedException)) {
		return nil
	}
	return err
}
