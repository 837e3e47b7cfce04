package auth_test

import (
	"context"
	"crypto"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/serverless-relay/relay/shared/auth"
)

const (
	rs256Hash  = crypto.SHA256
	platformUS = "visibility.amp.cisco.com"
	platformEU = "visibility.eu.amp.cisco.com"
	rsHeader   = `{"alg":"RS256","kid":"1","typ":"JWT"}`
	rsPayload  = `{"jwks_host":"visibility.amp.cisco.com","aud":"https://relay.example.org","key":"v4lue"}`

	wrongHost   = "Wrong jwks_host in JWT payload. Make sure domain follows the visibility.<region>.cisco.com structure"
	missingHost = "jwks_host is missing in JWT payload. Make sure custom_jwks_host field is present in module_type"
	unknownKid  = "kid from JWT header not found in API response"
	wrongAud    = "Wrong configuration-token-audience"
)

// platform is a TLS server to which the tests connect for any host.
type platform struct {
	server *httptest.Server
	client *http.Client
	answer atomic.Pointer[http.HandlerFunc]
	asked  atomic.Int32 // requests that reached it
}

func startPlatform(t *testing.T) *platform {
	t.Helper()
	p := &platform{}
	p.server = httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		p.asked.Add(1)
		(*p.answer.Load())(w, r)
	}))
	t.Cleanup(p.server.Close)

	transport := p.server.Client().Transport.(*http.Transport).Clone()
	transport.TLSClientConfig.ServerName = "example.com" // what the server's certificate is for
	transport.DialContext = func(ctx context.Context, network, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, network, p.server.Listener.Addr().String())
	}
	t.Cleanup(transport.CloseIdleConnections)
	p.client = &http.Client{Transport: transport}
	return p
}

func (p *platform) handle(f http.HandlerFunc) { p.answer.Store(&f) }

// serve answers as the platform does.
func (p *platform) serve(keySet string) {
	p.handle(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet || r.URL.Path != "/.well-known/jwks" || r.Header.Get("Authorization") != "" {
			http.NotFound(w, r)
			return
		}
		_, _ = fmt.Fprint(w, keySet)
	})
}

// authenticator returns one that only reaches the platform, by two names. Its
// tokens need the credential "key".
func (p *platform) authenticator(o auth.Options) *auth.Authenticator {
	o.Client = p.client
	o.Credentials = []string{"key"}
	o.JWKSHosts = []string{platformUS, "  Visibility.EU.amp.cisco.com "}
	return auth.New(o)
}

func accept(t *testing.T, a *auth.Authenticator, token string) {
	t.Helper()
	claims, err := a.Authenticate(request(t, token))
	if err != nil {
		t.Fatal(err)
	}
	if got := claims.Get("key"); got != "v4lue" {
		t.Errorf("got the claim %q", got)
	}
}

