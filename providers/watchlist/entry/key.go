package entry

import (
	"context"
	"net/netip"
	"slices"
	"strings"

	"github.com/nlnwa/whatwg-url/url"

	"github.com/serverless-relay/relay/shared/ctim"
	"github.com/serverless-relay/relay/shared/normalize"
)

// Key is the key of an observable's entries in a store. Observables with the same key
// are the same thing, such as a domain and a host name.
type Key struct {
	Kind  Kind
	Value string
}

// Text returns kind, a zero byte and value.
func (k Key) Text() string { return string(k.Kind) + "\x00" + k.Value }

// compare orders keys by their Text.
func (k Key) compare(other Key) int {
	if k.Kind != other.Kind {
		return strings.Compare(string(k.Kind), string(other.Kind))
	}
	return strings.Compare(k.Value, other.Value)
}

// Kind groups observable types whose values can be equal. For most types it is the
// type itself.
type Kind string

// The kinds that are not observable types.
const (
	// KindIP is a single address of either family.
	KindIP Kind = "ip"
	// KindNetwork is a network of either family.
	KindNetwork Kind = "network"
	// KindDomain is a domain or host name.
	KindDomain Kind = "domain"
)

// KeyOf returns the key of a normalized observable.
func KeyOf(o ctim.Observable) Key {
	switch o.Type {
	case ctim.TypeIP, ctim.TypeIPv6:
		if strings.Contains(o.Value, "/") {
			return Key{KindNetwork, o.Value}
		}
		return Key{KindIP, o.Value}
	case ctim.TypeDomain, ctim.TypeHostname:
		return Key{KindDomain, o.Value}
	case ctim.TypeFileName:
		return Key{Kind(o.Type), strings.ToLower(o.Value)} // as Windows compares
	default:
		return Key{Kind(o.Type), o.Value}
	}
}

// LookupKeys returns the keys of the entries that can cover a normalized observable:
// its own, then those of the networks or domains that contain it, the narrowest first.
// There are at most 33 for IPv4 and 129 for IPv6.
func LookupKeys(o ctim.Observable) []Key {
	own := KeyOf(o)
	if own.Kind == KindDomain {
		return domainKeys(own.Value)
	}
	keys := []Key{own}
	switch {
	case own.Kind == KindIP:
		address, err := netip.ParseAddr(own.Value)
		if err != nil {
			return keys
		}
		keys = slices.Grow(keys, address.BitLen()-1)
		for bits := address.BitLen() - 1; bits > 0; bits-- {
			network, _ := address.Prefix(bits)
			keys = append(keys, Key{KindNetwork, network.String()})
		}
	case o.Type == ctim.TypeURL:
		if parsed, err := url.Parse(own.Value); err == nil {
			if host, err := normalize.Observable(ctim.Observable{Type: ctim.TypeDomain, Value: parsed.Hostname()}); err == nil {
				keys = append(keys, domainKeys(host.Value)...)
			}
		}
	}
	return keys
}

// domainKeys returns the keys of a domain and of its parents, except top-level domains:
// no entry covers all of one, see Entry.Check.
func domainKeys(domain string) []Key {
	keys := append(make([]Key, 0, strings.Count(domain, ".")+1), Key{KindDomain, domain})
	for {
		_, domain, _ = strings.Cut(domain, ".")
		if !strings.Contains(domain, ".") {
			return keys
		}
		keys = append(keys, Key{KindDomain, domain})
	}
}

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

// maxTogether is the number of observables that LookupAll passes to one Get. It bounds memory: an
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
