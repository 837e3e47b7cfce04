package entry

import (
	"context"

	"github.com/serverless-relay/relay/shared/ctim"
)

// Lookup returns the entries that cover a normalized observable: its own, those of
// networks that contain an address, and those of parent domains with Subdomains. The
// narrowest come first. They include entries that are not valid now, and groups.
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
