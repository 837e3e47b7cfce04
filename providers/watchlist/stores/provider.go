package stores

import "github.com/serverless-relay/relay/providers/watchlist"

// Provider is the watchlist with its stores.
var Provider = watchlist.Provider{Stores: Open}
