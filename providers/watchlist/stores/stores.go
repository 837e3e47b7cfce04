// Package stores opens the store that the watchlist's settings name.
package stores

import (
	"github.com/serverless-relay/relay/providers/watchlist"
	"github.com/serverless-relay/relay/providers/watchlist/bolt"
	"github.com/serverless-relay/relay/providers/watchlist/dynamo"
)

// Open opens the store of the settings.
func Open(s watchlist.Settings) (watchlist.Store, error) {
	if s.Store == watchlist.StoreDynamoDB {
		return dynamo.Open(dynamo.Options{Table: s.Table, ReadOnly: s.ReadOnly})
	}
	return bolt.Open(s.File, bolt.Options{ReadOnly: s.ReadOnly})
}
