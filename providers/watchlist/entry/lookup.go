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
// possible. Keys that several share, such as that of a parent domain, are read once.
func LookupAll(ctx context.Context, store Store, all []ctim.Observable) (map[ctim.Observable][]Entry, error) {
	result := make(map[ctim.Observable][]Entry, len(all))
	for some := range slices.Chunk(all, maxTogether) {
		var keys []Key
		place := map[Key]int{} // in keys
		for _, o := range some {
			for _, key := range LookupKeys(o) {
				if _, known := place[key]; !known {
					place[key] = len(keys)
					keys = append(keys, key)
				}
			}
		}
		found, err := store.Get(ctx, keys)
		if err != nil {
			return nil, err
		}
		for _, o := range some {
			own := LookupKeys(o)
			entries := make([][]Entry, len(own))
			for i, key := range own {
				entries[i] = found[place[key]]
			}
			result[o] = covering(own, entries)
		}
	}
	return result, nil
}

// covering returns those of the entries under an observable's keys that cover it.
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
