package auth_test

import (
	"context"
	"crypto/tls"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/serverless-relay/relay/shared/auth"
)

func TestAudience(t *testing.T) {
	tests := map[string]struct {
		url     string // Options.URL
		aud     any    // nil: absent
		refused bool
	}{
		"same":                     {url: "https://relay.example.org/prod", aud: "https://relay.example.org/prod"},
		"slash in the claim":       {url: "https://relay.example.org/prod", aud: "https://relay.example.org/prod/"},
		"slash in the setting":     {url: "https://relay.example.org/", aud: "https://relay.example.org"},
		"space in the setting":     {url: " https://relay.example.org ", aud: "https://relay.example.org"},
		"case of scheme and host":  {url: "https://Relay.example.org/prod", aud: "HTTPS://relay.EXAMPLE.org/prod"},
		"default port":             {url: "https://relay.example.org", aud: "https://relay.example.org:443"},
		"default port of http":     {url: "http://relay.example.org:80/", aud: "http://relay.example.org"},
		"in a list":                {url: "https://relay.example.org", aud: []any{"https://other.example", "https://relay.example.org"}},
		"setting before request":   {url: "https://own.example", aud: "https://own.example"},
		"case of path":             {url: "https://relay.example.org/prod", aud: "https://relay.example.org/Prod", refused: true},
		"other path":               {url: "https://relay.example.org/prod", aud: "https://relay.example.org/dev", refused: true},
		"longer path":              {url: "https://relay.example.org/prod", aud: "https://relay.example.org/prod/health", refused: true},
		"no path":                  {url: "https://relay.example.org/prod", aud: "https://relay.example.org", refused: true},
		"other scheme":             {url: "https://relay.example.org", aud: "http://relay.example.org", refused: true},
		"no scheme":                {url: "https://relay.example.org", aud: "relay.example.org", refused: true},
		"scheme of another world":  {url: "ftp://relay.example.org", aud: "ftp://relay.example.org", refused: true},
		"other port":               {url: "https://relay.example.org", aud: "https://relay.example.org:8443", refused: true},
		"other host":               {url: "https://relay.example.org", aud: "https://relay.example.org.attacker.example", refused: true},
		"user":                     {url: "https://relay.example.org", aud: "https://user@relay.example.org", refused: true},
		"query":                    {url: "https://relay.example.org", aud: "https://relay.example.org?x", refused: true},
		"empty query":              {url: "https://relay.example.org", aud: "https://relay.example.org?", refused: true},
		"fragment":                 {url: "https://relay.example.org", aud: "https://relay.example.org#x", refused: true},
		"not a URL":                {url: "https://relay.example.org", aud: "https://relay.example.org:port", refused: true},
		"Unicode twin":             {url: "https://keys.example", aud: "https://\u212aeys.example", refused: true},
		"absent":                   {url: "https://relay.example.org", refused: true},
		"empty":                    {url: "https://relay.example.org", aud: "", refused: true},
		"empty list":               {url: "https://relay.example.org", aud: []any{}, refused: true},
		"a number":                 {url: "https://relay.example.org", aud: 7, refused: true},
		"an object":                {url: "https://relay.example.org", aud: map[string]any{"https://relay.example.org": true}, refused: true},
		"list with a number":       {url: "https://relay.example.org", aud: []any{"https://relay.example.org", 7}, refused: true},
		"list of lists":            {url: "https://relay.example.org", aud: []any{[]any{"https://relay.example.org"}}, refused: true},
		"the request's own URL":    {url: "https://own.example", aud: "https://relay.example.org", refused: true},
		"both invalid":             {url: "not a url", aud: "not a url", refused: true},
		"invalid setting":          {url: "not a url", aud: "https://relay.example.org", refused: true},
		"blank setting, own URL":   {url: "  ", aud: "https://relay.example.org"},
		"blank setting, other URL": {url: "  ", aud: "https://other.example", refused: true},
	}
	body := keySet(rsaJWK(t, "1", firstKey(), nil))
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			authenticator := auth.New(auth.Options{
				URL: test.url, JWKSHosts: []string{platformUS}, Credentials: []string{"key"}, Client: &http.Client{Transport: &hosts{body: body}},
			})
			claims := map[string]any{"jwks_host": platformUS, "key": "v4lue"}
			if test.aud != nil {
				claims["aud"] = test.aud
			}
			_, err := authenticator.Authenticate(request(t, rs256(t, firstKey(), rs256Hash, rsHeader, encode(t, claims))))
			if test.refused {
				checkRefused(t, err, wrongAud)
			} else if err != nil {
				t.Fatal(err)
			}
		})
	}
}

