package upstream

import (
	"errors"
	"net/http"
	"net/url"
	"strings"
)

// maxRedirects is how many redirects of one call are followed.
const maxRedirects = 5

var (
	// errOtherHost is a redirect to a host that must not receive the credential.
	errOtherHost = errors.New("upstream: redirected to another host")
	// errRedirect is one redirect too many, or one that turns a POST into a GET.
	errRedirect = errors.New("upstream: redirected in a way that can't be followed")
)

// checkRedirect allows redirects within the host that the credential is for. To
// another host, net/http removes only the Authorization header, and to a subdomain
// not even that. A response without a credential would be of no use anyway.
func checkRedirect(to *http.Request, via []*http.Request) error {
	from := via[len(via)-1]
	switch {
	case !sameHost(from.URL, to.URL):
		return errOtherHost
	case len(via) > maxRedirects || to.Method != from.Method:
		return errRedirect
	default:
		return nil
	}
}

// sameHost reports whether two URLs have the same host and port. A change from
// http to the same host's https is allowed.
func sameHost(from, to *url.URL) bool {
	if !strings.EqualFold(from.Hostname(), to.Hostname()) {
		return false
	}
	if from.Scheme == "http" && to.Scheme == "https" {
		return port(from) == "80" && port(to) == "443" || port(from) == port(to)
	}
	return from.Scheme == to.Scheme && port(from) == port(to)
}

func port(u *url.URL) string {
	switch {
	case u.Port() != "":
		return u.Port()
	case u.Scheme == "https":
		return "443"
	default:
		return "80"
	}
}
