package entry

import (
	"context"

	"github.com/serverless-relay/relay/shared/ctim"
)

// Lookup gives the entries that count for a normalized observable: its own,
// those of networks around an address, and those of domains above it that
// cover what is below. The narrowest come first. Entries that are not valid
// now are among them, and groups of which this is only one part.
func Lookup(ctx context.Context, store Store, o ctim.Observable) ([]Entry, error) {
	keys := LookupKeys(o)
	found, err := store.Get(ctx, keys)
	if err != nil {
		return nil, err
	}
	var all []Entry
	for i, entries := range found {
		for _, e := range entries {
			if i == 0 || keys[i].Kind == KindNetwork || e.Subdomains {
				all = append(all, e)
			}
		}
	}
	return all, nil
}
