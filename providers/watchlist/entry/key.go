package entry

import (
	"net/netip"
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

// Kind groups observable types whose values can be equal. For most types it is the
// type itself.
type Kind string

// The kinds that are not observable types.
const (
	// KindIP is a single address of either family.
	KindIP Kind = "ip"
	// KindNetwork is a network of either family. Networks have a kind of their own
	// since each lookup of an address needs those that contain it, and there are few.
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

// domainKeys returns the keys of a domain and of its parents.
func domainKeys(domain string) []Key {
	keys := make([]Key, 0, strings.Count(domain, ".")+1)
	for ; domain != ""; domain = parent(domain) {
		keys = append(keys, Key{KindDomain, domain})
	}
	return keys
}

func parent(domain string) string {
	_, above, _ := strings.Cut(domain, ".")
	return above
}
