package auth

import (
	"net/http"
	"net/url"
	"strings"
)

// isAudience reports whether the aud claim, a string or a list of strings, contains
// the URL of this relay. If the request was sent to a provider below it, that is the
// provider's URL, such as https://relay.example.com/misp. A list with anything but
// strings is refused.
func (a *Authenticator) isAudience(r *http.Request, aud any) bool {
	here, ok := requestBase(r), true
	if a.options.URL != "" {
		module := "/" + a.options.Provider
		// Only the first provider also answers at the base URL.
		below := a.options.NotFirst || a.options.Provider != "" && strings.HasSuffix(here.path, module)
		if here, ok = parseBase(a.options.URL); below {
			here.path += module
		}
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
		if base, ok := parseBase(text); ok && base == here {
			found = true
		}
	}
	return found
}

// baseURL is the URL of a relay in a form that can be compared: scheme and host
// in lower case, no default port, no trailing slash.
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

// parseBase parses an http or https URL. ok is false if it has a user, a query or a
// fragment.
func parseBase(text string) (base baseURL, ok bool) {
	u, err := url.Parse(text)
	if err != nil || u.Host == "" || u.User != nil || strings.ContainsAny(text, "?#") {
		return baseURL{}, false
	}
	if u.Scheme != "http" && u.Scheme != "https" {
		return baseURL{}, false
	}
	return newBase(u.Scheme, u.Host, u.Path), true
}

// requestBase returns the base URL that a request was sent to.
func requestBase(r *http.Request) baseURL {
	return newBase(requestScheme(r), r.Host, requestPrefix(r))
}

// requestScheme returns the scheme that the client used. API Gateway, like most
// proxies, sends it in X-Forwarded-Proto; of several proxies, the first one's
// counts. Without that header, a request that net/http read from a socket without
// TLS is plain http. A request that was built from an event has no socket: API
// Gateway only serves https.
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

// requestPrefix returns the part of the client's path before the route, such as
// the gateway's stage. URL.Path is the bare route, and RequestURI the path as it
// was sent, as http.StripPrefix leaves them.
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
