package normalize

import (
	"net/netip"
	"net/url"
	"strings"

	"github.com/serverless-relay/relay/shared/ctim"
	"github.com/serverless-relay/relay/shared/upstream"
)

// IsPublic reports whether a normalized observable means the same to everybody.
// An address that isn't on the public internet, a network, a name without a dot
// or below a domain that is reserved for private use, and a URL at one of these
// mean something only in the caller's own network.
func IsPublic(o ctim.Observable) bool {
	switch o.Type {
	case ctim.TypeIP, ctim.TypeIPv6:
		a, err := netip.ParseAddr(o.Value)
		return err == nil && upstream.IsPublic(a)
	case ctim.TypeDomain, ctim.TypeHostname:
		return isPublicHost(o.Value)
	case ctim.TypeURL:
		u, err := url.Parse(o.Value)
		return err == nil && isPublicHost(u.Hostname())
	case ctim.TypeEmail:
		_, host, _ := strings.Cut(o.Value, "@")
		return isPublicHost(host)
	default:
		return true
	}
}

// private are the top-level domains that no public name is below: RFC 6762, RFC
// 6761, RFC 8375, and ICANN's resolution of 2024-07-29 about "internal".
var private = [...]string{"local", "localhost", "internal", "home.arpa", "lan", "intranet", "corp", "home"}

func isPublicHost(host string) bool {
	if a, err := netip.ParseAddr(host); err == nil {
		return upstream.IsPublic(a)
	}
	if !strings.Contains(host, ".") {
		return false
	}
	for _, domain := range private {
		if strings.HasSuffix(host, "."+domain) {
			return false
		}
	}
	return true
}
