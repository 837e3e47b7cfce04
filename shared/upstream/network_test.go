package upstream_test

import (
	"context"
	"encoding/pem"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"golang.org/x/net/dns/dnsmessage"

	"github.com/serverless-relay/relay/shared/relay"
	"github.com/serverless-relay/relay/shared/upstream"
)

// withoutProxy removes a developer's proxy from the environment.
func withoutProxy(t *testing.T) {
	t.Helper()
	for _, name := range []string{"HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "NO_PROXY", "no_proxy", "REQUEST_METHOD"} {
		t.Setenv(name, "")
	}
}

// An address from a user must not lead into the relay's network, in any spelling.
func TestUsersCannotReachTheRelaysNetwork(t *testing.T) {
	withoutProxy(t)
	var requests atomic.Int32
	server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		requests.Add(1)
		_, _ = w.Write([]byte(`{"score":1}`))
	}))
	defer server.Close()
	_, port, _ := net.SplitHostPort(server.Listener.Addr().String())
	client := newClient(t, upstream.Options{})
	for _, host := range []string{
		"127.0.0.1:" + port, "localhost:" + port, "[::ffff:127.0.0.1]:" + port, "[::ffff:7f00:1]:" + port, "[::1]:" + port, "0.0.0.0:" + port, "[::]:" + port,
		"169.254.169.254", "[fe80::1]", "[fd00:ec2::254]", "10.1.2.3", "172.16.0.1", "192.168.1.1", "100.64.0.1", "[64:ff9b::7f00:1]:" + port, "[2002:7f00:1::]:" + port, "255.255.255.255", "224.0.0.1",
	} {
		c, err := client.Caller(upstream.AddressFrom("host", upstream.Headers(credential)), relay.NewClaims(map[string]any{"host": "https://" + host}))
		if err != nil {
			t.Errorf("%s: %v", host, err)
			continue
		}
		err = c.Do(t.Context(), upstream.Request{Path: "/"}, nil)
		if got := coded(t, err); got.Code != relay.CodeConnection || !strings.Contains(got.Message, "UPSTREAM_ALLOW_LOCAL") {
			t.Errorf("%s: got %v", host, err)
		}
	}
	if requests.Load() != 0 {
		t.Errorf("%d calls got through", requests.Load())
	}
}

func TestAllowLocal(t *testing.T) {
	withoutProxy(t)
	server := serve(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(`{"score":1}`)) })
	strict, lax := newClient(t, upstream.Options{}), newClient(t, upstream.Options{Settings: upstream.Settings{AllowLocal: true}})

	if _, err := strict.Caller(upstream.AddressFrom("host", upstream.Headers(credential)), relay.NewClaims(map[string]any{"host": server.URL})); err == nil || coded(t, err).Code != relay.CodeInvalidArgument {
		t.Errorf("a user's http:// is accepted: %v", err)
	}
	_, err := lax.Caller(upstream.AddressFrom("host", upstream.Headers(credential)), relay.NewClaims(map[string]any{"host": "misp.example.com/users?key=" + secret}))
	if err == nil || !strings.HasSuffix(err.Error(), "not like https://host.example.com: it has a query or a fragment.") {
		t.Error(err)
	}
	c, err := lax.Caller(upstream.AddressFrom("host", upstream.Headers(credential)), relay.NewClaims(map[string]any{"host": server.URL}))
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Do(t.Context(), upstream.Request{Path: "/"}, nil); err != nil {
		t.Error(err)
	}
	// The operator's own address is always allowed.
	operators := caller(t, newClient(t, upstream.Options{Address: address(t, server.URL)}))
	if err := operators.Do(t.Context(), upstream.Request{Path: "/"}, nil); err != nil {
		t.Error(err)
	}
	for _, text := range []string{"", "ftp://example.com", "https://", "https://user:" + secret + "@example.com", "https://example.com/?a=b", "https://example.com/#a", "https://exa mple.com", "https://example.com:port", "http://[::1"} {
		if _, err := lax.Caller(upstream.AddressFrom("host", upstream.Headers(credential)), relay.NewClaims(map[string]any{"host": text})); err == nil || coded(t, err).Code != relay.CodeInvalidArgument {
			t.Errorf("%q: %v", text, err)
		}
	}
}

