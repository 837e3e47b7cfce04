package dynamo

import (
	"context"
	"iter"
	"sync"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/serverless-relay/relay/providers/watchlist"
)

// Get implements watchlist.Store. What was written a moment ago may be missing
// from it.
func (s *Store) Get(ctx context.Context, keys []watchlist.Key) ([][]watchlist.Entry, error) {
	if err := ctx.Err(); err != nil {
		return nil, s.explain(ctx, err)
	}
	places := make([]place, len(keys))
	for i, key := range keys {
		places[i] = recordPlace(key)
	}
	items, err := s.fetch(ctx, places, false, entriesName)
	if err != nil {
		return nil, s.explain(ctx, err)
	}
	found := make([][]watchlist.Entry, len(keys))
	for i, key := range keys {
		if found[i], err = readEntries(items[recordPlace(key)]); err != nil {
			return nil, s.explain(ctx, err)
		}
	}
	return found, nil
}

// Put implements watchlist.Store. Where it fails, those entries are not counted
// yet whose batch was cut off; the same Put again counts them.
func (s *Store) Put(ctx context.Context, entries []watchlist.Entry) (watchlist.PutResult, error) {
	if err := s.writable(ctx); err != nil {
		return watchlist.PutResult{}, err
	}
	byKey := map[watchlist.Key][]watchlist.Entry{}
	var keys []watchlist.Key
	for _, e := range entries {
		key := e.Key()
		if byKey[key] == nil {
			keys = append(keys, key)
		}
		byKey[key] = append(byKey[key], e)
	}
	tasks := make([]*task, len(keys))
	results := make([]watchlist.PutResult, len(keys))
	for i, key := range keys {
		tasks[i] = &task{key: key, edit: func(before []watchlist.Entry) (e edited, err error) {
			e.after, results[i] = watchlist.Place(before, byKey[key])
			e.changed = results[i].Added+results[i].Updated > 0
			return e, nil
		}}
	}
	err := s.rewriteAll(ctx, tasks)
	var total watchlist.PutResult
	for i, t := range tasks {
		if t.stored {
			total = total.Plus(results[i])
		}
	}
	return total, s.explain(ctx, err)
}

// Remove implements watchlist.Store: of the entries under one key all are
// removed, or none.
func (s *Store) Remove(ctx context.Context, keys []watchlist.Key, remove func(watchlist.Entry) bool) ([]watchlist.Entry, error) {
	if err := s.writable(ctx); err != nil {
		return nil, err
	}
	var mu sync.Mutex // remove need not be safe for concurrent use
	var tasks []*task
	there := map[watchlist.Key]bool{}
	removed := make([][]watchlist.Entry, len(keys))
	for _, key := range keys {
		if there[key] {
			continue
		}
		there[key] = true
		at := len(tasks)
		tasks = append(tasks, &task{key: key, edit: func(before []watchlist.Entry) (e edited, err error) {
			mu.Lock()
			defer mu.Unlock()
			removed[at] = nil
			for _, entry := range before {
				if remove(entry) {
					removed[at] = append(removed[at], entry)
				} else {
					e.after = append(e.after, entry)
				}
			}
			e.changed = len(removed[at]) > 0
			return e, nil
		}})
	}
	err := s.rewriteAll(ctx, tasks)
	var all []watchlist.Entry
	for i, t := range tasks {
		if t.stored {
			all = append(all, removed[i]...)
		}
	}
	return all, s.explain(ctx, err)
}

// Change implements watchlist.Store.
func (s *Store) Change(ctx context.Context, key watchlist.Key, by watchlist.Note, edit func([]watchlist.Entry) ([]watchlist.Entry, error)) (done bool, err error) {
	if err := s.writable(ctx); err != nil {
		return false, err
	}
	t := &task{key: key, edit: func(before []watchlist.Entry) (e edited, err error) {
		var line watchlist.Change
		if e.after, line, e.changed, err = watchlist.Apply(by, before, edit); e.changed {
			e.line = &line
		}
		done = e.changed
		return e, err
	}}
	err = s.rewriteAll(ctx, []*task{t})
	return done && err == nil, s.explain(ctx, err)
}

// All implements watchlist.Store: in no order, and with what is written while
// they are read or without.
func (s *Store) All(ctx context.Context) iter.Seq2[watchlist.Entry, error] {
	return func(yield func(watchlist.Entry, error) bool) {
		fail := func(err error) { yield(watchlist.Entry{}, s.explain(ctx, err)) }
		attributes, aliases := projection([]string{entriesName})
		filter := "#" + sortKey + " = :entries"
		pages := dynamodb.NewScanPaginator(s.client, &dynamodb.ScanInput{
			TableName: &s.table, ProjectionExpression: attributes, FilterExpression: &filter,
			ExpressionAttributeNames:  aliases,
			ExpressionAttributeValues: item{":entries": text(entriesSort)},
		})
		for pages.HasMorePages() {
			page, err := pages.NextPage(ctx)
			if err != nil {
				fail(err)
				return
			}
			for _, i := range page.Items {
				entries, err := readEntries(i)
				if err != nil {
					fail(err)
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
}

// writable says why nothing can be written.
func (s *Store) writable(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return s.explain(ctx, err)
	}
	if s.readOnly {
		return s.explain(ctx, watchlist.ErrReadOnly)
	}
	return nil
}
