package dynamo

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/serverless-relay/relay/providers/watchlist/entry"
)

// counterPlace returns the item and the attribute of a counter. They share the text of
// the counter, such as "added#2026-01-02T15#ip#2" or "ending#never#ip#2": the event is
// in the partition key, the day in the sort key, and the rest is the attribute's name.
// It begins with "T" or "#", and no other attribute contains a "#".
func counterPlace(c entry.Counter, shard int) (at place, name string) {
	_, rest, _ := strings.Cut(c.String(), "#")
	day := len(time.DateOnly)
	if c.Hour.IsZero() {
		day = strings.Index(rest, "#")
	}
	return place{countsPartition(c.Event), rest[:day] + "#" + strconv.Itoa(shard)}, rest[day:]
}

func countsPartition(event entry.Event) string { return "count#" + string(event) }

// counting returns the actions that add counts to the counters of a shard, one for
// each item.
func (s *Store) counting(counts entry.Counts, shard int) (actions []types.TransactWriteItem) {
	updates := map[place]*types.Update{}
	for c, n := range counts {
		at, name := counterPlace(c, shard)
		update := updates[at]
		if update == nil {
			update = &types.Update{
				TableName: &s.table, Key: at.key(), UpdateExpression: aws.String("ADD"),
				ExpressionAttributeNames: map[string]string{}, ExpressionAttributeValues: item{},
			}
			updates[at] = update
			actions = append(actions, types.TransactWriteItem{Update: update})
		}
		i := strconv.Itoa(len(update.ExpressionAttributeNames))
		if i != "0" {
			*update.UpdateExpression += ","
		}
		*update.UpdateExpression += " #" + i + " :" + i
		update.ExpressionAttributeNames["#"+i], update.ExpressionAttributeValues[":"+i] = name, number(int64(n))
	}
	return actions
}

// Counts implements entry.Store.
func (s *Store) Counts(ctx context.Context, event entry.Event, from time.Time) (entry.Counts, error) {
	from = from.UTC().Truncate(time.Hour)
	condition, values := partitionKey+" = :pk", item{":pk": text(countsPartition(event))}
	if !from.IsZero() {
		condition += " AND " + sortKey + " >= :from"
		values[":from"] = text(from.Format(time.DateOnly))
	}
	counts := entry.Counts{}
	for i, err := range query(ctx, s, &dynamodb.QueryInput{KeyConditionExpression: &condition, ExpressionAttributeValues: values}) {
		if err == nil {
			err = readCounters(i, event, from, counts)
		}
		if err != nil {
			return nil, s.explain(ctx, err)
		}
	}
	return counts, nil
}

// readCounters adds the counters of an item, from an hour on.
func readCounters(i item, event entry.Event, from time.Time, counts entry.Counts) error {
	day, _, _ := strings.Cut(placeOf(i).sort, "#")
	for name := range i {
		if !strings.Contains(name, "#") {
			continue
		}
		c, err := entry.ParseCounter(string(event) + "#" + day + name)
		n := 0
		if number, ok := i[name].(*types.AttributeValueMemberN); !ok {
			err = errors.New("it is not a number")
		} else if err == nil {
			n, err = strconv.Atoi(number.Value)
		}
		if err != nil {
			return damaged(i, name, err)
		}
		if c.Hour.IsZero() || !c.Hour.Before(from) {
			counts.Plus(entry.Counts{c: n})
		}
	}
	return nil
}