// Clients that share a Transport have its settings and its rules about addresses.
func TestSharedTransport(t *testing.T) {
	withoutProxy(t)
	server := serve(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(`{"score":1}`)) })
	for allowed, hosts := range map[string][]string{"false": {server.URL, "https://127.0.0.1:1"}, "true": {server.URL}} {
		t.Setenv("UPSTREAM_ALLOW_LOCAL", allowed)
		transport := new(upstream.Transport)
		if _, err := upstream.FromEnvironment(transport); err != nil {
			t.Fatal(err)
		}
		t.Setenv("UPSTREAM_ALLOW_LOCAL", "not read again")
		for _, host := range hosts {
			o, err := upstream.FromEnvironment(transport)
			if err != nil {
				t.Fatal(err)
			}
			c, err := newClient(t, o).Caller(upstream.AddressFrom("host", upstream.Headers(credential)), relay.NewClaims(map[string]any{"host": host}))
			if err == nil {
				err = c.Do(t.Context(), upstream.Request{Path: "/"}, nil)
			}
			if refused := err != nil && strings.Contains(err.Error(), "UPSTREAM_ALLOW_LOCAL"); (err == nil) != (allowed == "true") || strings.HasPrefix(host, "https:") && !refused {
				t.Errorf("local addresses allowed: %s, %s: %v", allowed, host, err)
			}
		}
	}
}

// A proxy may be in the relay's own network. The hosts behind it may not.
func TestProxy(t *testing.T) {
	withoutProxy(t)
	var connects atomic.Int32
	proxy := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodConnect {
			connects.Add(1)
			http.Error(w, "no", http.StatusForbidden)
			return
		}
		_, _ = io.WriteString(w, `{"score":1}`) // as if it were the server in the URL
	})
	t.Setenv("HTTP_PROXY", proxy.URL)
	t.Setenv("HTTPS_PROXY", proxy.URL)
	client := newClient(t, upstream.Options{Address: address(t, "http://api.example.com")})
	if err := caller(t, client).Do(t.Context(), upstream.Request{Path: "/"}, nil); err != nil {
		t.Errorf("through the proxy: %v", err)
	}
	for _, host := range []string{"10.1.2.3", "[fd00::1]", "169.254.169.254", "metadata", "metadata.google.internal", "printer.local", "127.1", "0x7f.1", "2130706433", "10.1.2.3."} {
		c, err := client.Caller(upstream.AddressFrom("host", upstream.Headers(credential)), relay.NewClaims(map[string]any{"host": "https://" + host}))
		if err != nil {
			t.Errorf("%s: %v", host, err)
			continue
		}
		if err := c.Do(t.Context(), upstream.Request{Path: "/"}, nil); !strings.Contains(coded(t, err).Message, "UPSTREAM_ALLOW_LOCAL") {
			t.Errorf("%s: got %v", host, err)
		}
	}
	if connects.Load() != 0 {
		t.Errorf("%d connections to local hosts", connects.Load())
	}
	c, err := client.Caller(upstream.AddressFrom("host", upstream.Headers(credential)), relay.NewClaims(map[string]any{"host": "https://192.0.2.1"}))
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Do(t.Context(), upstream.Request{Path: "/"}, nil); coded(t, err).Code != relay.CodeConnection || connects.Load() != 1 {
		t.Errorf("%d connections to a public host: %v", connects.Load(), err)
	}
}

