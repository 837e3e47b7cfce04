package upstream

import "net/netip"

// special are the unicast networks outside the public internet for which netip.Addr
// has no method, from IANA's registries of special-purpose addresses. Networks for
// documentation (192.0.2.0/24, 2001:db8::/32, 3fff::/20 and the like) are left out:
// in tests and examples they stand for public addresses, and they lead nowhere.
var special = [...]netip.Prefix{
	netip.MustParsePrefix("0.0.0.0/8"),      // this network
	netip.MustParsePrefix("100.64.0.0/10"),  // carrier-grade NAT
	netip.MustParsePrefix("192.0.0.0/24"),   // protocol assignments
	netip.MustParsePrefix("192.88.99.0/24"), // relays of 6to4
	netip.MustParsePrefix("198.18.0.0/15"),  // benchmarks
	netip.MustParsePrefix("240.0.0.0/4"),    // reserved, and broadcast
	netip.MustParsePrefix("2001::/23"),      // protocol assignments: Teredo, benchmarks, ORCHIDs
}

// internet contains all public unicast addresses of IPv6 that have been assigned.
var internet = netip.MustParsePrefix("2000::/3")

// Networks of IPv6 addresses that contain an IPv4 address.
var (
	nat64     = netip.MustParsePrefix("64:ff9b::/96") // RFC 6052: the last 32 bits
	sixToFour = netip.MustParsePrefix("2002::/16")    // RFC 3056: the 32 bits after the prefix
)

// IsPublic reports whether an address is on the public internet, so that it means
// the same to a third party as to the caller. It is false for addresses that are
// private, loopback, link-local, multicast, unspecified, reserved, of carrier-grade
// NAT or of a tunnel within a site, and for IPv6 addresses that contain one of these.
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
