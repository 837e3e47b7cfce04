// Package sample contains a small list to try the watchlist with. Its domains and
// addresses are those reserved for documentation, its hashes are those of the
// EICAR test file.
package sample

import (
	"context"
	_ "embed"
	"strings"

	"github.com/serverless-relay/relay/providers/watchlist/entry"
	"github.com/serverless-relay/relay/providers/watchlist/formats"
)

//go:embed sample.csv
var list string

// Load puts the list into a store.
func Load(ctx context.Context, store entry.Store) (entry.PutResult, error) {
	var entries []entry.Entry
	_, err := formats.Read(ctx, strings.NewReader(list), "sample.csv", formats.Options{}, func(r formats.Record) error {
		if r.Skipped == "" {
			entries = append(entries, r.Entry)
		}
		return nil
	})
	if err != nil {
		return entry.PutResult{}, err
	}
	return store.Put(ctx, entries)
}
