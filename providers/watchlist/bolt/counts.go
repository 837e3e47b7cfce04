package bolt

import (
	"context"
	"strings"
	"time"

	"github.com/serverless-relay/relay/providers/watchlist"
)

// Counts implements watchlist.Store.
func (s *Store) Counts(ctx context.Context, event watchlist.Event, from time.Time) (counts watchlist.Counts, err error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	err = s.view(func(t *tree) error {
		counts, err = readCounts(t, watchlist.Counter{Event: event, Hour: from})
		return err
	})
	return counts, err
}

// readCounts returns the counts of an event from an hour on, or all.
func readCounts(t *tree, from watchlist.Counter) (watchlist.Counts, error) {
	prefix := string(from.Event) + "#"
	first := prefix
	if !from.Hour.IsZero() {
		first = from.String()
	}
	counts := watchlist.Counts{}
	err := t.scan(countsBucket, first, func(key string, content []byte) error {
		if !strings.HasPrefix(key, prefix) {
			return errEnough
		}
		counter, err := watchlist.ParseCounter(key)
		if err != nil {
			return damaged("%w", err)
		}
		counts[counter] = int(parseNumber(content))
		return nil
	})
	return counts, err
}
