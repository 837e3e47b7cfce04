package page

import (
	"errors"
	"net"
	"net/http"
	"net/url"
	"strings"

	"github.com/serverless-relay/relay/shared/auth"
	"github.com/serverless-relay/relay/shared/relay"
)

// policy lets the page load its own files only. Scripts and styles in the document,
// frames, forms and connections to elsewhere are blocked.
const policy = "default-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; object-src 'none'"

// guard refuses requests that another web site may have caused, and limits
// what the browser lets the page do.
func guard(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		header := w.Header()
		header.Set("Content-Security-Policy", policy)
		header.Set("X-Content-Type-Options", "nosniff")
		header.Set("Referrer-Policy", "no-referrer")
		header.Set("Cross-Origin-Opener-Policy", "same-origin")
		header.Set("Cross-Origin-Resource-Policy", "same-origin")
		header.Set("Cache-Control", "no-store")
		switch {
		case !isAddress(r.Host):
			refuse(w, http.StatusForbidden, relay.CodePermissionDenied, "Open the page by its address, such as http://127.0.0.1:9000, or as localhost: a name may belong to another web site.")
		case !isSameOrigin(r):
			refuse(w, http.StatusForbidden, relay.CodePermissionDenied, "The request comes from another web site.")
		default:
			next.ServeHTTP(w, r)
		}
	})
}

// isAddress reports whether a Host header is an IP address or localhost, with or
// without a port. A web site can point a name of its own at this machine (DNS
// rebinding), but not an address.
func isAddress(hostPort string) bool {
	host, _, err := net.SplitHostPort(hostPort)
	if err != nil {
		host = strings.TrimSuffix(strings.TrimPrefix(hostPort, "["), "]")
	}
	return strings.EqualFold(host, "localhost") || net.ParseIP(host) != nil
}

// isSameOrigin reports whether the page itself or a person made the request.
func isSameOrigin(r *http.Request) bool {
	if site := r.Header.Get("Sec-Fetch-Site"); site == "cross-site" || site == "same-site" {
		// A link on another web site may open the page, but load nothing else.
		return r.Method == http.MethodGet && r.URL.Path == "/" && r.Header.Get("Sec-Fetch-Mode") == "navigate"
	}
	origin := r.Header.Get("Origin")
	if origin == "" {
		return true
	}
	u, err := url.Parse(origin)
	return err == nil && u.Scheme == "http" && u.Host == r.Host
}

// authenticated lets only requests with a valid token pass.
func authenticated(authenticator *auth.Authenticator, next http.HandlerFunc) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if _, err := authenticator.Authenticate(r); err != nil {
			var refusal *relay.Error
			if !errors.As(err, &refusal) {
				refusal = relay.Errorf(relay.CodeAuthorization, "Authorization failed")
			}
			refuse(w, http.StatusUnauthorized, refusal.Code, refusal.Message)
			return
		}
		next(w, r)
	})
}