func TestRS256(t *testing.T) {
	platform := startPlatform(t)
	platform.serve(keySet(
		rsaJWK(t, "1", firstKey(), nil),
		ecJWK(t, "ec"),
		rsaJWK(t, "short", shortKey(), nil),
		rsaJWK(t, "enc", firstKey(), map[string]any{"use": "enc"}),
		rsaJWK(t, "RS512", firstKey(), map[string]any{"alg": "RS512"}),
		rsaJWK(t, "encrypt", firstKey(), map[string]any{"key_ops": []string{"encrypt"}}),
		rsaJWK(t, "bare", firstKey(), map[string]any{"use": "", "alg": ""}),
		rsaJWK(t, "verify", firstKey(), map[string]any{"key_ops": []string{"verify"}}),
		rsaJWK(t, "broken", firstKey(), map[string]any{"n": "%%%"}),
		rsaJWK(t, "even", firstKey(), map[string]any{"e": "AA"}),
		rsaJWK(t, "", firstKey(), nil),
		rsaJWK(t, "twice", firstKey(), nil),
		rsaJWK(t, "twice", secondKey(), nil),
		`{"kty":"oct","kid":"oct","k":"c2VjcmV0"}`, `{"kty":7}`, `null`, `7`,
	))
	key := firstKey()
	header := func(id string) string { return fmt.Sprintf(`{"alg":"RS256","kid":%q}`, id) }
	payload := func(change string) string {
		return strings.TrimSuffix(rsPayload, "}") + "," + change + "}"
	}
	now := time.Now().Unix()

	tests := map[string]struct {
		token   string
		refused string
	}{
		"good":                     {token: rs256(t, key, rs256Hash, rsHeader, rsPayload)},
		"host in other case":       {token: rs256(t, key, rs256Hash, rsHeader, strings.Replace(rsPayload, "visibility.amp", "Visibility.AMP", 1))},
		"other allowed host":       {token: rs256(t, key, rs256Hash, rsHeader, strings.Replace(rsPayload, platformUS, platformEU, 1))},
		"key without description":  {token: rs256(t, key, rs256Hash, header("bare"), rsPayload)},
		"key for verifying":        {token: rs256(t, key, rs256Hash, header("verify"), rsPayload)},
		"first of two with one id": {token: rs256(t, key, rs256Hash, header("twice"), rsPayload)},
		"timely":                   {token: rs256(t, key, rs256Hash, rsHeader, payload(fmt.Sprintf(`"exp":%d,"nbf":%d`, now+3600, now-3600)))},

		"expired":                  {token: rs256(t, key, rs256Hash, rsHeader, payload(fmt.Sprintf(`"exp":%d`, now-3600))), refused: wrongTime},
		"not yet valid":            {token: rs256(t, key, rs256Hash, rsHeader, payload(fmt.Sprintf(`"nbf":%d`, now+3600))), refused: wrongTime},
		"another key":              {token: rs256(t, secondKey(), rs256Hash, rsHeader, rsPayload), refused: wrongKey},
		"second of two":            {token: rs256(t, secondKey(), rs256Hash, header("twice"), rsPayload), refused: wrongKey},
		"signed with SHA-512":      {token: rs256(t, key, crypto.SHA512, rsHeader, rsPayload), refused: wrongKey},
		"signed with the secret":   {token: hs256(secret, rsHeader, rsPayload), refused: wrongKey},
		"unsigned":                 {token: segment(rsHeader) + "." + segment(rsPayload) + ".", refused: wrongKey},
		"header says RS512":        {token: rs256(t, key, crypto.SHA512, `{"alg":"RS512","kid":"1"}`, rsPayload), refused: "Wrong JWT structure"},
		"no kid":                   {token: rs256(t, key, rs256Hash, `{"alg":"RS256"}`, rsPayload), refused: unknownKid},
		"empty kid":                {token: rs256(t, key, rs256Hash, header(""), rsPayload), refused: unknownKid},
		"kid a number":             {token: rs256(t, key, rs256Hash, `{"alg":"RS256","kid":1}`, rsPayload), refused: unknownKid},
		"unknown kid":              {token: rs256(t, key, rs256Hash, header("s3cret"), rsPayload), refused: unknownKid},
		"EC key":                   {token: rs256(t, key, rs256Hash, header("ec"), rsPayload), refused: unknownKid},
		"key too short":            {token: rs256(t, shortKey(), rs256Hash, header("short"), rsPayload), refused: unknownKid},
		"key for encryption":       {token: rs256(t, key, rs256Hash, header("enc"), rsPayload), refused: unknownKid},
		"key for encrypting":       {token: rs256(t, key, rs256Hash, header("encrypt"), rsPayload), refused: unknownKid},
		"key for RS512":            {token: rs256(t, key, rs256Hash, header("RS512"), rsPayload), refused: unknownKid},
		"key that is broken":       {token: rs256(t, key, rs256Hash, header("broken"), rsPayload), refused: unknownKid},
		"key with exponent zero":   {token: rs256(t, key, rs256Hash, header("even"), rsPayload), refused: unknownKid},
		"symmetric key in the set": {token: hs256("secret", header("oct"), rsPayload), refused: unknownKid},

		"no claims":         {token: rs256(t, key, rs256Hash, rsHeader, `{}`), refused: missingHost},
		"host null":         {token: rs256(t, key, rs256Hash, rsHeader, `{"jwks_host":null}`), refused: missingHost},
		"host blank":        {token: rs256(t, key, rs256Hash, rsHeader, `{"jwks_host":" "}`), refused: missingHost},
		"other audience":    {token: rs256(t, key, rs256Hash, rsHeader, strings.Replace(rsPayload, "relay.ex", "other.ex", 1)), refused: wrongAud},
		"credential absent": {token: rs256(t, key, rs256Hash, rsHeader, strings.Replace(rsPayload, `"key"`, `"other"`, 1)), refused: "Wrong JWT payload structure"},
	}
	authenticator := platform.authenticator(auth.Options{SecretKey: secret})
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if test.refused == "" {
				accept(t, authenticator, test.token)
				return
			}
			_, err := authenticator.Authenticate(request(t, test.token))
			checkRefused(t, err, test.refused, "v4lue", "s3cret", test.token)
		})
	}
}

