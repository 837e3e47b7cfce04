package upstream

import (
	"errors"
	"net/url"
	"strings"
)

// Address is a third party's address: scheme, host, port and the path below which
// all its paths are. It implements encoding.TextUnmarshaler, so it can be a field
// of settings. The zero value is no address.
type Address struct{ url *url.URL }

// ParseAddress parses an address as people write it. "https://" and a slash at the
// end are optional. A user, query or fragment is an error, which doesn't quote the text.
func ParseAddress(text string) (Address, error) {
	text = strings.TrimSpace(text)
	if !strings.Contains(text, "://") {
		text = "https://" + text
	}
	u, err := url.Parse(text)
	if err != nil {
		return Address{}, errors.New("it is not a URL") // the text may contain a password
	}
	switch {
	case u.Scheme != "https" && u.Scheme != "http":
		return Address{}, errors.New("it must begin with https:// or http://")
	case u.Hostname() == "" || strings.Contains(u.Hostname(), "%"):
		return Address{}, errors.New("it has no host, or one with a zone")
	case u.User != nil:
		return Address{}, errors.New("it has a user")
	case u.RawQuery != "" || u.ForceQuery || u.Fragment != "":
		return Address{}, errors.New("it has a query or a fragment")
	}
	return Address{u.JoinPath()}, nil
}

// UnmarshalText implements encoding.TextUnmarshaler with ParseAddress.
func (a *Address) UnmarshalText(text []byte) (err error) {
	*a, err = ParseAddress(string(text))
	return err
}

// String returns the address without a slash at its end, or "" for the zero value.
func (a Address) String() string {
	if a.url == nil {
		return ""
	}
	return strings.TrimSuffix(a.url.String(), "/")
}

// join returns the URL of a path below a.
func (a Address) join(path string) *url.URL { return a.url.JoinPath(path) }
