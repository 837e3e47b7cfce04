package upstream

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"sync"
	"syscall"
	"time"

	"golang.org/x/net/http/httpproxy"
)

const (
	// dialTimeout bounds connecting, and then the TLS handshake.
	dialTimeout = 5 * time.Second
	// maxHeaderBytes is the size of the largest header of a response.
	maxHeaderBytes = 256 << 10
)

// errPrivate is an address from a user that is not on the public internet.
var errPrivate = errors.New("upstream: the address is not public")

// Transport sends requests over pooled connections. Requests to an address from a
// user connect only to public addresses (IsPublic). This is checked for each
// connection, after the name is resolved. So a name that resolves first to a public
// address and later to a private one doesn't get through.
//
// Several Clients can share a Transport (FromEnvironment). Its zero value is opened by
// the first of them, with Settings from the environment.
type Transport struct {
	open     sync.Once
	err      error // of opening
	settings Settings
	// proxy returns the proxy for a URL, or nil.
	proxy func(*url.URL) (*url.URL, error)
	// anywhere connects to any address, through the proxy if there is one. publicOnly
	// connects to public addresses, without a proxy.
	anywhere, publicOnly *http.Transport
}

// set makes the connections by the settings.
func (t *Transport) set(settings Settings) error {
	roots, err := settings.roots()
	if err != nil {
		return err
	}
	idle := settings.concurrency()
	t.settings, t.proxy = settings, httpproxy.FromEnvironment().ProxyFunc()
	dialer := &net.Dialer{Timeout: dialTimeout}
	t.anywhere = &http.Transport{
		Proxy:                  func(r *http.Request) (*url.URL, error) { return t.proxy(r.URL) },
		DialContext:            dialer.DialContext,
		TLSClientConfig:        &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12},
		TLSHandshakeTimeout:    dialTimeout,
		ForceAttemptHTTP2:      true,
		MaxIdleConnsPerHost:    idle,
		MaxIdleConns:           10 * idle,
		IdleConnTimeout:        90 * time.Second,
		MaxResponseHeaderBytes: maxHeaderBytes,
	}
	t.publicOnly = t.anywhere.Clone()
	t.publicOnly.DialContext = (&net.Dialer{Timeout: dialTimeout, ControlContext: checkPublic}).DialContext
	return nil
}

// checkPublic refuses addresses that are not public. It is called with the resolved
// address before each attempt to connect.
func checkPublic(_ context.Context, _, address string, _ syscall.RawConn) error {
	to, err := netip.ParseAddrPort(address)
	if err != nil || !IsPublic(to.Addr()) {
		return errPrivate
	}
	return nil
}

type fromUserKey struct{}

// fromUser marks requests with this context as going to an address from a user.
func fromUser(ctx context.Context) context.Context {
	return context.WithValue(ctx, fromUserKey{}, true)
}

// RoundTrip implements http.RoundTripper.
func (t *Transport) RoundTrip(r *http.Request) (*http.Response, error) {
	if t.settings.AllowLocal || r.Context().Value(fromUserKey{}) == nil {
		return t.anywhere.RoundTrip(r)
	}
	proxy, err := t.proxy(r.URL)
	if err != nil {
		return nil, err
	}
	if proxy == nil {
		return t.publicOnly.RoundTrip(r)
	}
	if err := checkBehindProxy(r.Context(), r.URL.Hostname()); err != nil {
		return nil, err
	}
	return t.anywhere.RoundTrip(r)
}

// checkBehindProxy refuses a host that is not public before a proxy connects to it.
// The proxy itself may be in a private network. It resolves the name again, so its
// rules must refuse addresses that the relay can't see.
func checkBehindProxy(ctx context.Context, host string) error {
	addresses, err := net.DefaultResolver.LookupNetIP(ctx, "ip", host)
	if err != nil {
		// Behind a proxy there may be no DNS. Names that end in a public domain are
		// left to the proxy. Some resolvers take "127.1" for an address.
		host = strings.TrimSuffix(strings.ToLower(host), ".")
		last := host[strings.LastIndexByte(host, '.')+1:]
		if last == host || last == "" || last[0] >= '0' && last[0] <= '9' || last == "internal" || last == "local" || last == "localhost" {
			return errPrivate
		}
		return nil
	}
	for _, address := range addresses {
		if !IsPublic(address) {
			return errPrivate
		}
	}
	return nil
}