// A host behind a proxy is refused if one of its addresses is private.
func TestAllAddressesBehindAProxyMustBePublic(t *testing.T) {
	withoutProxy(t)
	resolve(t, map[string][]string{
		"public.example.com.": {"192.0.2.1", "192.0.2.2"},
		"first.example.com.":  {"10.1.2.3", "192.0.2.1"},
		"last.example.com.":   {"192.0.2.1", "10.1.2.3"},
	})
	var connects atomic.Int32
	proxy := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		connects.Add(1)
		http.Error(w, "no", http.StatusForbidden)
	})
	t.Setenv("HTTPS_PROXY", proxy.URL)
	client := newClient(t, upstream.Options{})
	for host, want := range map[string]int32{"first": 0, "last": 0, "public": 1} {
		before := connects.Load()
		c, err := client.Caller(upstream.AddressFrom("host", upstream.Headers(credential)), relay.NewClaims(map[string]any{"host": "https://" + host + ".example.com"}))
		if err != nil {
			t.Fatal(err)
		}
		err = c.Do(t.Context(), upstream.Request{Path: "/"}, nil)
		if local := strings.Contains(coded(t, err).Message, "UPSTREAM_ALLOW_LOCAL"); local != (want == 0) || connects.Load()-before != want {
			t.Errorf("%s: %d connections: %v", host, connects.Load()-before, err)
		}
	}
}

// resolve makes names resolve to IPv4 addresses until the test ends.
func resolve(t *testing.T, names map[string][]string) {
	t.Helper()
	server, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	go func() {
		for buffer := make([]byte, 512); ; {
			n, from, err := server.ReadFrom(buffer)
			if err != nil {
				return
			}
			var message dnsmessage.Message
			if message.Unpack(buffer[:n]) != nil {
				continue
			}
			question := message.Questions[0]
			message.Response, message.Additionals = true, nil
			if question.Type == dnsmessage.TypeA {
				for _, text := range names[question.Name.String()] {
					message.Answers = append(message.Answers, dnsmessage.Resource{
						Header: dnsmessage.ResourceHeader{Name: question.Name, Type: question.Type, Class: question.Class},
						Body:   &dnsmessage.AResource{A: netip.MustParseAddr(text).As4()},
					})
				}
			}
			if packed, err := message.Pack(); err == nil {
				_, _ = server.WriteTo(packed, from)
			}
		}
	}()
	before := net.DefaultResolver
	net.DefaultResolver = &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "udp", server.LocalAddr().String())
	}}
	t.Cleanup(func() {
		net.DefaultResolver = before
		_ = server.Close()
	})
}