func TestAudienceOfSeveralProviders(t *testing.T) {
	const own, misp = "https://relay.example.org/dev", "https://relay.example.org/dev/misp"
	tests := map[string]struct {
		url, sent string
		notFirst  bool
		aud       string
		refused   bool
	}{
		"first":                         {url: own, sent: "/dev/health", aud: own},
		"first, below its name":         {url: own, sent: "/dev/misp/health", aud: misp},
		"first, other URL":              {url: own, sent: "/dev/health", aud: misp, refused: true},
		"first, below, other URL":       {url: own, sent: "/dev/misp/health", aud: own, refused: true},
		"second":                        {url: own, sent: "/dev/misp/health", notFirst: true, aud: misp},
		"second, first one's":           {url: own, sent: "/dev/misp/health", notFirst: true, aud: own, refused: true},
		"second, another one's":         {url: own, sent: "/dev/misp/health", notFirst: true, aud: own + "/otx", refused: true},
		"second behind a rewrite":       {url: own, sent: "/health", notFirst: true, aud: misp},
		"second, first one's, rewrite":  {url: own, sent: "/elsewhere", notFirst: true, aud: own, refused: true},
		"no setting, first":             {sent: "/dev/health", aud: own},
		"no setting, second":            {sent: "/dev/misp/health", notFirst: true, aud: misp},
		"no setting, second, the first": {sent: "/dev/misp/health", notFirst: true, aud: own, refused: true},
	}
	body := keySet(rsaJWK(t, "1", firstKey(), nil))
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			authenticator := auth.New(auth.Options{
				URL: test.url, JWKSHosts: []string{platformUS}, Provider: "misp", NotFirst: test.notFirst,
				Credentials: []string{"key"}, Client: &http.Client{Transport: &hosts{body: body}},
			})
			claims := map[string]any{"jwks_host": platformUS, "key": "v4lue", "aud": test.aud}
			r := request(t, rs256(t, firstKey(), rs256Hash, rsHeader, encode(t, claims)))
			r.RequestURI, r.URL.Path = test.sent, "/health"
			_, err := authenticator.Authenticate(r)
			if test.refused {
				checkRefused(t, err, wrongAud)
			} else if err != nil {
				t.Fatal(err)
			}
		})
	}
}

func TestURLOfTheRequest(t *testing.T) {
	tests := map[string]struct {
		requestURI string // as sent
		path       string // the bare route; empty: as sent
		proto      string // X-Forwarded-Proto
		socket     bool   // read by net/http
		tls        bool
		want       string
	}{
		"event":                        {requestURI: "/health", want: "https://relay.example.org"},
		"event with stage":             {requestURI: "/prod/health", path: "/health", proto: "https", want: "https://relay.example.org/prod"},
		"event with query":             {requestURI: "/prod/health?a=/health", path: "/health", want: "https://relay.example.org/prod"},
		"event with trailing slash":    {requestURI: "/prod/health/", path: "/health", want: "https://relay.example.org/prod"},
		"both with trailing slash":     {requestURI: "/prod/health/", path: "/health/", want: "https://relay.example.org/prod"},
		"longer route":                 {requestURI: "/a/b/tiles/tile-data", path: "/tiles/tile-data", want: "https://relay.example.org/a/b"},
		"stage named like a route":     {requestURI: "/health/health", path: "/health", want: "https://relay.example.org/health"},
		"absolute URI":                 {requestURI: "http://other.example/prod/health", path: "/health", want: "https://relay.example.org/prod"},
		"no URI as sent":               {requestURI: "", path: "/health", want: "https://relay.example.org"},
		"URI without the route":        {requestURI: "/other", path: "/health", want: "https://relay.example.org"},
		"socket":                       {requestURI: "/health", socket: true, want: "http://relay.example.org"},
		"socket with TLS":              {requestURI: "/health", socket: true, tls: true, want: "https://relay.example.org"},
		"socket behind a proxy":        {requestURI: "/health", socket: true, proto: "https", want: "https://relay.example.org"},
		"socket behind proxies":        {requestURI: "/health", socket: true, proto: " HTTPS, http", want: "https://relay.example.org"},
		"plain proxy":                  {requestURI: "/health", proto: "http", want: "http://relay.example.org"},
		"proxy that speaks of nothing": {requestURI: "/health", proto: "ws", want: "https://relay.example.org"},
	}
	body := keySet(rsaJWK(t, "1", firstKey(), nil))
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			authenticator := auth.New(auth.Options{
				JWKSHosts: []string{platformUS}, Credentials: []string{"key"}, Client: &http.Client{Transport: &hosts{body: body}},
			})
			r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/health", nil)
			r.Host, r.RequestURI, r.URL.Path = "Relay.example.org", test.requestURI, test.path
			if test.path == "" {
				r.URL.Path = test.requestURI
			}
			if test.proto != "" {
				r.Header.Set("X-Forwarded-Proto", test.proto)
			}
			if test.socket {
				r = r.WithContext(context.WithValue(r.Context(), http.ServerContextKey, &http.Server{}))
			}
			if test.tls {
				r.TLS = &tls.ConnectionState{}
			}
			authenticate := func(aud string) error {
				payload := encode(t, map[string]any{"jwks_host": platformUS, "aud": aud, "key": "v4lue"})
				r.Header.Set("Authorization", "Bearer "+rs256(t, firstKey(), rs256Hash, rsHeader, payload))
				_, err := authenticator.Authenticate(r)
				return err
			}
			if err := authenticate(test.want); err != nil {
				t.Error(err)
			}
			checkRefused(t, authenticate(test.want+"/more"), wrongAud)
		})
	}
}
