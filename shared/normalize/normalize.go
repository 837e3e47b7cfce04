// Package normalize gives the values of observables one form each, so that two
// that mean the same are the same.
package normalize

import (
	"errors"
	"fmt"
	"net"
	"net/mail"
	"net/netip"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/idna"

	"github.com/serverless-relay/relay/shared/ctim"
)

// maxValue is the longest value, in bytes, that an observable may have. Real
// URLs stay far below; keys of the watchlist's stores are limited too.
const maxValue = 8192

// Observable gives an observable the one form under which it is compared,
// stored and found: without surrounding space, with the dots and schemes that people
// break to make a value harmless mended ("hxxp", "[.]"), domains in lower case
// and punycode, addresses and networks in their canonical form and with the
// type of their family, URLs as a browser would write them without fragment
// and with one spelling of escapes and host, hashes in lower case. Normalizing twice changes nothing more.
//
// The error says what is wrong with the value. Types without a form of their
// own only need a value that isn't blank.
func Observable(o ctim.Observable) (ctim.Observable, error) {
	value := strings.TrimSpace(o.Value)
	switch {
	case value == "":
		return o, errors.New("the value is blank")
	case len(value) > maxValue:
		return o, fmt.Errorf("the value is longer than %d bytes", maxValue)
	case !utf8.ValidString(value):
		return o, errors.New("the value is not UTF-8")
	case strings.ContainsFunc(value, unicode.IsControl):
		return o, errors.New("the value has control characters")
	}
	var err error
	switch o.Type {
	case ctim.TypeIP, ctim.TypeIPv6:
		o.Type, value, err = normalizeIP(refang(value))
	case ctim.TypeDomain, ctim.TypeHostname:
		value, err = normalizeDomain(refang(value))
	case ctim.TypeURL:
		value, err = normalizeURL(refang(value))
	case ctim.TypeMD5:
		value, err = normalizeHash(value, 32, "an MD5")
	case ctim.TypeSHA1:
		value, err = normalizeHash(value, 40, "a SHA-1")
	case ctim.TypeSHA256:
		value, err = normalizeHash(value, 64, "a SHA-256")
	case ctim.TypeEmail:
		value, err = normalizeEmail(refang(value))
	case ctim.TypeMACAddress:
		value = strings.ToLower(value)
	}
	if err != nil {
		return o, err
	}
	o.Value = value
	return o, nil
}

// fangs are the ways in which people break values, with what they stand for.
var fangs = strings.NewReplacer(
	"[.]", ".", "(.)", ".", "{.}", ".", "[dot]", ".", "(dot)", ".", "[DOT]", ".", "(DOT)", ".", `\.`, ".", "[.", ".", ".]", ".",
	"[:]", ":", "[://]", "://", "[:/]", ":/", "[/]", "/",
	"[at]", "@", "(at)", "@", "[@]", "@", "(@)", "@", "[AT]", "@", "(AT)", "@",
)

