package upstream

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"syscall"
	"time"

	"golang.org/x/net/http/httpproxy"
)

const (
	// dialTimeout bounds the making of a connection, before TLS.
	dialTimeout = 5 * time.Second
	// maxHeaderBytes is the most that the header of an answer may have.
	maxHeaderBytes = 256 << 10
)

// errLocal is an address that leads into a private network.
var errLocal = errors.New("upstream: the address is not a public one")

// transport sends requests over pooled connections. Those to an address that a
// user gave go only where IsPublic says so. That is checked when the
// connection is made, after the name was resolved: a name that resolves to a
// public address first and to a private one later doesn't get through.
type transport struct {
	// proxy is the one for a URL, nil for none.
	proxy func(*url.URL) (*url.URL, error)
	// open goes anywhere, and by the proxy where there is one. guarded goes to
	// public addresses, and is for URLs without a proxy.
	open, guarded *http.Transport
	allowLocal    bool
}

func newTransport(roots *x509.CertPool, allowLocal bool, idle int) *transport {
	proxy := httpproxy.FromEnvironment().ProxyFunc()
	dialer := &net.Dialer{Timeout: dialTimeout}
	open := &http.Transport{
		Proxy:                  func(r *http.Request) (*url.URL, error) { return proxy(r.URL) },
		DialContext:            dialer.DialContext,
		TLSClientConfig:        &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12},
		TLSHandshakeTimeout:    dialTimeout,
		ForceAttemptHTTP2:      true,
		MaxIdleConnsPerHost:    idle,
		MaxIdleConns:           10 * idle,
		IdleConnTimeout:        90 * time.Second,
		MaxResponseHeaderBytes: maxHeaderBytes,
	}
	guarded := open.Clone()
	guarded.DialContext = (&net.Dialer{Timeout: dialTimeout, ControlContext: onlyPublic}).DialContext
	return &transport{proxy: proxy, open: open, guarded: guarded, allowLocal: allowLocal}
}

// onlyPublic refuses to connect to an address that is not public. It is called
// with the resolved address before each attempt to connect.
func onlyPublic(_ context.Context, _, address string, _ syscall.RawConn) error {
	to, err := netip.ParseAddrPort(address)
	if err != nil || !IsPublic(to.Addr()) {
		return errLocal
	}
	return nil
}

type givenByUser struct{}

// fromUser marks the requests of a context as going to an address that a user
// gave.
func fromUser(ctx context.Context) context.Context {
	return context.WithValue(ctx, givenByUser{}, true)
}

// RoundTrip implements http.RoundTripper.
func (t *transport) RoundTrip(r *http.Request) (*http.Response, error) {
	if t.allowLocal || r.Context().Value(givenByUser{}) == nil {
		return t.open.RoundTrip(r)
	}
	proxy, err := t.proxy(r.URL)
	if err != nil {
		return nil, err
	}
	if proxy == nil {
		return t.guarded.RoundTrip(r)
	}
	if err := checkBehindProxy(r.Context(), r.URL.Hostname()); err != nil {
		return nil, err
	}
	return t.open.RoundTrip(r)
}

// checkBehindProxy refuses a host that is not public before a proxy is asked
// for it. The proxy itself may well be in a private network. It resolves the
// name on its own, so this holds for what the relay can see; the rest is for
// the proxy's own rules.
func checkBehindProxy(ctx context.Context, host string) error {
	addresses, err := net.DefaultResolver.LookupNetIP(ctx, "ip", host)
	if err != nil {
		// Behind a proxy there may be no DNS. A name with a dot and an ending
		// of the public DNS is left to the proxy; "127.1" is an address to some.
		host = strings.TrimSuffix(strings.ToLower(host), ".")
		last := host[strings.LastIndexByte(host, '.')+1:]
		if last == host || last == "" || last[0] >= '0' && last[0] <= '9' || last == "internal" || last == "local" || last == "localhost" {
			return errLocal
		}
		return nil
	}
	for _, address := range addresses {
		if !IsPublic(address) {
			return errLocal
		}
	}
	return nil
}