// A relay that fetched keys from the host in a forged token would accept that token,
// and could be sent to hosts in its own network.
func TestRS256HostsThatAreNotAllowed(t *testing.T) {
	platform := startPlatform(t)
	platform.serve(keySet(rsaJWK(t, "1", firstKey(), nil)))
	authenticator := platform.authenticator(auth.Options{})

	hosts := []any{
		"attacker.example", "visibility.amp.cisco.com.attacker.example", "attacker.example/visibility.amp.cisco.com",
		"visibility.amp.cisco.com/x", "visibility.amp.cisco.com:443", "visibility.amp.cisco.com:8443",
		"visibility.amp.cisco.com.", " visibility.amp.cisco.com", "visibility.amp.cisco.com\x00",
		"user@visibility.amp.cisco.com", "visibility.amp.cisco.com@attacker.example", "visibility.amp.cisco.com#attacker.example",
		"https://visibility.amp.cisco.com", "amp.cisco.com", "cisco.com", "xvisibility.amp.cisco.com", "*",
		"vi\u017fibility.amp.cisco.com", "visibility.apjc.amp.cisco.com", "127.0.0.1", "169.254.169.254", "localhost", "[::1]",
		7, true, []string{platformUS}, map[string]string{"host": platformUS},
	}
	for _, host := range hosts {
		t.Run(fmt.Sprint(host), func(t *testing.T) {
			payload := encode(t, map[string]any{"jwks_host": host, "aud": "https://relay.example.org"})
			_, err := authenticator.Authenticate(request(t, rs256(t, firstKey(), rs256Hash, rsHeader, payload)))
			checkRefused(t, err, wrongHost, "attacker")
		})
	}
	if n := platform.asked.Load(); n != 0 {
		t.Errorf("%d requests went out", n)
	}
}

func TestRS256HostWithUnicodeTwin(t *testing.T) {
	// U+212A, the Kelvin sign, becomes "k" in lower case.
	authenticator := auth.New(auth.Options{JWKSHosts: []string{"keys.example"}, Client: &http.Client{Transport: noNetwork{t}}})
	payload := "{\"jwks_host\":\"\u212aeys.example\",\"aud\":\"https://relay.example.org\"}"
	_, err := authenticator.Authenticate(request(t, rs256(t, firstKey(), rs256Hash, rsHeader, payload)))
	checkRefused(t, err, wrongHost)
}

// noNetwork fails the test when a request goes out.
type noNetwork struct{ t testing.TB }

func (n noNetwork) RoundTrip(r *http.Request) (*http.Response, error) {
	n.t.Errorf("a request to %s went out", r.URL.Host)
	return nil, errors.New("no network")
}

func TestRS256HostsThatFail(t *testing.T) {
	good := keySet(rsaJWK(t, "1", firstKey(), nil))
	text := func(status int, body string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(status)
			_, _ = fmt.Fprint(w, body)
		}
	}
	tests := map[string]http.HandlerFunc{
		"not found":      text(http.StatusNotFound, good),
		"not OK":         text(http.StatusAccepted, good),
		"crash":          text(http.StatusInternalServerError, ""),
		"empty":          text(http.StatusOK, ""),
		"not JSON":       text(http.StatusOK, "<html>"),
		"not a key set":  text(http.StatusOK, `{"key":[]}`),
		"keys null":      text(http.StatusOK, `{"keys":null}`),
		"keys an object": text(http.StatusOK, `{"keys":{}}`),
		"a list":         text(http.StatusOK, `[]`),
		"cut off":        text(http.StatusOK, good[:len(good)-1]),
		"too large":      text(http.StatusOK, good+strings.Repeat(" ", 1<<20)),
		"hangs up":       func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) },
		"redirect": func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/.well-known/jwks" {
				http.Redirect(w, r, "https://"+platformEU+"/elsewhere", http.StatusFound)
				return
			}
			_, _ = fmt.Fprint(w, good)
		},
		"redirect to itself": func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, r.URL.Path, http.StatusTemporaryRedirect)
		},
	}
	token := rs256(t, firstKey(), rs256Hash, rsHeader, rsPayload)
	for name, handler := range tests {
		t.Run(name, func(t *testing.T) {
			platform := startPlatform(t)
			platform.handle(handler)
			_, err := platform.authenticator(auth.Options{}).Authenticate(request(t, token))
			checkRefused(t, err, wrongHost, "v4lue", token)
			if n := platform.asked.Load(); n != 1 {
				t.Errorf("the host was asked %d times", n)
			}
		})
	}

	t.Run("largest", func(t *testing.T) {
		platform := startPlatform(t)
		platform.serve(good + strings.Repeat(" ", 1<<20-len(good)))
		accept(t, platform.authenticator(auth.Options{}), token)
	})
	t.Run("certificate of someone else", func(t *testing.T) {
		platform := startPlatform(t)
		platform.serve(good)
		platform.client.Transport.(*http.Transport).TLSClientConfig.ServerName = ""
		_, err := platform.authenticator(auth.Options{}).Authenticate(request(t, token))
		checkRefused(t, err, wrongHost)
		if !strings.Contains(err.Error(), "certificate") {
			t.Errorf("the error %q does not tell the cause", err)
		}
	})
	t.Run("no answer", func(t *testing.T) {
		platform := startPlatform(t)
		platform.serve(good)
		platform.server.Close()
		_, err := platform.authenticator(auth.Options{}).Authenticate(request(t, token))
		checkRefused(t, err, wrongHost)
	})
}

