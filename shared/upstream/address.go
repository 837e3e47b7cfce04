package upstream

import (
	"errors"
	"net/url"
	"strings"
)

// Address is where a third party is: scheme, host, port and the path that all
// its paths are below. It is a field for settings too, since it reads itself
// from text. The zero value is no address.
type Address struct{ url *url.URL }

// ParseAddress reads an address as people write it: "https://" may be left
// out, a slash at the end makes no difference. A user, query or fragment is
// refused.
func ParseAddress(text string) (Address, error) {
	text = strings.TrimSpace(text)
	if !strings.Contains(text, "://") {
		text = "https://" + text
	}
	u, err := url.Parse(text)
	if err != nil {
		return Address{}, errors.New("upstream: not a URL") // the text may hold a password
	}
	switch {
	case u.Scheme != "https" && u.Scheme != "http":
		return Address{}, errors.New("upstream: the URL begins neither with https:// nor http://")
	case u.Hostname() == "" || strings.Contains(u.Hostname(), "%"):
		return Address{}, errors.New("upstream: the URL has no host, or one with a zone")
	case u.User != nil:
		return Address{}, errors.New("upstream: the URL has a user")
	case u.RawQuery != "" || u.ForceQuery || u.Fragment != "":
		return Address{}, errors.New("upstream: the URL has a query or a fragment")
	}
	return Address{u.JoinPath()}, nil
}

// UnmarshalText implements encoding.TextUnmarshaler by ParseAddress.
func (a *Address) UnmarshalText(text []byte) (err error) {
	*a, err = ParseAddress(string(text))
	return err
}

// String is the address without a slash at its end, empty where there is none.
func (a Address) String() string {
	if a.url == nil {
		return ""
	}
	return strings.TrimSuffix(a.url.String(), "/")
}

// join is the address of what is at path below a.
func (a Address) join(path string) *url.URL { return a.url.JoinPath(path) }
