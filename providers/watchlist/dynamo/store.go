package dynamo

import (
	"context"
	"iter"
	"sync"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/serverless-relay/relay/providers/watchlist/entry"
)

// Get implements entry.Store. What was written a moment ago may be missing.
func (s *Store) Get(ctx context.Context, keys []entry.Key) ([][]entry.Entry, error) {
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
	found := make([][]entry.Entry, len(keys))
	for i, key := range keys {
		if there := items[recordPlace(key)]; there != nil {
			if found[i], err = readEntries(there); err != nil {
				return nil, s.explain(ctx, err)
			}
		}
	}
	return found, nil
}

// Put implements entry.Store.
func (s *Store) Put(ctx context.Context, entries []entry.Entry) (entry.PutResult, error) {
	if err := s.writable(ctx); err != nil {
		return entry.PutResult{}, err
	}
	byKey := map[entry.Key][]entry.Entry{}
	var keys []entry.Key
	for _, e := range entries {
		key := e.Key()
		if byKey[key] == nil {
			keys = append(keys, key)
		}
		byKey[key] = append(byKey[key], e)
	}
	edits := make([]*edit, len(keys))
	results := make([]entry.PutResult, len(keys))
	for i, key := range keys {
		edits[i] = &edit{key: key, change: func(before []entry.Entry) (to changed, err error) {
			to.after, results[i] = entry.Merge(before, byKey[key])
			to.is = results[i].Added+results[i].Updated > 0
			return to, nil
		}}
	}
	err := s.editAll(ctx, edits)
	var total entry.PutResult
	for i, e := range edits {
		if e.done {
			total = total.Plus(results[i])
		}
	}
	return total, s.explain(ctx, err)
}

// Remove implements entry.Store. Of the entries under one key it removes all
// or none.
func (s *Store) Remove(ctx context.Context, keys []entry.Key, remove func(entry.Entry) bool) ([]entry.Entry, error) {
	if err := s.writable(ctx); err != nil {
		return nil, err
	}
	var mu sync.Mutex // remove need not be safe for concurrent use
	var edits []*edit
	there := map[entry.Key]bool{}
	removed := make([][]entry.Entry, len(keys))
	for _, key := range keys {
		if there[key] {
			continue
		}
		there[key] = true
		at := len(edits)
		edits = append(edits, &edit{key: key, change: func(before []entry.Entry) (to changed, err error) {
			mu.Lock()
			defer mu.Unlock()
			removed[at] = nil
			for _, e := range before {
				if remove(e) {
					removed[at] = append(removed[at], e)
				} else {
					to.after = append(to.after, e)
				}
			}
			to.is = len(removed[at]) > 0
			return to, nil
		}})
	}
	err := s.editAll(ctx, edits)
	var all []entry.Entry
	for i, e := range edits {
		if e.done {
			all = append(all, removed[i]...)
		}
	}
	return all, s.explain(ctx, err)
}

// Change implements entry.Store.
func (s *Store) Change(ctx context.Context, key entry.Key, by entry.Note, change func([]entry.Entry) ([]entry.Entry, error)) (done bool, err error) {
	if err := s.writable(ctx); err != nil {
		return false, err
	}
	err = s.editAll(ctx, []*edit{{key: key, change: func(before []entry.Entry) (to changed, err error) {
		var line entry.Change
		if to.after, line, to.is, err = entry.Apply(by, before, change); to.is {
			to.line = &line
		}
		done = to.is
		return to, err
	}}})
	return done && err == nil, s.explain(ctx, err)
}

// All implements entry.Store: in no order, with or without what is written in
// the meantime.
func (s *Store) All(ctx context.Context) iter.Seq2[entry.Entry, error] {
	return func(yield func(entry.Entry, error) bool) {
		fail := func(err error) { yield(entry.Entry{}, s.explain(ctx, err)) }
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
		return s.explain(ctx, entry.ErrReadOnly)
	}
	return nil
}
