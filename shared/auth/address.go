package auth

import (
	"net/http"
	"net/netip"
	"slices"
)

// checkAddress refuses a request that comes from outside the allowed networks.
// The request's RemoteAddr is the only source: a header could be forged. A
// request without an address is refused too, if there are such networks.
func (a *Authenticator) checkAddress(r *http.Request) error {
	if len(a.options.AllowFrom) == 0 {
		return nil
	}
	from, err := remoteAddress(r.RemoteAddr)
	if err != nil {
		return refuseBecause(wrongAddress, "the request has no address, and RELAY_ALLOW_FROM is set")
	}
	if !slices.ContainsFunc(a.options.AllowFrom, func(network netip.Prefix) bool { return network.Contains(from) }) {
		return refuseBecause(wrongAddress, "RELAY_ALLOW_FROM does not contain %s", from)
	}
	return nil
}

// remoteAddress parses a RemoteAddr: an address with a port, as net/http sets
// it, or without, as API Gateway reports it.
func remoteAddress(text string) (netip.Addr, error) {
	address, err := netip.ParseAddr(text)
	if err != nil {
		withPort, err := netip.ParseAddrPort(text)
		if err != nil {
			return netip.Addr{}, err
		}
		address = withPort.Addr()
	}
	return address.Unmap().WithZone(""), nil
}
