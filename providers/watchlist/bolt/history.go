package bolt

import (
	"context"
	"encoding/json"
	"iter"

	"github.com/serverless-relay/relay/providers/watchlist/entry"
)

// Record implements entry.Store. It adds all lines or none.
func (s *Store) Record(ctx context.Context, lines ...entry.Change) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	return s.edit(func(w *writer) error {
		for _, line := range lines {
			if err := w.record(line); err != nil {
				return err
			}
		}
		return nil
	})
}

// History implements entry.Store: the lines as they are when the iteration
// begins. It does not delay writers.
func (s *Store) History(ctx context.Context) iter.Seq2[entry.Change, error] {
	return func(yield func(entry.Change, error) bool) {
		err := s.view(func(t *tree) error {
			return t.scanBack(historyBucket, func(id string, content []byte) error {
				if err := ctx.Err(); err != nil {
					return err
				}
				var line entry.Change
				if err := json.Unmarshal(content, &line); err != nil {
					return damaged("change %s of the history can't be read: %w", id, err)
				}
				if !yield(line, nil) {
					return errEnough
				}
				return nil
			})
		})
		if err != nil {
			yield(entry.Change{}, err)
		}
	}
}
