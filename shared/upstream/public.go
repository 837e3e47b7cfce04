package upstream

import "net/netip"

// special are the networks that are not part of the public internet although
// they are unicast and netip.Addr has no method for them: IANA's registries of
// special-purpose addresses. The networks for documentation (192.0.2.0/24,
// 2001:db8::/32 and the like) are left out: they stand for public addresses in
// tests and examples, and lead nowhere.
var special = [...]netip.Prefix{
	netip.MustParsePrefix("0.0.0.0/8"),     // this network
	netip.MustParsePrefix("100.64.0.0/10"), // carrier-grade NAT
	netip.MustParsePrefix("192.0.0.0/24"),  // protocol assignments
	netip.MustParsePrefix("198.18.0.0/15"), // benchmarks
	netip.MustParsePrefix("240.0.0.0/4"),   // reserved, and broadcast
	netip.MustParsePrefix("2001::/32"),     // Teredo
}

// internet is all that IPv6 has of public unicast addresses so far.
var internet = netip.MustParsePrefix("2000::/3")

// Networks of IPv6 addresses with an IPv4 address inside, to which they lead.
var (
	nat64     = netip.MustParsePrefix("64:ff9b::/96") // RFC 6052: the last 32 bits
	sixToFour = netip.MustParsePrefix("2002::/16")    // RFC 3056: the 32 bits after the prefix
)

// IsPublic says whether an address belongs to the public internet: it is not
// private, loopback, link-local, multicast, unspecified, of carrier-grade NAT
// or reserved, and neither is an IPv4 address inside it. Only such an address
// means the same to a third party as to the caller.
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
	case nat64.Contains(a):
		return IsPublic(netip.AddrFrom4([4]byte(bytes[12:])))
	case sixToFour.Contains(a):
		return IsPublic(netip.AddrFrom4([4]byte(bytes[2:6])))
	default:
		return internet.Contains(a)
	}
}