// refang mends a value that was broken so that nobody clicks on it.
func refang(value string) string {
	if strings.ContainsAny(value, `[({\`) {
		value = refangBrackets(value)
	}
	scheme, rest, found := strings.Cut(value, ":")
	if !found {
		return value
	}
	switch strings.ToLower(scheme) {
	case "hxxp", "hxtp", "htxp", "h**p", "meow", "http":
		scheme = "http"
	case "hxxps", "hxtps", "htxps", "h**ps", "meows", "https":
		scheme = "https"
	case "fxp":
		scheme = "ftp"
	default:
		return value
	}
	if strings.HasPrefix(rest, "/") && !strings.HasPrefix(rest, "//") {
		rest = "/" + rest // as browsers read it
	}
	return scheme + ":" + rest
}

// refangBrackets mends everything before the path. In the path, brackets are the
// value's own, but for dots if those before it were broken too. An IPv6 host
// keeps its brackets.
func refangBrackets(value string) string {
	if host := strings.Index(value, "://["); host >= 0 && strings.Contains(value[host:], "]") && strings.Count(value, ":") > 2 {
		return value
	}
	end := len(value)
	if scheme := strings.Index(value, "//"); scheme >= 0 {
		if path := strings.IndexAny(value[scheme+2:], "/?#"); path >= 0 && !strings.HasPrefix(value[scheme+2+path:], "/]") {
			end = scheme + 2 + path
		}
	}
	host, rest := fangs.Replace(value[:end]), value[end:]
	if host != value[:end] {
		rest = strings.ReplaceAll(rest, "[.]", ".")
	}
	return host + rest
}

// looksLikeIP reports whether the value is an address or a network. An address
// with anything but a number of bits or a mask behind the slash is a URL.
func looksLikeIP(value string) bool {
	if value == "" || value[0] != ':' && !isHex(value[:1]) {
		return false // to ask for the reason takes longer
	}
	address, mask, isNetwork := strings.Cut(value, "/")
	if _, err := netip.ParseAddr(address); err != nil {
		return false
	}
	return !isNetwork || len(mask) <= 3 && strings.Trim(mask, "0123456789") == "" || maskBits(mask) >= 0
}

// maskBits is the number of bits of an IPv4 network mask such as 255.255.255.0,
// or -1 if the text is no mask.
func maskBits(text string) int {
	mask, err := netip.ParseAddr(text)
	if err != nil || !mask.Is4() {
		return -1
	}
	raw := mask.As4()
	if ones, bits := net.IPMask(raw[:]).Size(); bits == 32 {
		return ones
	}
	return -1
}

func normalizeIP(value string) (ctim.ObservableType, string, error) {
	if !strings.Contains(value, "/") {
		address, err := netip.ParseAddr(value)
		if err != nil || address.Zone() != "" {
			return ctim.TypeIP, "", errors.New("not an IP address")
		}
		address = address.Unmap()
		return family(address), address.String(), nil
	}
	if address, mask, _ := strings.Cut(value, "/"); maskBits(mask) >= 0 {
		value = address + "/" + strconv.Itoa(maskBits(mask))
	}
	network, err := netip.ParsePrefix(value)
	switch {
	case err != nil:
		return ctim.TypeIP, "", errors.New("not an IP network")
	case network.Bits() == 0:
		return ctim.TypeIP, "", errors.New("a network of all addresses: it would match everything")
	case network.IsSingleIP():
		return normalizeIP(network.Addr().String())
	case network.Addr().Is4In6():
		return ctim.TypeIP, "", errors.New("a network of IPv4 addresses written as IPv6")
	}
	return family(network.Addr()), network.Masked().String(), nil
}

func family(address netip.Addr) ctim.ObservableType {
	if address.Is4() {
		return ctim.TypeIP
	}
	return ctim.TypeIPv6
}

// domains converts as browsers do, but lets underscores pass: they are not in
// host names, but in names that are looked up all the same.
var domains = idna.New(idna.MapForLookup(), idna.Transitional(false), idna.StrictDomainName(false), idna.BidiRule())

func normalizeDomain(value string) (string, error) {
	name := strings.TrimSuffix(value, ".")
	if !isPlainName(name) {
		var err error
		if name, err = domains.ToASCII(name); err != nil {
			return "", errors.New("not a domain name")
		}
	}
	if err := checkDomain(name); err != nil {
		return "", err
	}
	return name, nil
}

// isPlainName reports whether a name is as IDNA leaves it: most are.
func isPlainName(name string) bool {
	for i := range len(name) {
		switch c := name[i]; {
		case c >= 'a' && c <= 'z', c >= '0' && c <= '9', c == '.':
		case c == '-' && i > 0 && i < len(name)-1 && name[i-1] != '.' && name[i-1] != '-' && name[i+1] != '.':
		default:
			return false
		}
	}
	return true
}

func checkDomain(name string) error {
	if len(name) > 253 {
		return errors.New("not a domain name: longer than 253 characters")
	}
	label := 0
	for i := range len(name) {
		switch c := name[i]; {
		case c == '.':
			if label == 0 {
				return errors.New("not a domain name: empty label")
			}
			label = 0
			continue
		case c >= 'a' && c <= 'z', c >= '0' && c <= '9', c == '_', c == '-':
			label++
		default:
			return fmt.Errorf("not a domain name: has %q", c)
		}
		if label > 63 {
			return errors.New("not a domain name: a label is longer than 63 characters")
		}
	}
	if label == 0 {
		return errors.New("not a domain name: empty label")
	}
	if looksLikeIP(name) {
		return errors.New("not a domain name but an IP address")
	}
	if last := name[strings.LastIndexByte(name, '.')+1:]; last != name && strings.Trim(last, "0123456789") == "" {
		return errors.New("not a domain name: ends in a number")
	}
	return nil
}

func normalizeHash(value string, length int, name string) (string, error) {
	if len(value) != length {
		return "", fmt.Errorf("not %s hash: not %d characters long", name, length)
	}
	if !isHex(value) {
		return "", fmt.Errorf("not %s hash: not hexadecimal", name)
	}
	return strings.ToLower(value), nil
}

func isHex(value string) bool {
	for i := range len(value) {
		switch c := value[i]; {
		case c >= '0' && c <= '9', c >= 'a' && c <= 'f', c >= 'A' && c <= 'F':
		default:
			return false
		}
	}
	return true
}

func normalizeEmail(value string) (string, error) {
	parsed, err := mail.ParseAddress(value)
	if err != nil {
		return "", errors.New("not an e-mail address")
	}
	at := strings.LastIndexByte(parsed.Address, '@')
	domain, err := normalizeDomain(parsed.Address[at+1:])
	if err != nil {
		return "", fmt.Errorf("not an e-mail address: %w", err)
	}
	return strings.ToLower(parsed.Address[:at]) + "@" + domain, nil
}
