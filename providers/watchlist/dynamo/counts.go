package dynamo

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"golang.org/x/sync/errgroup"

	"github.com/serverless-relay/relay/providers/watchlist"
	"github.com/serverless-relay/relay/shared/ctim"
)

// Counters of one event, hour and lane are the numbers of one item. They are
// named by type and disposition, such as "ip#2"; no other attribute has a "#".

// counterPlace is the item that has a counter.
func counterPlace(c watchlist.Counter, lane int) place {
	return place{countsPartition(c.Event), watchlist.HourKey(c.Hour) + "#" + strconv.Itoa(lane)}
}

func countsPartition(event watchlist.Event) string { return "count#" + string(event) }

// column is a counter's attribute.
func column(c watchlist.Counter) string {
	return string(c.Type) + "#" + strconv.Itoa(int(c.Disposition))
}

// readColumn reads a counter's attribute; ok is false for another attribute.
func readColumn(name string, c *watchlist.Counter) (ok bool) {
	at := strings.LastIndexByte(name, '#')
	if at < 0 {
		return false
	}
	disposition, err := strconv.Atoi(name[at+1:])
	c.Type, c.Disposition = ctim.ObservableType(name[:at]), ctim.Disposition(disposition)
	return err == nil
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
func (s *Store) Counts(ctx context.Context, event watchlist.Event, from time.Time) ([]watchlist.Count, error) {
	if err := ctx.Err(); err != nil {
		return nil, s.explain(ctx, err)
	}
	condition, values := "#pk = :pk", item{":pk": text(countsPartition(event))}
	names := map[string]string{"#pk": partitionKey}
	if !from.IsZero() {
		condition += " AND #sk >= :from"
		names["#sk"], values[":from"] = sortKey, text(watchlist.HourKey(from))
	}
	sums := watchlist.Tally{}
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
			if err := readCounters(i, event, sums); err != nil {
				return nil, s.explain(ctx, err)
			}
		}
	}
	var counts []watchlist.Count
	for c, n := range sums {
		counts = append(counts, watchlist.Count{Hour: c.Hour, Type: c.Type, Disposition: c.Disposition, N: n})
	}
	slices.SortFunc(counts, func(a, b watchlist.Count) int {
		return cmp.Or(cmp.Compare(watchlist.HourKey(a.Hour), watchlist.HourKey(b.Hour)), cmp.Compare(a.Type, b.Type), cmp.Compare(a.Disposition, b.Disposition))
	})
	return counts, nil
}

// readCounters adds up the counters of an item.
func readCounters(i item, event watchlist.Event, sums watchlist.Tally) error {
	key, _, _ := strings.Cut(textOf(i, sortKey), "#")
	hour, err := watchlist.ParseHourKey(key)
	if err != nil {
		return damaged(i, sortKey, err)
	}
	for name := range i {
		c := watchlist.Counter{Event: event, Hour: hour}
		if !readColumn(name, &c) {
			continue
		}
		n, err := numberOf(i, name)
		if err != nil {
			return err
		}
		sums.Plus(watchlist.Tally{c: int(n)})
	}
	return nil
}

// tally is a watchlist.Tally that can be written as JSON: numbers by event,
// hour, type and disposition, such as "added#2026-01-02T15#ip#2".
type tally watchlist.Tally

// MarshalJSON implements json.Marshaler.
func (t tally) MarshalJSON() ([]byte, error) {
	named := make(map[string]int, len(t))
	for c, n := range t {
		named[string(c.Event)+"#"+watchlist.HourKey(c.Hour)+"#"+column(c)] = n
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
		event, rest, _ := strings.Cut(name, "#")
		hour, rest, _ := strings.Cut(rest, "#")
		c := watchlist.Counter{Event: watchlist.Event(event)}
		var err error
		if c.Hour, err = watchlist.ParseHourKey(hour); err != nil || !readColumn(rest, &c) {
			return fmt.Errorf("%q is not a counter", name)
		}
		(*t)[c] = n
	}
	return nil
}
