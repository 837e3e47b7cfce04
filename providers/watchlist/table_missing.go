//go:build nodynamodb

package watchlist

import (
	"errors"

	"github.com/serverless-relay/relay/providers/watchlist/entry"
)

// openTable is for a Lambda that needs no table. AWS's client for DynamoDB would take a
// tenth of its start.
func openTable(Settings) (entry.Store, error) {
	return nil, errors.New("setting WATCHLIST_STORE is dynamodb, but this binary was built without it: deploy again with watchlistStore: dynamodb, or build without -tags nodynamodb")
}
