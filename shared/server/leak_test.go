package server_test

import (
	"bytes"
	"context"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"go.uber.org/zap"

	"github.com/serverless-relay/relay/shared/ctim"
	"github.com/serverless-relay/relay/shared/logging"
	"github.com/serverless-relay/relay/shared/relay"
	"github.com/serverless-relay/relay/shared/server"
	"github.com/serverless-relay/relay/shared/upstream"
)

const evil = "bücher-evil.example"

// The spellings of the observable in errors.
var evils = []string{"bücher-evil", "xn--bcher-evil", "b%c3%bccher-evil", `b\u00fccher-evil`, "bücher-evil[.]example"}

// observe asks about evil with a host and a key in the token. It returns the answer
// and the log.
func observe(t *testing.T, host string, session relay.Session) (answer, string) {
	t.Helper()
	d := declaration()
	d.Credentials = []relay.Credential{{Name: "HOST"}, {Name: "KEY"}}
	var out bytes.Buffer
	r := server.New(server.Options{
		Declaration: d, Service: source{session: session}, Authenticator: gate{"HOST": host, "KEY": secret}, Log: logging.New(&out, zap.DebugLevel),
	})
	return ask(t.Context(), t, r, "/observe/observables", `[{"type":"domain","value":"`+evil+`"}]`), out.String()
}

// lookUp returns a session that asks the third party at host about each observable.
func lookUp(t *testing.T, host string, settings upstream.Settings) relay.Session {
	t.Helper()
	settings.AllowLocal = true
	client, err := upstream.New(upstream.Options{Title: "Example", Retries: -1, Settings: settings})
	if err != nil {
		t.Fatal(err)
	}
	caller, err := client.Caller(upstream.AddressFrom("HOST", upstream.Header("X-Key", "KEY")), relay.NewClaims(map[string]any{"HOST": host, "KEY": secret}))
	if err != nil {
		t.Fatal(err)
	}
	return observer(func(ctx context.Context, o ctim.Observable) (ctim.Bundle, error) {
		var into struct{ Score int }
		return ctim.Bundle{}, caller.Get(ctx, "/v1/"+url.PathEscape(o.Value), url.Values{"q": {o.Value}}, &into)
	})
}

// find returns those of the texts that are in another text in any case.
func find(in string, texts ...string) []string {
	return slices.DeleteFunc(texts, func(text string) bool { return !strings.Contains(strings.ToLower(in), strings.ToLower(text)) })
}

// Whatever a third party does, neither the observable nor the address in the token
// nor the key reaches the log, and neither the address nor the key the answer.
func TestThirdPartiesCannotLeak(t *testing.T) {
	reply := func(status int, body func(r *http.Request) string) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			w.WriteHeader(status)
			_, _ = io.WriteString(w, body(r))
		}
	}
	message := func(text string) func(*http.Request) string {
		return func(r *http.Request) string {
			return fmt.Sprintf(`{"message":%q}`, fmt.Sprintf(text, "http://"+r.Host+r.RequestURI))
		}
	}
	for name, handler := range map[string]http.HandlerFunc{
		"its words repeat the URL": reply(422, message("can't look up %s")),
		"its words repeat everything": reply(401, func(r *http.Request) string {
			return fmt.Sprintf(`{"message":"%s %s %s"}`, evil, r.Host, r.Header.Get("X-Key"))
		}),
		"its words are cut": reply(422, message(strings.Repeat("x", 160)+" %s")),
		"its words are encoded": reply(500, func(r *http.Request) string {
			return `{"message":"` + url.QueryEscape("http://"+r.Host+r.RequestURI) + `"}`
		}),
		"a web page":           reply(200, func(r *http.Request) string { return "<html>" + r.Host + r.RequestURI }),
		"not JSON":             reply(200, func(r *http.Request) string { return r.Host + r.RequestURI }),
		"JSON of another form": reply(200, func(r *http.Request) string { return fmt.Sprintf(`{"score":%q}`, r.Host+r.RequestURI) }),
		"a redirect to another host": func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "https://cdn."+r.Host+r.RequestURI, http.StatusFound)
		},
		"endless redirects": func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, r.RequestURI+"x", http.StatusFound) },
		"a redirect to nowhere": func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Location", "http://"+r.Host+":x"+r.RequestURI)
			w.WriteHeader(http.StatusFound)
		},
		"nonsense": func(w http.ResponseWriter, r *http.Request) {
			conn, _, err := w.(http.Hijacker).Hijack()
			if err != nil {
				t.Error(err)
				return
			}
			fmt.Fprintf(conn, "%s %s\r\n\r\n", r.Host, r.RequestURI)
			_ = conn.Close()
		},
	} {
		t.Run(name, func(t *testing.T) {
			third := httptest.NewServer(handler)
			defer third.Close()
			got, out := observe(t, third.URL, lookUp(t, third.URL, upstream.Settings{}))
			if len(got.Errors) != 1 || strings.Count(out, "\n") < 1 {
				t.Fatalf("answer %s, log %s", got.raw, out)
			}
			host := third.Listener.Addr().String()
			if leaks := find(out, append([]string{host, "127.0.0.1", secret}, evils...)...); len(leaks) > 0 {
				t.Errorf("the log has %q: %s", leaks, out)
			}
			if leaks := find(string(got.raw), host, "127.0.0.1", secret); len(leaks) > 0 {
				t.Errorf("the answer has %q: %s", leaks, got.raw)
			}
		})
	}
}

