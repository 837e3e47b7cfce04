//go:build !race

package bolt_test

import (
	"path/filepath"
	"testing"

	"github.com/serverless-relay/relay/providers/watchlist/bolt"
	"github.com/serverless-relay/relay/providers/watchlist/storetest"
)

// The race detector makes this ten times slower, and one goroutine has no races.
func TestLargeList(t *testing.T) {
	storetest.Many(t, open(t, filepath.Join(t.TempDir(), "watchlist.db"), bolt.Options{}), 1_000_000, 50_000)
}
