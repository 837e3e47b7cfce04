package upstream

import (
	"errors"
	"net/http"
	"net/url"
	"strings"
)

// maxRedirects is how often one call may be sent on.
const maxRedirects = 5

var (
	// errElsewhere is a redirect to where the credential must not go.
	errElsewhere = errors.New("upstream: redirected to another host")
	// errCircles is a redirect too many, or one that would turn a POST into a GET.
	errCircles = errors.New("upstream: redirected in a way that can't be followed")
)

// checkRedirect follows redirects within the host that the credential is for.
// net/http takes only the Authorization header off on the way to another host,
// and not even that on the way to a subdomain; what a third party answers
// without a credential is of no use anyway.
func checkRedirect(to *http.Request, via []*http.Request) error {
	from := via[len(via)-1]
	switch {
	case !sameHost(from.URL, to.URL):
		return errElsewhere
	case len(via) > maxRedirects || to.Method != from.Method:
		return errCircles
	default:
		return nil
	}
}

// sameHost says whether two URLs lead to the same host and port, or from http
// to the same host's https.
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
