package normalize

import (
	"errors"
	"net/netip"
	"strconv"
	"strings"
	"unicode"

	"github.com/nlnwa/whatwg-url/url"
)

// urls parses URLs as browsers do.
var urls = url.NewParser()

// normalizeURL returns a URL in canonical form. Without a scheme it must begin with an
// address or a name with a dot, and becomes an http URL.
func normalizeURL(value string) (string, error) {
	if strings.ContainsFunc(value, unicode.IsSpace) {
		return "", errors.New("not a URL: has a space")
	}
	_, rest, hasScheme := strings.Cut(value, "://")
	switch {
	case strings.HasPrefix(rest, "/"), strings.HasPrefix(rest, `\`), !hasScheme && strings.HasPrefix(value, "/"), !hasScheme && strings.HasPrefix(value, `\`):
		// Browsers take the first part of the path for the host.
		return "", errors.New("a path without a host")
	case !hasScheme:
		host, _, _ := cutAny(value, "/?#")
		if strings.Contains(host, "@") {
			return "", errors.New("not a URL: has a user but no scheme")
		}
		if host, _, _ := cutAny(host, ":"); strings.Trim(host, "0123456789.") == "" && !looksLikeIP(host) {
			return "", errors.New("not a URL: begins with a number") // to a browser, 10/12 is at 0.0.0.10
		}
		value = "http://" + value
	}
	_, rest, _ = strings.Cut(value, "://")
	if authority, _, _ := cutAny(rest, `/?#\`); len(authority) > maxName {
		return "", errors.New("not a URL: the host is too long")
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

// checkHost refuses hosts that can't be resolved. Without a scheme, a name without a
// dot is not a host but a word.
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

// plainEscapes returns a URL with escapes in upper case, and without escapes of
// unreserved characters (RFC 3986, section 6.2.2).
func plainEscapes(text string) string {
	var b strings.Builder
	for i, part := range strings.Split(text, "%") {
		c, err := strconv.ParseUint(part[:min(2, len(part))], 16, 8)
		switch {
		case i == 0:
			b.WriteString(part)
		case err != nil || len(part) < 2:
			b.WriteString("%" + part)
		case isUnreserved(byte(c)):
			b.WriteString(string(rune(c)) + part[2:])
		default:
			b.WriteString("%" + strings.ToUpper(part[:2]) + part[2:])
		}
	}
	if plain := b.String(); plain != text {
		return plainEscapes(plain) // decoding may complete another escape
	}
	return text
}

func isUnreserved(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || strings.IndexByte("-._~", c) >= 0
}

// cutAny cuts a text before the first of the characters. after begins with it.
func cutAny(text, characters string) (before, after string, found bool) {
	if i := strings.IndexAny(text, characters); i >= 0 {
		return text[:i], text[i:], true
	}
	return text, "", false
}
