package bolt

import (
	"context"

	"github.com/serverless-relay/relay/providers/watchlist/entry"
)

var _ entry.Verifier = (*Store)(nil)

// Verify implements entry.Verifier. It reads all pages of the file: each must
// be in one place, and be free or have entries, counters or history.
func (s *Store) Verify(ctx context.Context) error {
	return s.view(func(t *tree) error {
		t.seen = map[uint64]bool{0: true, 1: true}
		for _, name := range buckets() {
			err := t.scan(name, "", func(string, []byte) error { return ctx.Err() })
			if err != nil {
				return err
			}
		}
		free, list, err := t.free()
		if err != nil {
			return err
		}
		for _, id := range append(free, list...) {
			if t.seen[id] {
				return damaged("page %d is in use and free", id)
			}
			t.seen[id] = true
		}
		if uint64(len(t.seen)) != t.pages {
			return damaged("%d of its %d pages are neither in use nor free", t.pages-uint64(len(t.seen)), t.pages)
		}
		return nil
	})
}
