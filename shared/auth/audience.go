package auth

import (
	"net/http"
	"net/url"
	"strings"
)

// isAudience says whether the aud claim, a string or a list of strings, names
// this relay. A list with anything else in it names nobody.
func (a *Authenticator) isAudience(r *http.Request, aud any) bool {
	own, ok := requestBase(r), true
	if a.url != "" {
		own, ok = parseBase(a.url)
	}
	if !ok {
		return false
	}
	list, isList := aud.([]any)
	if !isList {
		list = []any{aud}
	}
	found := false
	for _, item := range list {
		text, ok := item.(string)
		if !ok {
			return false
		}
		if base, ok := parseBase(text); ok && base == own {
			found = true
		}
	}
	return found
}

// baseURL is a URL under which routes lie, in a form that can be compared:
// scheme and host in lower case, no default port, no trailing slash.
type baseURL struct{ scheme, host, path string }

func newBase(scheme, host, path string) baseURL {
	scheme, host = lowerASCII(scheme), lowerASCII(host)
	switch scheme {
	case "https":
		host = strings.TrimSuffix(host, ":443")
	case "http":
		host = strings.TrimSuffix(host, ":80")
	}
	return baseURL{scheme: scheme, host: host, path: strings.TrimSuffix(path, "/")}
}

// parseBase reads an http or https URL. One with a user, a query or a fragment
// is no base URL.
func parseBase(text string) (baseURL, bool) {
	u, err := url.Parse(text)
	if err != nil || u.Host == "" || u.User != nil || strings.ContainsAny(text, "?#") {
		return baseURL{}, false
	}
	if u.Scheme != "http" && u.Scheme != "https" {
		return baseURL{}, false
	}
	return newBase(u.Scheme, u.Host, u.Path), true
}

// requestBase gives the base URL that a request was sent to.
func requestBase(r *http.Request) baseURL {
	return newBase(requestScheme(r), r.Host, requestPrefix(r))
}

// requestScheme gives the scheme that the caller used. API Gateway, like most
// proxies, tells it in X-Forwarded-Proto. A request that net/http read from a
// socket without TLS is plain http. A request that was built from an event has
// no socket, and came through a gateway that only speaks https.
func requestScheme(r *http.Request) string {
	if r.TLS != nil {
		return "https"
	}
	forwarded, _, _ := strings.Cut(r.Header.Get("X-Forwarded-Proto"), ",")
	if scheme := lowerASCII(strings.TrimSpace(forwarded)); scheme == "http" || scheme == "https" {
		return scheme
	}
	if r.Context().Value(http.ServerContextKey) != nil {
		return "http"
	}
	return "https"
}

// requestPrefix gives what stood before the route in the path that the caller
// used, such as the gateway's stage. URL.Path is the bare route, and
// RequestURI the path as it was sent, as http.StripPrefix leaves them.
func requestPrefix(r *http.Request) string {
	sent, err := url.ParseRequestURI(r.RequestURI)
	if err != nil {
		return ""
	}
	prefix, ok := strings.CutSuffix(strings.TrimSuffix(sent.Path, "/"), strings.TrimSuffix(r.URL.Path, "/"))
	if !ok {
		return ""
	}
	return prefix
}
