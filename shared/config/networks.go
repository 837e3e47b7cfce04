package config

import (
	"errors"
	"net/netip"
	"strings"
)

// Networks are IP networks. A single address is a network of one.
type Networks []netip.Prefix

// UnmarshalText parses addresses and networks in CIDR notation, separated by
// commas with or without space. The error doesn't quote the text.
func (n *Networks) UnmarshalText(text []byte) error {
	*n = nil
	for item := range strings.SplitSeq(string(text), ",") {
		network, err := parseNetwork(strings.TrimSpace(item))
		// A network of IPv4 in IPv6 would never match: requests come from IPv4.
		if err != nil || network.Addr().Is4In6() {
			return errors.New("config: not addresses and networks")
		}
		*n = append(*n, network.Masked())
	}
	return nil
}

func parseNetwork(text string) (netip.Prefix, error) {
	if strings.Contains(text, "/") {
		return netip.ParsePrefix(text)
	}
	address, err := netip.ParseAddr(text)
	if err != nil || address.Zone() != "" {
		return netip.Prefix{}, errors.New("config: not an address")
	}
	return address.Unmap().Prefix(address.Unmap().BitLen())
}
