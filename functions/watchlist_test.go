package functions_test

import (
	"path/filepath"
	"testing"

	"github.com/serverless-relay/relay/providers/watchlist/bolt"
	"github.com/serverless-relay/relay/providers/watchlist/dynamo"
	"github.com/serverless-relay/relay/providers/watchlist/dynamo/dynamotest"
	"github.com/serverless-relay/relay/providers/watchlist/entry"
	"github.com/serverless-relay/relay/shared/auth"
	"github.com/serverless-relay/relay/shared/ctim"
)

func init() { prepared["watchlist"] = watchlistEnvironment }

// watchlistEnvironment returns an environment with a watchlist of one entry.
func watchlistEnvironment(t *testing.T) environment {
	t.Helper()
	return environment{
		provider: "watchlist",
		settings: []string{"WATCHLIST_FILE=" + watchlistFile(t), "WATCHLIST_READ_ONLY=true"},
		contains: map[string]string{
			"/health":                 `"status":"ok"`,
			"/deliberate/observables": `"disposition_name":"Malicious"`,
			"/observe/observables":    `"title":"Bad domains"`,
			"/refer/observables":      `https://`,
		},
	}
}

// watchlistFile returns a file with an entry for example.com. As in a deployed package, several functions read it and
// none writes it.
func watchlistFile(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "watchlist.db")
	store, err := bolt.Open(path, bolt.Options{})
	if err != nil {
		t.Fatal(err)
	}
	fill(t, store)
	return path
}

// fill adds an entry for example.com to a store and closes it.
func fill(t *testing.T, store entry.Store) {
	t.Helper()
	_, err := store.Put(t.Context(), []entry.Entry{{
		Observable:  ctim.Observable{Type: ctim.TypeDomain, Value: "example.com"},
		Disposition: ctim.Malicious,
		Priority:    ctim.PriorityCurated,
		Title:       "Bad domains",
		Source:      "Test",
	}})
	if err != nil {
		t.Fatal(err)
	}
	if err := store.Close(); err != nil {
		t.Fatal(err)
	}
}

// A table replaces the file in all functions alike, so it is tested with one of them.
func TestAFunctionWithATable(t *testing.T) {
	t.Parallel()
	table, config := dynamotest.Table(t), dynamotest.Config()
	store, err := dynamo.Open(dynamo.Options{Table: table, AWS: &config})
	if err != nil {
		t.Fatal(err)
	}
	fill(t, store)
	token, err := auth.Sign(secretKey, map[string]any{})
	if err != nil {
		t.Fatal(err)
	}
	process := start(t, binaries(t, []string{"observe"})["observe"],
		append(dynamotest.Environment(table), "SECRET_KEY="+secretKey, "RELAY_PROVIDER=watchlist", "WATCHLIST_READ_ONLY=true")...)
	ask(t, process, routes(watchlistEnvironment(t).contains)["observe"][0], token)
}
