// Package normalize converts observables to a canonical form, so that values with the
// same meaning are equal.
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

// maxValue is the length of the longest value in bytes. Real URLs are much shorter.
// The keys of the watchlist's stores need a limit too.
const maxValue = 8192

// Observable returns an observable in canonical form. It trims space, refangs
// defanged values ("hxxp", "[.]"), and then normalizes by type:
//
//   - addresses and networks: canonical form, with the type of their family
//   - domains: lower case and punycode
//   - URLs: as a browser writes them, without fragment, with canonical escapes
//   - e-mail addresses, hashes and MAC addresses: lower case
//
// Values of other types are only trimmed. Normalizing twice changes nothing more.
// The error describes what is wrong with the value.
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

// defanged replaces the usual ways of defanging a value.
var defanged = strings.NewReplacer(
	"[.]", ".", "(.)", ".", "{.}", ".", "[dot]", ".", "(dot)", ".", "[DOT]", ".", "(DOT)", ".", `\.`, ".", "[.", ".", ".]", ".",
	"[:]", ":", "[://]", "://", "[:/]", ":/", "[/]", "/",
	"[at]", "@", "(at)", "@", "[@]", "@", "(@)", "@", "[AT]", "@", "(AT)", "@",
)

// refang restores a value that was defanged so that nobody clicks on it.
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
		rest = "/" + rest // as browsers do
	}
	return scheme + ":" + rest
}

// refangBrackets restores everything before the path. Brackets in the path are part of
// the value, except "[.]" if the host was defanged too. An IPv6 host keeps its
// brackets.
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
	host, rest := defanged.Replace(value[:end]), value[end:]
	if host != value[:end] {
		rest = strings.ReplaceAll(rest, "[.]", ".")
	}
	return host + rest
}

// looksLikeIP reports whether the value is an address, or a network with a prefix
// length or mask. An address with another path is a URL.
func looksLikeIP(value string) bool {
	if value == "" || value[0] != ':' && !isHex(value[:1]) {
		return false // faster than the error of ParseAddr
	}
	address, mask, isNetwork := strings.Cut(value, "/")
	if _, err := netip.ParseAddr(address); err != nil {
		return false
	}
	return !isNetwork || len(mask) <= 3 && strings.Trim(mask, "0123456789") == "" || maskBits(mask) >= 0
}

// maskBits returns the prefix length of an IPv4 mask such as 255.255.255.0, or -1 if
// the text isn't a mask.
func maskBits(text string) int {
	if ones, bits := net.IPMask(net.ParseIP(text).To4()).Size(); bits == 32 {
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

// domains converts as browsers do, but allows underscores. Host names have none, but
// other names in the DNS do.
var domains = idna.New(idna.MapForLookup(), idna.Transitional(false), idna.StrictDomainName(false), idna.BidiRule())

// maxName is the length of the longest domain name in UTF-8, in bytes. Punycode doesn't
// shorten a name, so it has at most 253 characters. The time of a conversion grows with the
// square of the length.
const maxName = 253 * utf8.UTFMax

func normalizeDomain(value string) (string, error) {
	name := strings.TrimSuffix(value, ".")
	if len(name) > maxName {
		return "", errLongName
	}
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

// isPlainName reports whether IDNA is sure to leave a name unchanged, as it does most.
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

var errLongName = errors.New("not a domain name: longer than 253 characters")

func checkDomain(name string) error {
	if len(name) > 253 {
		return errLongName
	}
	last := ""
	for last = range strings.SplitSeq(name, ".") {
		switch other := strings.Trim(last, "abcdefghijklmnopqrstuvwxyz0123456789_-"); {
		case last == "":
			return errors.New("not a domain name: empty label")
		case other != "":
			return fmt.Errorf("not a domain name: has %q", []rune(other)[0])
		case len(last) > 63:
			return errors.New("not a domain name: a label is longer than 63 characters")
		}
	}
	switch {
	case looksLikeIP(name):
		return errors.New("not a domain name but an IP address")
	case last != name && strings.Trim(last, "0123456789") == "":
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

func isHex(value string) bool { return strings.Trim(value, "0123456789abcdefABCDEF") == "" }

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