// The network's errors name addresses too: those in the token, and what they resolve
// to.
func TestTheNetworkCannotLeak(t *testing.T) {
	for _, name := range []string{"HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "NO_PROXY", "no_proxy", "REQUEST_METHOD"} {
		t.Setenv(name, "")
	}
	tlsServer := httptest.NewUnstartedServer(http.NotFoundHandler())
	tlsServer.Config.ErrorLog = log.New(io.Discard, "", 0) // of refused handshakes
	tlsServer.StartTLS()
	defer tlsServer.Close()
	trusted := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(trusted, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: tlsServer.Certificate().Raw}), 0o600); err != nil {
		t.Fatal(err)
	}
	plain := httptest.NewServer(http.NotFoundHandler())
	defer plain.Close()
	closed, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	if err := closed.Close(); err != nil {
		t.Fatal(err)
	}
	_, tlsPort, _ := net.SplitHostPort(tlsServer.Listener.Addr().String())
	for name, tt := range map[string]struct {
		host     string
		settings upstream.Settings
	}{
		"no such host":                 {"https://misp.customer.invalid", upstream.Settings{}},
		"refused":                      {"http://" + closed.Addr().String(), upstream.Settings{}},
		"no TLS":                       {"https://" + plain.Listener.Addr().String(), upstream.Settings{}},
		"an unknown authority":         {tlsServer.URL, upstream.Settings{}},
		"a certificate of other names": {"https://localhost:" + tlsPort, upstream.Settings{CAFile: trusted}},
	} {
		t.Run(name, func(t *testing.T) {
			got, out := observe(t, tt.host, lookUp(t, tt.host, tt.settings))
			if len(got.Errors) != 1 || got.Errors[0].Code != relay.CodeConnection || !strings.Contains(out, `"level":"warn"`) {
				t.Fatalf("answer %s, log %s", got.raw, out)
			}
			_, host, _ := strings.Cut(tt.host, "://")
			names := []string{host, "customer.invalid", "127.0.0.1", "localhost", "example.com", secret}
			if leaks := find(out, append(names, evils...)...); len(leaks) > 0 {
				t.Errorf("the log has %q: %s", leaks, out)
			}
			if leaks := find(string(got.raw), names...); len(leaks) > 0 {
				t.Errorf("the answer has %q: %s", leaks, got.raw)
			}
		})
	}
}

// The same holds for a provider that doesn't use package upstream.
func TestProvidersCannotLeak(t *testing.T) {
	const host = "https://misp.customer.invalid:8443/misp/"
	for name, err := range map[string]error{
		"a URL":                   &url.Error{Op: "Get", URL: host + url.PathEscape(evil), Err: io.ErrUnexpectedEOF},
		"a quoted URL in a query": fmt.Errorf("parse %q", "https://other.example/?u="+url.QueryEscape(host+evil)),
		"a name":                  &net.DNSError{Err: "no such host", Name: "xn--bcher-evil-9db.example", Server: "MISP.customer.invalid:53"},
		"defanged":                errors.New("bücher-evil[.]example at hxxps://misp[.]customer[.]invalid"),
		"a message":               relay.Errorf(relay.CodeNotFound, "No %s at MISP.Customer.Invalid with %s.", evil, secret),
		"a wrapped message":       fmt.Errorf("%w: misp.customer.invalid, B%%C3%%BCcher-evil.example", relay.Errorf(relay.CodeNotFound, "No %s at %s.", evil, url.QueryEscape(host))),
	} {
		for kind, fail := range map[string]func() error{"error": func() error { return err }, "panic": func() error { panic(err) }} {
			t.Run(name+" as "+kind, func(t *testing.T) {
				got, out := observe(t, host, observer(func(context.Context, ctim.Observable) (ctim.Bundle, error) { return ctim.Bundle{}, fail() }))
				if leaks := find(out, append([]string{"customer.invalid", "customer[.]invalid", secret}, evils...)...); len(leaks) > 0 {
					t.Errorf("the log has %q: %s", leaks, out)
				}
				if leaks := find(string(got.raw), "customer.invalid", secret); len(leaks) > 0 || len(got.Errors) != 1 {
					t.Errorf("the answer has %q: %s", leaks, got.raw)
				}
			})
		}
	}
}
