package watchlist_test

import (
	"bytes"
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"

	"go.uber.org/zap"

	"github.com/serverless-relay/relay/providers"
	"github.com/serverless-relay/relay/providers/watchlist/bolt"
	"github.com/serverless-relay/relay/providers/watchlist/sample"
	"github.com/serverless-relay/relay/shared/auth"
	"github.com/serverless-relay/relay/shared/config"
	"github.com/serverless-relay/relay/shared/gateway"
)

// BenchmarkObserve measures a warm request of the function "observe" about a listed
// domain, from API Gateway's event to the response.
func BenchmarkObserve(b *testing.B) {
	file := filepath.Join(b.TempDir(), "watchlist.db")
	b.Setenv("WATCHLIST_FILE", file)
	store, err := bolt.Open(file, bolt.Options{})
	if err != nil {
		b.Fatal(err)
	}
	if _, err := sample.Load(b.Context(), store); err != nil {
		b.Fatal(err)
	}
	if err := store.Close(); err != nil {
		b.Fatal(err)
	}
	key := strings.Repeat("k", 64)
	r, err := providers.Open(config.Relay{SecretKey: key, Provider: "watchlist", Concurrency: 10}, zap.NewNop())
	if err != nil {
		b.Fatal(err)
	}
	token, err := auth.Sign(key, nil)
	if err != nil {
		b.Fatal(err)
	}
	event, err := json.Marshal(map[string]any{
		"version": "2.0", "routeKey": "POST /observe/observables", "rawPath": "/observe/observables",
		"headers":        map[string]string{"authorization": "Bearer " + token, "content-type": "application/json"},
		"requestContext": map[string]any{"domainName": "abc.example", "stage": "$default", "http": map[string]string{"method": "POST"}},
		"body":           `[{"type":"domain","value":"malware.example.com"}]`,
	})
	if err != nil {
		b.Fatal(err)
	}
	observe := gateway.Function{Handler: r[0].Observe()}
	b.ReportAllocs()
	for b.Loop() {
		answer, err := observe.Invoke(b.Context(), event)
		if err != nil || !bytes.Contains(answer, []byte("Malicious")) {
			b.Fatalf("%s, %v", answer, err)
		}
	}
}
