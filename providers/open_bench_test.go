package providers

import (
	"strings"
	"testing"

	"github.com/serverless-relay/relay/shared/config"
)

// BenchmarkOpen compares a start with one provider and with all that call third parties.
func BenchmarkOpen(b *testing.B) {
	for name, list := range map[string]string{"one": "misp", "all": strings.TrimSuffix(strings.Join(Names(), ","), ",watchlist")} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if _, err := Open(config.Relay{Provider: list}, nil); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
