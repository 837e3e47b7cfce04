package formats

import (
	"errors"
	"net/netip"
	"strconv"
	"strings"
	"unicode"

	"go4.org/netipx"

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

// family returns the same kind for all kinds that publishers confuse. The value shows
// the right one: an address in a column of domains is read as an address.
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
	value, wildcard := strings.TrimFunc(text, isInvisible), false
	switch family(kind) {
	case "", anyAddress, anyHash:
		if bare := strings.TrimLeft(value, quotes); bare != value { // a URL may end in a quote
			value = strings.TrimRight(bare, quotes)
		}
	}
	if kind == "" || isDomain(kind) || kind == anyAddress {
		value, wildcard = trimWildcard(value)
	}
	var r reading
	var err error
	switch family(kind) {
	case "":
		if r, err = detect(value); err == nil && isOneLabel(r.observable) {
			err = errors.New(oneLabelProblem)
		}
	case anyHash:
		r.observable, err = readHash(kind, value)
	case anyFile:
		if r.observable, err = readHash(anyHash, value); err != nil {
			r.observable, err = normalize.Observable(mispevent.FileOrPath(value))
		}
	case anyAddress:
		r, err = readAddress(kind, value)
	default:
		r.observable, err = normalize.Observable(ctim.Observable{Type: kind, Value: value})
	}
	if name, rest, found := strings.Cut(value, ":"); err != nil && found && (kind == "" || family(kind) == anyHash) { // "SHA1: da39a3ee..."
		switch family(kindNames[plainName(name)]) {
		case anyHash, anyAddress:
			if labelled, err := readValue(kind, rest); err == nil {
				return labelled, nil
			}
		}
	}
	if r.subdomains = wildcard; err == nil && wildcard && !isDomain(r.observable.Type) {
		err = errors.New("a wildcard beside a value that is not a domain")
	}
	return r, err
}

// quotes are the marks around values in texts and Markdown.
const quotes = "\"'`<>\u201c\u201d\u2018\u2019\u00ab\u00bb"

// isInvisible reports whether a character is space or has no visible form, such as a byte
// order mark or a zero-width space, which are pasted with texts.
func isInvisible(r rune) bool { return unicode.IsSpace(r) || unicode.Is(unicode.Cf, r) }

// trimWildcard removes "*." or "." from the start of a domain. "*.a.example/*", as lists for
// proxies have it, is such a domain too.
func trimWildcard(value string) (domain string, found bool) {
	if host, found := strings.CutSuffix(value, "/*"); found {
		if _, rest, hasScheme := strings.Cut(host, "://"); hasScheme {
			host = rest
		}
		if !strings.Contains(host, "/") {
			domain, _ := trimWildcard(host)
			return domain, true
		}
	}
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
func readAddress(kind ctim.ObservableType, value string) (r reading, err error) {
	err = errors.New("not an address, domain or URL")
	if kind != anyAddress {
		if r.observable, err = normalize.Observable(ctim.Observable{Type: kind, Value: value}); err == nil {
			return r, nil
		}
	}
	if r, otherErr := detect(value); otherErr == nil && family(r.observable.Type) == anyAddress {
		return r, nil
	}
	return reading{}, err
}

// detect is normalize.Detect for a value that may have a port, which becomes the note.
func detect(value string) (reading, error) {
	o, err := detectBare(value)
	if err != nil {
		value = strings.ReplaceAll(value, "[:]", ":")
		colon := max(0, strings.LastIndexByte(value, ':'))
		port, portErr := strconv.ParseUint(strings.TrimSpace(strings.TrimPrefix(value[colon:], ":")), 10, 16)
		host, hostErr := detectBare(value[:colon])
		if portErr == nil && hostErr == nil && host.Type != ctim.TypeURL && family(host.Type) == anyAddress {
			return reading{observable: host, note: "Port " + strconv.FormatUint(port, 10) + "."}, nil
		}
	}
	return reading{observable: o}, err
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

// readRange returns the fewest networks that cover a range of addresses: two with a
// hyphen between them.
func readRange(text string) (networks []reading, err error) {
	addresses, err := netipx.ParseIPRange(text)
	if err != nil {
		return nil, errors.New("not a range of addresses")
	}
	for _, network := range addresses.Prefixes() {
		o, err := normalize.Observable(ctim.Observable{Type: ctim.TypeIP, Value: network.String()})
		if err != nil {
			return nil, err
		}
		networks = append(networks, reading{observable: o})
	}
	return networks, nil
}
