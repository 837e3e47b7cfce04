package formats

import (
	"errors"
	"net/netip"
	"strconv"
	"strings"

	"github.com/serverless-relay/relay/shared/ctim"
	"github.com/serverless-relay/relay/shared/mispevent"
	"github.com/serverless-relay/relay/shared/normalize"
)

// Kinds of values of which each value shows its type.
const (
	// anyAddress is an address, network, domain or URL.
	anyAddress ctim.ObservableType = "address"
	// anyHash is a hash of a file, of the type that its length shows.
	anyHash ctim.ObservableType = "hash"
	// anyFile is a hash, a path or a name of a file.
	anyFile ctim.ObservableType = "file"
	// anyRange is two addresses with a hyphen between them.
	anyRange ctim.ObservableType = "range"
)

// family returns the kind that stands for all kinds that publishers confuse. The value
// shows the right one: an address in a column of domains is read as an address.
func family(kind ctim.ObservableType) ctim.ObservableType {
	switch kind {
	case ctim.TypeIP, ctim.TypeIPv6, ctim.TypeDomain, ctim.TypeHostname, ctim.TypeURL, anyAddress:
		return anyAddress
	case ctim.TypeMD5, ctim.TypeSHA1, ctim.TypeSHA256, anyHash:
		return anyHash
	}
	return kind
}

// reading is a parsed value.
type reading struct {
	observable ctim.Observable
	// subdomains is set for a domain with a wildcard.
	subdomains bool
	// note is the rest of the value in words, such as "Port 80."
	note string
}

// readValue parses a value of a kind: a type of CTIM, one of the kinds above, or "" if
// it is unknown.
func readValue(kind ctim.ObservableType, text string) (reading, error) {
	var r reading
	value := strings.TrimSpace(text)
	if kind == "" || isDomain(kind) || kind == anyAddress {
		value, r.subdomains = trimWildcard(value)
	}
	if family(kind) == "" || family(kind) == anyHash { // "SHA1: da39a3ee..."
		if name, hash, found := strings.Cut(value, ":"); found && len(name) < 10 && family(kindNames[plainName(name)]) == anyHash {
			value = strings.TrimSpace(hash)
		}
	}
	var err error
	switch family(kind) {
	case "":
		r.observable, r.note, err = detect(value)
	case anyHash:
		r.observable, err = readHash(kind, value)
	case anyFile:
		if r.observable, err = readHash(anyHash, value); err != nil {
			r.observable, err = normalize.Observable(mispevent.FileOrPath(value))
		}
	case anyAddress:
		r.observable, r.note, err = readAddress(kind, value)
	default:
		r.observable, err = normalize.Observable(ctim.Observable{Type: kind, Value: value})
	}
	if err == nil && r.subdomains && !isDomain(r.observable.Type) {
		err = errWildcard
	}
	return r, err
}

var errWildcard = errors.New("a wildcard before a value that is not a domain")

// trimWildcard removes "*." or "." from the start of a domain.
func trimWildcard(value string) (domain string, found bool) {
	if rest, found := strings.CutPrefix(value, "*."); found {
		return rest, true
	}
	return strings.CutPrefix(value, ".")
}

// readHash parses a hash. Its length decides: an SHA-1 in a column of MD5 is an SHA-1.
func readHash(kind ctim.ObservableType, value string) (ctim.Observable, error) {
	if o, err := normalize.Detect(value); err == nil && family(o.Type) == anyHash {
		return o, nil
	}
	if kind == anyHash {
		return ctim.Observable{}, errors.New("not an MD5, SHA-1 or SHA-256 hash")
	}
	return normalize.Observable(ctim.Observable{Type: kind, Value: value})
}

// readAddress parses an address, domain or URL. If it is not of its kind, it may be one
// of the others.
func readAddress(kind ctim.ObservableType, value string) (ctim.Observable, string, error) {
	kindErr := errors.New("not an address, domain or URL")
	if kind != anyAddress {
		var o ctim.Observable
		if o, kindErr = normalize.Observable(ctim.Observable{Type: kind, Value: value}); kindErr == nil {
			return o, "", nil
		}
	}
	o, note, err := detect(value)
	if err != nil || family(o.Type) != anyAddress {
		return ctim.Observable{}, "", kindErr
	}
	return o, note, nil
}

// detect is normalize.Detect for a value that may have a port, which becomes the note.
func detect(value string) (o ctim.Observable, note string, err error) {
	if o, err = detectBare(value); err == nil {
		return o, "", nil
	}
	value = strings.ReplaceAll(value, "[:]", ":")
	colon := strings.LastIndexByte(value, ':')
	if colon <= 0 {
		return o, "", err
	}
	port, portErr := strconv.ParseUint(strings.TrimSpace(value[colon+1:]), 10, 16)
	if portErr != nil {
		return o, "", err
	}
	host, hostErr := detectBare(value[:colon])
	if hostErr != nil || host.Type == ctim.TypeURL || family(host.Type) != anyAddress {
		return o, "", err
	}
	return host, "Port " + strconv.FormatUint(port, 10) + ".", nil
}

// fullStops replaces the full stops of East Asian scripts, as UTS #46 does in names.
var fullStops = strings.NewReplacer("\u3002", ".", "\uff0e", ".", "\uff61", ".")

// detectBare is normalize.Detect for a value that may have the brackets that an IPv6
// address needs before a port, or full stops of East Asian scripts.
func detectBare(value string) (ctim.Observable, error) {
	o, err := normalize.Detect(value)
	if err == nil {
		return o, nil
	}
	mended := fullStops.Replace(value)
	if inside, found := strings.CutPrefix(value, "["); found {
		mended = strings.TrimSuffix(inside, "]")
		if _, addressErr := netip.ParseAddr(mended); addressErr != nil {
			return o, err // the heading of a section, say
		}
	}
	if mended != value {
		if o, err := normalize.Detect(mended); err == nil {
			return o, nil
		}
	}
	return o, err
}

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
