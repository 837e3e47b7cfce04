package formats

import (
	"errors"
	"net/netip"
	"strings"

	"github.com/serverless-relay/relay/shared/ctim"
	"github.com/serverless-relay/relay/shared/normalize"
)

var errRange = errors.New("not a range of addresses")

// readRange returns the fewest networks that cover a range of addresses, from first to
// last.
func readRange(first, last string) ([]reading, error) {
	from, err := netip.ParseAddr(strings.TrimSpace(first))
	if err != nil {
		return nil, errRange
	}
	to, err := netip.ParseAddr(strings.TrimSpace(last))
	if err != nil || from.Is4() != to.Is4() || to.Less(from) || from.Zone() != "" {
		return nil, errRange
	}
	var networks []reading
	for {
		network := widestAt(from, to)
		o, err := normalize.Observable(ctim.Observable{Type: ctim.TypeIP, Value: network.String()})
		if err != nil {
			return nil, err
		}
		networks = append(networks, reading{observable: o})
		end := lastOf(network)
		if !end.Less(to) {
			return networks, nil
		}
		from = end.Next()
	}
}

// widestAt returns the widest network that begins at an address and doesn't exceed
// another.
func widestAt(from, to netip.Addr) netip.Prefix {
	bits := from.BitLen()
	for bits > 0 {
		wider := netip.PrefixFrom(from, bits-1)
		if wider.Masked().Addr() != from || to.Less(lastOf(wider)) {
			break
		}
		bits--
	}
	return netip.PrefixFrom(from, bits)
}

// lastOf returns the last address of a network.
func lastOf(network netip.Prefix) netip.Addr {
	raw := network.Addr().AsSlice()
	for bit := network.Bits(); bit < 8*len(raw); bit++ {
		raw[bit/8] |= 1 << (7 - bit%8)
	}
	last, _ := netip.AddrFromSlice(raw)
	return last
}
