package upstream

import "net/netip"

// special are the unicast networks that are not part of the public internet and
// for which netip.Addr has no method, by IANA's registries of special-purpose
// addresses. The networks for documentation (192.0.2.0/24, 2001:db8::/32,
// 3fff::/20 and the like) are not among them: they stand for public addresses in
// tests and examples, and lead nowhere.
var special = [...]netip.Prefix{
	netip.MustParsePrefix("0.0.0.0/8"),      // this network
	netip.MustParsePrefix("100.64.0.0/10"),  // carrier-grade NAT
	netip.MustParsePrefix("192.0.0.0/24"),   // protocol assignments
	netip.MustParsePrefix("192.88.99.0/24"), // relays of 6to4
	netip.MustParsePrefix("198.18.0.0/15"),  // benchmarks
	netip.MustParsePrefix("240.0.0.0/4"),    // reserved, and broadcast
	netip.MustParsePrefix("2001::/23"),      // protocol assignments: Teredo, benchmarks, ORCHIDs
}

// internet contains all public unicast addresses of IPv6 that are assigned so far.
var internet = netip.MustParsePrefix("2000::/3")

// Networks of IPv6 addresses that lead to an IPv4 address inside.
var (
	nat64     = netip.MustParsePrefix("64:ff9b::/96") // RFC 6052: the last 32 bits
	sixToFour = netip.MustParsePrefix("2002::/16")    // RFC 3056: the 32 bits after the prefix
)

// IsPublic reports whether an address belongs to the public internet, and so
// means the same to a third party as to the caller. It is not private, loopback,
// link-local, multicast, unspecified or reserved, nor of carrier-grade NAT or a
// tunnel within a site, and neither is an IPv4 address inside it.
func IsPublic(a netip.Addr) bool {
	if a.Zone() != "" {
		return false
	}
	a = a.Unmap()
	if !a.IsGlobalUnicast() || a.IsPrivate() {
		return false
	}
	for _, network := range special {
		if network.Contains(a) {
			return false
		}
	}
	if a.Is4() {
		return true
	}
	bytes := a.As16()
	switch {
	case isISATAP(bytes):
		return false
	case nat64.Contains(a):
		return IsPublic(netip.AddrFrom4([4]byte(bytes[12:])))
	case sixToFour.Contains(a):
		return IsPublic(netip.AddrFrom4([4]byte(bytes[2:6])))
	default:
		return internet.Contains(a)
	}
}

// isISATAP reports whether the interface identifier of an address is that of a
// tunnel within a site to an IPv4 host (RFC 5214).
func isISATAP(a [16]byte) bool {
	return a[8]&^2 == 0 && a[9] == 0 && a[10] == 0x5e && a[11] == 0xfe
}
