package dynamo

import (
	"context"
	"iter"
	"sync"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/serverless-relay/relay/providers/watchlist"
)

// Get implements watchlist.Store. What was written a moment ago may be missing.
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
		if there := items[recordPlace(key)]; there != nil {
			if found[i], err = readEntries(there); err != nil {
				return nil, s.explain(ctx, err)
			}
		}
	}
	return found, nil
}

// Put implements watchlist.Store.
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
	edits := make([]*edit, len(keys))
	results := make([]watchlist.PutResult, len(keys))
	for i, key := range keys {
		edits[i] = &edit{key: key, change: func(before []watchlist.Entry) (to changed, err error) {
			to.after, results[i] = watchlist.Place(before, byKey[key])
			to.is = results[i].Added+results[i].Updated > 0
			return to, nil
		}}
	}
	err := s.editAll(ctx, edits)
	var total watchlist.PutResult
	for i, e := range edits {
		if e.done {
			total = total.Plus(results[i])
		}
	}
	return total, s.explain(ctx, err)
}

// Remove implements watchlist.Store. Of the entries under one key it removes all
// or none.
func (s *Store) Remove(ctx context.Context, keys []watchlist.Key, remove func(watchlist.Entry) bool) ([]watchlist.Entry, error) {
	if err := s.writable(ctx); err != nil {
		return nil, err
	}
	var mu sync.Mutex // remove need not be safe for concurrent use
	var edits []*edit
	there := map[watchlist.Key]bool{}
	removed := make([][]watchlist.Entry, len(keys))
	for _, key := range keys {
		if there[key] {
			continue
		}
		there[key] = true
		at := len(edits)
		edits = append(edits, &edit{key: key, change: func(before []watchlist.Entry) (to changed, err error) {
			mu.Lock()
			defer mu.Unlock()
			removed[at] = nil
			for _, entry := range before {
				if remove(entry) {
					removed[at] = append(removed[at], entry)
				} else {
					to.after = append(to.after, entry)
				}
			}
			to.is = len(removed[at]) > 0
			return to, nil
		}})
	}
	err := s.editAll(ctx, edits)
	var all []watchlist.Entry
	for i, e := range edits {
		if e.done {
			all = append(all, removed[i]...)
		}
	}
	return all, s.explain(ctx, err)
}

// Change implements watchlist.Store.
func (s *Store) Change(ctx context.Context, key watchlist.Key, by watchlist.Note, change func([]watchlist.Entry) ([]watchlist.Entry, error)) (done bool, err error) {
	if err := s.writable(ctx); err != nil {
		return false, err
	}
	err = s.editAll(ctx, []*edit{{key: key, change: func(before []watchlist.Entry) (to changed, err error) {
		var line watchlist.Change
		if to.after, line, to.is, err = watchlist.Apply(by, before, change); to.is {
			to.line = &line
		}
		done = to.is
		return to, err
	}}})
	return done && err == nil, s.explain(ctx, err)
}

// All implements watchlist.Store: in no order, with or without what is written in
// the meantime.
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

// writable returns an error if nothing can be written.
func (s *Store) writable(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return s.explain(ctx, err)
	}
	if s.readOnly {
		return s.explain(ctx, watchlist.ErrReadOnly)
	}
	return nil
}
