package normalize

import (
	"errors"
	"net/netip"
	"strings"
	"unicode"

	"github.com/nlnwa/whatwg-url/url"
)

// urls parses as browsers do.
var urls = url.NewParser()

// normalizeURL gives a URL one spelling. Without a scheme it is one of http,
// if it begins with the name of a host on the internet or an address.
func normalizeURL(value string) (string, error) {
	if strings.ContainsFunc(value, unicode.IsSpace) {
		return "", errors.New("not a URL: has a space")
	}
	_, rest, hasScheme := strings.Cut(value, "://")
	switch {
	case strings.HasPrefix(rest, "/"), strings.HasPrefix(rest, `\`), !hasScheme && strings.HasPrefix(value, "/"), !hasScheme && strings.HasPrefix(value, `\`):
		// Browsers would take the first part of the path as the host.
		return "", errors.New("a path without a host")
	case !hasScheme:
		if host, _, _ := cutAny(value, "/?#"); strings.Contains(host, "@") {
			return "", errors.New("not a URL: has a user but no scheme")
		}
		value = "http://" + value
	}
	parsed, err := urls.Parse(value)
	if err != nil || parsed.Hostname() == "" {
		return "", errors.New("not a URL")
	}
	host := strings.TrimSuffix(strings.ToLower(parsed.Hostname()), ".")
	if err := checkHost(host, hasScheme); err != nil {
		return "", err
	}
	if host != parsed.Hostname() {
		parsed.SetHostname(host)
	}
	if parsed.Pathname() == "" {
		parsed.SetPathname("/")
	}
	return plainEscapes(parsed.Href(true)), nil
}

// checkHost refuses a host that no resolver could be asked about. A name
// without a dot is one only if the URL has a scheme: otherwise it is a word.
func checkHost(host string, hasScheme bool) error {
	if _, err := netip.ParseAddr(strings.Trim(host, "[]")); err == nil {
		return nil
	}
	if checkDomain(host) != nil {
		return errors.New("not a URL: the host is not a domain name")
	}
	if !hasScheme && !strings.Contains(host, ".") {
		return errors.New("a path without a host")
	}
	return nil
}

// plainEscapes writes the escapes of a URL in capitals, and decodes those of
// characters that need none, as RFC 3986 has it in section 6.2.2.
func plainEscapes(text string) string {
	for {
		plain := decodeUnreserved(text)
		if plain == text {
			return text
		}
		text = plain // decoding may have completed another escape
	}
}

func decodeUnreserved(text string) string {
	at := strings.IndexByte(text, '%')
	if at < 0 {
		return text
	}
	var b strings.Builder
	for ; at >= 0; at = strings.IndexByte(text, '%') {
		b.WriteString(text[:at])
		text = text[at:]
		if len(text) < 3 || !isHex(text[1:3]) {
			b.WriteByte('%')
			text = text[1:]
			continue
		}
		if c := unhex(text[1])<<4 | unhex(text[2]); isUnreserved(c) {
			b.WriteByte(c)
		} else {
			b.WriteString(strings.ToUpper(text[:3]))
		}
		text = text[3:]
	}
	b.WriteString(text)
	return b.String()
}

func unhex(c byte) byte {
	switch {
	case c >= 'a':
		return c - 'a' + 10
	case c >= 'A':
		return c - 'A' + 10
	default:
		return c - '0'
	}
}

func isUnreserved(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || strings.IndexByte("-._~", c) >= 0
}

// cutAny cuts a text before the first of some characters.
func cutAny(text, characters string) (before, after string, found bool) {
	if i := strings.IndexAny(text, characters); i >= 0 {
		return text[:i], text[i:], true
	}
	return text, "", false
}