func TestCertificatesAreVerified(t *testing.T) {
	withoutProxy(t)
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(`{"score":1}`)) }))
	server.Config.ErrorLog = log.New(io.Discard, "", 0) // it logs clients that don't trust it
	server.StartTLS()
	defer server.Close()
	file := filepath.Join(t.TempDir(), "ca.pem")
	certificate := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})
	if err := os.WriteFile(file, certificate, 0o600); err != nil {
		t.Fatal(err)
	}
	at, _ := url.Parse(server.URL)
	for name, tt := range map[string]struct {
		address, file string
		want          string // part of the message; none means a response
	}{
		"unknown authority": {server.URL, "", "its authority is unknown. If that is a private one, add its certificate to UPSTREAM_CA_FILE."},
		"named authority":   {server.URL, file, ""},
		"another host":      {"https://localhost:" + at.Port(), file, "it is for another host"},
		"no TLS":            {serve(t, func(http.ResponseWriter, *http.Request) {}).URL, "", "does not use TLS"},
	} {
		t.Run(name, func(t *testing.T) {
			c := caller(t, newClient(t, upstream.Options{
				Address:  address(t, strings.Replace(tt.address, "http://", "https://", 1)),
				Settings: upstream.Settings{CAFile: tt.file},
			}))
			err := c.Do(t.Context(), upstream.Request{Path: "/"}, nil)
			if tt.want == "" {
				if err != nil {
					t.Error(err)
				}
				return
			}
			if got := coded(t, err); got.Code != relay.CodeConnection || !strings.Contains(got.Message, tt.want) {
				t.Errorf("got %v, want %s", err, tt.want)
			}
		})
	}
	for name, content := range map[string]string{"missing": "", "empty.pem": " ", "other.pem": "-----BEGIN NOTHING-----"} {
		file := filepath.Join(t.TempDir(), name)
		if content != "" {
			if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := upstream.New(upstream.Options{Settings: upstream.Settings{CAFile: file}}); err == nil || !strings.Contains(err.Error(), "UPSTREAM_CA_FILE") {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

// Neither the credential nor any other header is sent to another host.
func TestRedirectsToAnotherHostAreNotFollowed(t *testing.T) {
	withoutProxy(t)
	var leaked atomic.Int32
	elsewhere := serve(t, func(http.ResponseWriter, *http.Request) { leaked.Add(1) })
	var to string
	var header http.Header
	server := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/moved" {
			header = r.Header
			_, _ = w.Write([]byte(`{"score":1}`))
			return
		}
		http.Redirect(w, r, to, http.StatusFound)
	})
	c, err := newClient(t, upstream.Options{Address: address(t, server.URL)}).Caller(upstream.Headers(http.Header{"Key": {secret}, "Authorization": {secret}}), relay.Claims{})
	if err != nil {
		t.Fatal(err)
	}
	for _, to = range []string{elsewhere.URL, strings.Replace(elsewhere.URL, "127.0.0.1", "localhost", 1), strings.Replace(server.URL, "127.0.0.1", "localhost", 1)} {
		if err := c.Do(t.Context(), upstream.Request{Path: "/to/" + url.PathEscape(to)}, nil); !strings.Contains(coded(t, err).Message, "redirects to another host") {
			t.Errorf("to %s: %v", to, err)
		}
	}
	if leaked.Load() != 0 {
		t.Errorf("%d calls to another host", leaked.Load())
	}
	to = "/moved"
	if err := c.Do(t.Context(), upstream.Request{Path: "/"}, nil); err != nil || header.Get("Key") != secret || header.Get("Authorization") != secret {
		t.Errorf("within the host: %v, %v", err, header)
	}
}

// A host for each customer must be below the third party's domain.
func TestAddressBelow(t *testing.T) {
	strict, lax := newClient(t, upstream.Options{}), newClient(t, upstream.Options{Settings: upstream.Settings{AllowLocal: true}})
	below := upstream.AddressBelow("example.net", "host", upstream.Headers(credential))
	for host, allowed := range map[string]bool{
		"acme.example.net": true, "https://a.b.EXAMPLE.net:8443/": true, "example.net": false, "https://badexample.net": false, "acme.example.net.evil.example": false,
		"acme.example.net.": false, "evil.example/.example.net": false, "https://evil.example?.example.net": false, "127.0.0.1": false,
	} {
		c, err := strict.Caller(below, relay.NewClaims(map[string]any{"host": host}))
		if (err == nil) != allowed || err != nil && coded(t, err).Code != relay.CodeInvalidArgument {
			t.Errorf("%s: %v", host, err)
		}
		if err == nil && c.SelfHosted() {
			t.Errorf("%s: it counts as the caller's own", host)
		}
	}
	if _, err := lax.Caller(below, relay.NewClaims(map[string]any{"host": "http://127.0.0.1:9100"})); err != nil {
		t.Error(err)
	}
	// The name may resolve to a private address.
	c, err := strict.Caller(upstream.AddressBelow("0.0.1", "host", upstream.Headers(credential)), relay.NewClaims(map[string]any{"host": "127.0.0.1"}))
	if err != nil {
		t.Fatal(err)
	}
	if got := coded(t, c.Do(t.Context(), upstream.Request{Path: "/"}, nil)); got.Code != relay.CodeConnection || !strings.Contains(got.Message, "UPSTREAM_ALLOW_LOCAL") {
		t.Errorf("got %v", got)
	}
}
