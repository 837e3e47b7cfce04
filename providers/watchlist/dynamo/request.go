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

	"github.com/serverless-relay/relay/providers/watchlist"
)

// What DynamoDB takes: so many keys in one BatchGetItem. An answer may leave
// some for another request, and is asked again so often while nothing comes.
const (
	maxKeys       = 100
	maxFruitless  = 8
	leftOverDelay = 20 * time.Millisecond
)

// fetch reads items; those that are not there are left out. A consistent read
// sees all that was written before it. With names, only those attributes are
// read, and the key.
func (s *Store) fetch(ctx context.Context, places []place, consistent bool, names ...string) (map[place]item, error) {
	places = slices.Compact(slices.SortedFunc(slices.Values(places), comparePlaces))
	found := make(map[place]item, len(places))
	var mu sync.Mutex
	group, ctx := errgroup.WithContext(ctx)
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
	return fmt.Errorf("%w: DynamoDB puts off reading it again and again", watchlist.ErrBusy)
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

// condition is what must hold for a write, as DynamoDB writes it.
type condition struct {
	expression string
	names      map[string]string
	values     item
}

// absent holds where there is no item yet.
func absent() *condition {
	return &condition{expression: "attribute_not_exists(#key)", names: map[string]string{"#key": partitionKey}}
}

// unchanged holds where an attribute has a value.
func unchanged(name string, value types.AttributeValue) *condition {
	return &condition{expression: "#is = :is", names: map[string]string{"#is": name}, values: item{":is": value}}
}

// put writes an item if the condition holds, and tells whether it did. Where an
// answer was lost and the request sent again, it may say no of what it wrote
// itself.
func (s *Store) put(ctx context.Context, i item, only *condition, options ...func(*dynamodb.Options)) (bool, error) {
	request := &dynamodb.PutItemInput{TableName: &s.table, Item: i}
	if only != nil {
		request.ConditionExpression = &only.expression
		request.ExpressionAttributeNames = only.names
		request.ExpressionAttributeValues = only.values
	}
	_, err := s.client.PutItem(ctx, request, options...)
	if refused(err) {
		return false, nil
	}
	return err == nil, err
}

// refused says that a condition did not hold.
func refused(err error) bool {
	var failed *types.ConditionalCheckFailedException
	return errors.As(err, &failed)
}
