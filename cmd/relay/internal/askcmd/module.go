package askcmd

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"time"

	"github.com/serverless-relay/relay/cmd/relay/internal/localkey"
	"github.com/serverless-relay/relay/providers"
	"github.com/serverless-relay/relay/shared/auth"
	"github.com/serverless-relay/relay/shared/config"
	"github.com/serverless-relay/relay/shared/console"
	"github.com/serverless-relay/relay/shared/ctim"
	"github.com/serverless-relay/relay/shared/relay"
	"github.com/serverless-relay/relay/shared/server"
)

// module is a provider to send requests to.
type module struct {
	name, title string
	// url precedes the routes, and token is one that the provider accepts.
	url, token string
	// route is the route of the requests.
	route string
	// types are those that it supports; nil is unknown.
	types     []ctim.ObservableType
	transport http.RoundTripper
}

// observeRoute answers with verdicts and all that is known.
const observeRoute = "/observe/observables"

// modules returns the running relay, or opens the providers in the settings. close
// closes the open ones, also after an error.
func (k *Command) modules(ctx context.Context, c console.Console, claims map[string]any) (all []module, close func(), err error) {
	close = func() {}
	if k.URL != "" {
		token, _, err := k.JWT.GetFor(ctx, c, k.URL, claims)
		return []module{{name: "relay", title: "relay", url: string(k.URL), token: token, route: observeRoute, transport: http.DefaultTransport}}, close, err
	}
	settings, err := config.Load()
	if err != nil {
		return nil, close, err
	}
	settings.SecretKey = auth.NewSecretKey() // for this process alone
	settings.AllowFrom = nil
	served, err := providers.Open(settings, nil)
	if err != nil {
		return nil, close, err
	}
	close = func() {
		for _, s := range served {
			if closer, ok := s.Service.(io.Closer); ok {
				_ = closer.Close() // nothing was written
			}
		}
	}
	transport := inProcess{served.Routes((*server.Server).Routes)}
	for _, s := range served {
		d := s.Declaration
		m := module{name: d.Name, title: d.Title, url: "http://relay/" + d.Name, route: observeRoute, types: d.ObservableTypes, transport: transport}
		if !slices.Contains(d.Capabilities(), relay.CapabilityObserve) {
			m.route = "/deliberate/observables"
		}
		missing := slices.DeleteFunc(d.RequiredCredentials(), func(name string) bool { return claims[name] != nil })
		if len(missing) > 0 {
			return nil, close, console.Usage(errors.New(d.Title + " needs credentials: pass --claim " + strings.Join(missing, " --claim ")))
		}
		if m.token, err = localkey.Sign(settings, d.Name, time.Hour, claims); err != nil {
			return nil, close, err
		}
		all = append(all, m)
	}
	return all, close, nil
}

// inProcess sends requests to a handler of this process.
type inProcess struct{ handler http.Handler }

// RoundTrip implements http.RoundTripper.
func (p inProcess) RoundTrip(r *http.Request) (*http.Response, error) {
	w := httptest.NewRecorder()
	p.handler.ServeHTTP(w, r)
	return w.Result(), nil
}
