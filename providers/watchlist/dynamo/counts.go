package dynamo

import (
	"context"
	"encoding/json"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"golang.org/x/sync/errgroup"

	"github.com/serverless-relay/relay/providers/watchlist"
)

// Counters of one event, hour and lane are the numbers of one item. They are
// named by type and disposition, such as "ip#2"; no other attribute has a "#".

// counterPlace is the item that has a counter.
func counterPlace(c watchlist.Counter, lane int) place {
	return place{countsPartition(c.Event), hourKey(c.Hour) + "#" + strconv.Itoa(lane)}
}

func countsPartition(event watchlist.Event) string { return "count#" + string(event) }

// hourKey is an hour as text.
func hourKey(hour time.Time) string {
	_, rest, _ := strings.Cut(watchlist.Counter{Hour: hour}.String(), "#")
	key, _, _ := strings.Cut(rest, "#")
	return key
}

// column is a counter's attribute.
func column(c watchlist.Counter) string {
	return string(c.Type) + "#" + strconv.Itoa(int(c.Disposition))
}

// add adds what the head's batch has to count to the lane's counters, where
// that wasn't done before.
func (s *Store) add(ctx context.Context, h head) error {
	columns := map[place]map[string]int{}
	for c, n := range h.batch.Tally {
		at := counterPlace(c, h.lane)
		if columns[at] == nil {
			columns[at] = map[string]int{}
		}
		columns[at][column(c)] = n
	}
	var group errgroup.Group
	group.SetLimit(maxWrites)
	for at, by := range columns {
		group.Go(func() error { return s.addTo(ctx, at, h.sequence, by) })
	}
	return group.Wait()
}

// addTo adds to the counters of an item, unless it has seen that number.
func (s *Store) addTo(ctx context.Context, at place, sequence int64, by map[string]int) error {
	names := map[string]string{"#seq": sequenceName}
	values := item{":seq": number(sequence)}
	var sums []string
	for name, n := range by {
		i := strconv.Itoa(len(sums))
		names["#c"+i], values[":c"+i] = name, number(int64(n))
		sums = append(sums, "#c"+i+" :c"+i)
	}
	update := "ADD " + strings.Join(sums, ", ") + " SET #seq = :seq"
	only := "attribute_not_exists(#seq) OR #seq < :seq"
	_, err := s.client.UpdateItem(ctx, &dynamodb.UpdateItemInput{
		TableName: &s.table, Key: at.key(),
		UpdateExpression: &update, ConditionExpression: &only,
		ExpressionAttributeNames: names, ExpressionAttributeValues: values,
	}, patiently)
	if refused(err) {
		return nil
	}
	return err
}

// Counts implements watchlist.Store.
func (s *Store) Counts(ctx context.Context, event watchlist.Event, from time.Time) (watchlist.Counts, error) {
	if err := ctx.Err(); err != nil {
		return nil, s.explain(ctx, err)
	}
	condition, values := "#pk = :pk", item{":pk": text(countsPartition(event))}
	names := map[string]string{"#pk": partitionKey}
	if !from.IsZero() {
		condition += " AND #sk >= :from"
		names["#sk"], values[":from"] = sortKey, text(hourKey(from))
	}
	counts := watchlist.Counts{}
	pages := dynamodb.NewQueryPaginator(s.client, &dynamodb.QueryInput{
		TableName: &s.table, KeyConditionExpression: &condition,
		ExpressionAttributeNames: names, ExpressionAttributeValues: values,
	})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, s.explain(ctx, err)
		}
		for _, i := range page.Items {
			if err := readCounters(i, event, counts); err != nil {
				return nil, s.explain(ctx, err)
			}
		}
	}
	return counts, nil
}

// readCounters adds up the counters of an item.
func readCounters(i item, event watchlist.Event, counts watchlist.Counts) error {
	hour, _, _ := strings.Cut(textOf(i, sortKey), "#")
	for name := range i {
		if !strings.Contains(name, "#") {
			continue
		}
		c, err := watchlist.ParseCounter(string(event) + "#" + hour + "#" + name)
		if err != nil {
			return damaged(i, name, err)
		}
		n, err := numberOf(i, name)
		if err != nil {
			return err
		}
		counts.Plus(watchlist.Counts{c: int(n)})
	}
	return nil
}

// tally is watchlist.Counts that can be written as JSON: numbers by the texts of
// the counters.
type tally watchlist.Counts

// MarshalJSON implements json.Marshaler.
func (t tally) MarshalJSON() ([]byte, error) {
	named := make(map[string]int, len(t))
	for c, n := range t {
		named[c.String()] = n
	}
	return json.Marshal(named)
}

// UnmarshalJSON implements json.Unmarshaler.
func (t *tally) UnmarshalJSON(raw []byte) error {
	var named map[string]int
	if err := json.Unmarshal(raw, &named); err != nil {
		return err
	}
	*t = make(tally, len(named))
	for name, n := range named {
		c, err := watchlist.ParseCounter(name)
		if err != nil {
			return err
		}
		(*t)[c] = n
	}
	return nil
}
