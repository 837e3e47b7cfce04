package normalize

import (
	"net/netip"
	"net/url"
	"strings"

	"github.com/serverless-relay/relay/shared/ctim"
	"github.com/serverless-relay/relay/shared/upstream"
)

// IsPublic reports whether a normalized observable means the same everywhere. It is
// false for values that mean something only in the caller's own network: addresses
// outside the public internet, networks, names without a dot, names below a domain
// for private use, and URLs and e-mail addresses with one of these.
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

// private are domains without public names: those of RFC 6761, RFC 6762, RFC 8375 and
// ICANN's resolution of 2024-07-29, and others that are common in private networks.
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
