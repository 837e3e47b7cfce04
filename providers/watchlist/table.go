//go:build !nodynamodb

package watchlist

import (
	"github.com/serverless-relay/relay/providers/watchlist/dynamo"
	"github.com/serverless-relay/relay/providers/watchlist/entry"
)

func openTable(s Settings) (entry.Store, error) {
	return dynamo.Open(dynamo.Options{Table: s.Table, ReadOnly: s.ReadOnly})
}
