package normalize

import (
	"errors"
	"strings"

	"golang.org/x/net/publicsuffix"

	"github.com/serverless-relay/relay/shared/ctim"
)

// Detect returns a value without a type as a normalized observable: an address or
// network, URL, e-mail address, hash (by its length) or domain. A domain must end in a
// top-level domain or a special-use name, because other words with a dot are often
// file names.
func Detect(value string) (ctim.Observable, error) {
	value = refang(strings.TrimSpace(value))
	host, _, hasPath := cutAny(value, "/?")
	var guess ctim.ObservableType
	switch {
	case looksLikeIP(value):
		guess = ctim.TypeIP
	case strings.Contains(value, "://"):
		guess = ctim.TypeURL
	case strings.Contains(host, "@"):
		guess = ctim.TypeEmail
	case len(value) == 32 && isHex(value):
		guess = ctim.TypeMD5
	case len(value) == 40 && isHex(value):
		guess = ctim.TypeSHA1
	case len(value) == 64 && isHex(value):
		guess = ctim.TypeSHA256
	case hasPath:
		guess = ctim.TypeURL
	case strings.Contains(value, "."):
		guess = ctim.TypeDomain
	default:
		return ctim.Observable{}, errors.New("not an address, domain, URL, e-mail address or hash")
	}
	o, err := Observable(ctim.Observable{Type: guess, Value: value})
	if err != nil {
		return o, err
	}
	if o.Type == ctim.TypeDomain && !endsInTLD(o.Value) {
		return ctim.Observable{}, errNoTLD
	}
	if o.Type == ctim.TypeURL && !strings.Contains(value, "://") {
		name, _, _ := cutAny(strings.TrimPrefix(o.Value, "http://"), ":/")
		if !looksLikeIP(name) && !endsInTLD(name) {
			return ctim.Observable{}, errNoTLD
		}
	}
	return o, nil
}

var errNoTLD = errors.New("not a domain name: no known top-level domain (perhaps a file name)")

// endsInTLD reports whether a name with a dot ends in a top-level domain or a
// special-use name.
func endsInTLD(name string) bool {
	last := name[strings.LastIndexByte(name, '.')+1:]
	switch last {
	case "example", "test", "invalid", "localhost", "local", "onion", "alt", // RFC 6761, 6762, 7686, 9476
		"lan", "home", "corp", "mail", "internal", "intranet", "private", "localdomain", "domain", "workgroup", // private networks
		"i2p", "bit", "bazar", "coin", "lib", "emc", "eth", "crypto", "loki": // alternative roots that malware uses
		return true
	}
	// Two more labels are for wildcards of the list such as *.ck.
	suffix, known := publicsuffix.PublicSuffix("a.b." + last)
	return known || strings.Contains(suffix, ".")
}
