package entry

import (
	"context"
	"slices"

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
	return covering(keys, found), nil
}

// maxTogether is how many observables LookupAll gives to one Get. It bounds memory: an
// IPv6 address has 128 keys.
const maxTogether = 100

// LookupAll returns what Lookup does for each of the observables, with as few Gets as
// possible.
func LookupAll(ctx context.Context, store Store, all []ctim.Observable) (map[ctim.Observable][]Entry, error) {
	result := make(map[ctim.Observable][]Entry, len(all))
	for some := range slices.Chunk(all, maxTogether) {
		keys := make([][]Key, len(some))
		for i, o := range some {
			keys[i] = LookupKeys(o)
		}
		found, err := store.Get(ctx, slices.Concat(keys...))
		if err != nil {
			return nil, err
		}
		for i, o := range some {
			n := len(keys[i])
			result[o], found = covering(keys[i], found[:n]), found[n:]
		}
	}
	return result, nil
}

// covering returns the entries that cover an observable, of those under its keys.
func covering(keys []Key, found [][]Entry) []Entry {
	var all []Entry
	for i, entries := range found {
		for _, e := range entries {
			if i == 0 || keys[i].Kind == KindNetwork || e.Subdomains {
				all = append(all, e)
			}
		}
	}
	return all
}
