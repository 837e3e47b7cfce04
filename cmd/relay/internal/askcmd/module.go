package askcmd

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"io"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/serverless-relay/relay/cmd/relay/internal/console"
	"github.com/serverless-relay/relay/cmd/relay/internal/localkey"
	"github.com/serverless-relay/relay/providers"
	"github.com/serverless-relay/relay/shared/auth"
	"github.com/serverless-relay/relay/shared/config"
	"github.com/serverless-relay/relay/shared/ctim"
	"github.com/serverless-relay/relay/shared/relay"
	"github.com/serverless-relay/relay/shared/server"
)

// module is a provider that is asked.
type module struct {
	name, title string
	// url precedes the routes, and token is what the provider accepts.
	url, token string
	// route is the one that is asked.
	route string
	// types are those that it supports; nil is unknown.
	types     []ctim.ObservableType
	transport http.RoundTripper
}

// modules are the providers that are asked, and what must be closed afterwards.
type modules struct {
	all     []module
	closers []io.Closer
}

func (m modules) close() {
	for _, c := range m.closers {
		_ = c.Close() // nothing was written
	}
}

// observeRoute answers with verdicts and all that is known.
const observeRoute = "/observe/observables"

// modules returns the running relay, or opens the providers in the settings.
func (k *Command) modules(ctx context.Context, c console.Console, claims map[string]any) (modules, error) {
	if k.URL != "" {
		token, _, err := k.JWT.GetFor(ctx, c, k.URL, claims)
		return modules{all: []module{{name: "relay", title: "relay", url: string(k.URL), token: token, route: observeRoute, transport: http.DefaultTransport}}}, err
	}
	settings, err := config.Load()
	if err != nil {
		return modules{}, err
	}
	settings.SecretKey = auth.NewSecretKey() // for this process alone
	settings.AllowFrom = nil
	served, err := providers.Open(settings, nil)
	if err != nil {
		return modules{}, err
	}
	var opened modules
	transport := inProcess{served.Routes((*server.Server).Routes)}
	for _, s := range served {
		if closer, ok := s.Service.(io.Closer); ok {
			opened.closers = append(opened.closers, closer)
		}
		d := s.Declaration
		m := module{name: d.Name, title: d.Title, url: "http://relay/" + d.Name, route: observeRoute, types: d.ObservableTypes, transport: transport}
		if !slices.Contains(d.Capabilities(), relay.CapabilityObserve) {
			m.route = "/deliberate/observables"
		}
		if missing := missingCredentials(d, claims); len(missing) > 0 {
			opened.close()
			return modules{}, console.Usage(errors.New(d.Title + " needs credentials: pass --claim " + strings.Join(missing, " --claim ")))
		}
		if m.token, err = localkey.Sign(settings, d.Name, time.Hour, claims); err != nil {
			opened.close()
			return modules{}, err
		}
		opened.all = append(opened.all, m)
	}
	return opened, nil
}

func missingCredentials(d relay.Declaration, claims map[string]any) []string {
	return slices.DeleteFunc(d.RequiredCredentials(), func(name string) bool { return claims[name] != nil })
}

// inProcess sends requests to a handler of this process.
type inProcess struct{ handler http.Handler }

// RoundTrip implements http.RoundTripper.
func (p inProcess) RoundTrip(r *http.Request) (*http.Response, error) {
	w := &recorder{header: http.Header{}}
	p.handler.ServeHTTP(w, r)
	return &http.Response{StatusCode: cmp.Or(w.status, http.StatusOK), Header: w.header, Body: io.NopCloser(&w.body), Request: r}, nil
}

// recorder keeps a response.
type recorder struct {
	header http.Header
	status int
	body   bytes.Buffer
}

// Header implements http.ResponseWriter.
func (w *recorder) Header() http.Header { return w.header }

// WriteHeader implements http.ResponseWriter.
func (w *recorder) WriteHeader(status int) { w.status = cmp.Or(w.status, status) }

// Write implements http.ResponseWriter.
func (w *recorder) Write(b []byte) (int, error) { return w.body.Write(b) }
