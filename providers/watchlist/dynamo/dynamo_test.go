package dynamo_test

import (
	"net/http"
	"testing"

	"github.com/serverless-relay/relay/providers/watchlist/dynamo"
	"github.com/serverless-relay/relay/providers/watchlist/dynamo/dynamotest"
	"github.com/serverless-relay/relay/providers/watchlist/entry"
	"github.com/serverless-relay/relay/providers/watchlist/storetest"
)

// open opens a table, through a transport if there is one.
func open(t testing.TB, table string, through http.RoundTripper) *dynamo.Store {
	t.Helper()
	reach := dynamotest.Config()
	if through != nil {
		reach.HTTPClient = &http.Client{Transport: through}
	}
	store, err := dynamo.Open(dynamo.Options{Table: table, AWS: &reach})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = store.Close() })
	return store
}

func TestStore(t *testing.T) {
	storetest.Run(t, func(t *testing.T) entry.Store { return open(t, dynamotest.Table(t), nil) })
}
