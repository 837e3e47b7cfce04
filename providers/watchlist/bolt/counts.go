package bolt

import (
	"context"
	"strings"
	"time"

	"github.com/serverless-relay/relay/providers/watchlist/entry"
)

// Counts implements entry.Store.
func (s *Store) Counts(ctx context.Context, event entry.Event, from time.Time) (counts entry.Counts, err error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	err = s.view(func(t *tree) error {
		counts, err = readCounts(t, entry.Counter{Event: event, Hour: from})
		return err
	})
	return counts, err
}

// readCounts returns the counts of an event from an hour on, or all.
func readCounts(t *tree, from entry.Counter) (entry.Counts, error) {
	prefix := string(from.Event) + "#"
	first := prefix
	if !from.Hour.IsZero() {
		first = from.String()
	}
	counts := entry.Counts{}
	err := t.scan(countsBucket, first, func(key string, content []byte) error {
		if !strings.HasPrefix(key, prefix) {
			return errEnough
		}
		counter, err := entry.ParseCounter(key)
		if err != nil {
			return damaged("%w", err)
		}
		counts[counter] = int(parseNumber(content))
		return nil
	})
	return counts, err
}
