package bolt

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"

	"go.etcd.io/bbolt"

	"github.com/serverless-relay/relay/providers/watchlist"
)

// historyBucket has the lines of the history by their IDs, which sort by time.
var historyBucket = []byte("history")

// Record implements watchlist.Store: all lines are added, or none.
func (s *Store) Record(ctx context.Context, lines ...watchlist.Change) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	return s.edit(func(w *writer) error {
		for _, line := range lines {
			if w.tx.Bucket(historyBucket).Get([]byte(line.ID)) != nil {
				continue
			}
			if err := w.record(line); err != nil {
				return err
			}
		}
		return nil
	})
}

func writeLine(tx *bbolt.Tx, line watchlist.Change) error {
	raw, err := json.Marshal(line)
	if err != nil {
		return err
	}
	return tx.Bucket(historyBucket).Put([]byte(line.ID), raw)
}

// History implements watchlist.Store. The lines are those of the moment at
// which the iteration began; writers don't wait for it.
func (s *Store) History(ctx context.Context) iter.Seq2[watchlist.Change, error] {
	return func(yield func(watchlist.Change, error) bool) {
		err := s.view(func(tx *bbolt.Tx) error {
			cursor := tx.Bucket(historyBucket).Cursor()
			for id, raw := cursor.Last(); id != nil; id, raw = cursor.Prev() {
				if err := ctx.Err(); err != nil {
					return err
				}
				var line watchlist.Change
				if err := json.Unmarshal(raw, &line); err != nil {
					return fmt.Errorf("%w: a line of the history can't be read: %w", watchlist.ErrDamaged, err)
				}
				if !yield(line, nil) {
					return errEnough
				}
			}
			return nil
		})
		if err != nil && !errors.Is(err, errEnough) {
			yield(watchlist.Change{}, err)
		}
	}
}
