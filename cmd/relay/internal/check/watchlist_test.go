package check_test

import (
	"path/filepath"
	"testing"
	"time"

	"github.com/serverless-relay/relay/cmd/relay/internal/check"
	"github.com/serverless-relay/relay/providers/watchlist"
	"github.com/serverless-relay/relay/providers/watchlist/sample"
	"github.com/serverless-relay/relay/shared/ctim"
	"github.com/serverless-relay/relay/shared/relay"
)

// sampleWatchlist is the provider that relays have out of the box.
func sampleWatchlist(t testing.TB) relay.Provider {
	t.Helper()
	settings := watchlist.Settings{File: filepath.Join(t.TempDir(), "watchlist.db"), ValidFor: 720 * time.Hour, Search: watchlist.SearchPages()}
	store, err := watchlist.OpenStore(settings)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := sample.Load(t.Context(), store); err != nil {
		t.Fatal(err)
	}
	service := watchlist.New(settings, store)
	t.Cleanup(func() { _ = service.Close() })
	return opened{watchlist.Provider, service}
}

// opened is a provider whose service was opened with settings of a test's own.
type opened struct {
	relay.Provider
	service relay.Service
}

func (o opened) Open(relay.OpenOptions) (relay.Service, error) { return o.service, nil }

// aboutTheSample asks about what is in the sample.
func aboutTheSample() check.Options {
	return check.Options{Observables: []ctim.Observable{{Type: "domain", Value: "malware.example.com"}, {Type: "url", Value: "http://cdn.malware[.]example[.]com/a"}}}
}