const (
	ownOrg     = "13375cf9-561c-4958-0000-6d84b7ef09d4"
	foreignOrg = "22222222-561c-4958-0000-6d84b7ef09d4"
	orgClaim   = "https://schemas.cisco.com/iroh/identity/claims/org/id"
	wrongOrg   = "This relay accepts no tokens of this organization. Ask its operator to add the organization's id to RELAY_ORGANIZATIONS, or for a token made with `relay jwt`"
)

// The platform signs for each of its customers. A relay whose tokens contain no
// credential must know the organization.
func TestRS256Organizations(t *testing.T) {
	key, named := []string{"key"}, []string{"other", ownOrg}
	tests := map[string]struct {
		credentials, organizations []string
		claims                     map[string]any
		refused                    bool
		log                        string // beside the message
	}{
		"credentials, none named":        {credentials: key, claims: map[string]any{"key": "v4lue"}},
		"credentials, none named, other": {credentials: key, claims: map[string]any{"key": "v4lue", orgClaim: foreignOrg}},
		"credentials, ours":              {credentials: key, organizations: named, claims: map[string]any{"key": "v4lue", orgClaim: ownOrg}},
		"credentials, other":             {credentials: key, organizations: named, claims: map[string]any{"key": "v4lue", orgClaim: foreignOrg}, refused: true, log: foreignOrg},
		"none named":                     {claims: map[string]any{orgClaim: ownOrg}, refused: true, log: "the provider needs no credentials"},
		"ours":                           {organizations: named, claims: map[string]any{orgClaim: ownOrg}},
		"other":                          {organizations: named, claims: map[string]any{orgClaim: foreignOrg}, refused: true, log: "does not contain " + foreignOrg},
		"absent":                         {organizations: named, claims: map[string]any{}, refused: true, log: orgClaim},
		"null":                           {organizations: named, claims: map[string]any{orgClaim: nil}, refused: true},
		"empty":                          {organizations: []string{""}, claims: map[string]any{orgClaim: ""}, refused: true},
		"a list":                         {organizations: named, claims: map[string]any{orgClaim: []string{ownOrg}}, refused: true},
		"no UUID":                        {organizations: named, claims: map[string]any{orgClaim: "s3cret\n"}, refused: true, log: orgClaim},
		"named otherwise":                {organizations: named, claims: map[string]any{"org_id": ownOrg, "org/id": ownOrg, "iss": ownOrg}, refused: true},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			h := &hosts{body: keySet(rsaJWK(t, "1", firstKey(), nil))}
			authenticator := auth.New(auth.Options{
				JWKSHosts: []string{platformUS}, Credentials: test.credentials, Organizations: test.organizations, Client: &http.Client{Transport: h},
			})
			test.claims["jwks_host"], test.claims["aud"] = platformUS, "https://relay.example.org"
			_, err := authenticator.Authenticate(request(t, rs256(t, firstKey(), rs256Hash, rsHeader, encode(t, test.claims))))
			if !test.refused {
				if err != nil {
					t.Fatal(err)
				}
				return
			}
			checkRefused(t, err, wrongOrg, "v4lue", "s3cret")
			if !strings.Contains(err.Error(), test.log) {
				t.Errorf("the log has no %q: %v", test.log, err)
			}
			if h.count() != 0 {
				t.Error("keys were fetched for it")
			}
		})
	}
}

// A token that the relay's key signed needs no organization.
func TestOrganizationsLeaveHS256Alone(t *testing.T) {
	accept(t, auth.New(auth.Options{SecretKey: secret, Organizations: []string{ownOrg}}), hs256(secret, hsHeader, `{"key":"v4lue"}`))
}
