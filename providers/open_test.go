package providers

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"

	"github.com/serverless-relay/relay/shared/auth"
	"github.com/serverless-relay/relay/shared/config"
	"github.com/serverless-relay/relay/shared/relay"
	"github.com/serverless-relay/relay/shared/server"
)

// The settings about who may ask reach each provider's relay.
func TestOpenRefuses(t *testing.T) {
	t.Setenv("WATCHLIST_FILE", t.TempDir()+"/watchlist.db")
	const key, host = "8f14e45fceea167a5a36dedd4bea2543", "keys.example"
	for _, declaration := range Declarations() {
		name := declaration.Name
		claims := func(more ...string) map[string]any {
			all := map[string]any{"jwks_host": host, "aud": "http://relay.example"}
			for _, credential := range declaration.Credentials {
				all[credential.Name] = "example.com"
			}
			for i := 0; i < len(more); i += 2 {
				all[more[i]] = more[i+1]
			}
			return all
		}
		signed := func(claims map[string]any) string {
			token, err := auth.Sign(key, claims)
			if err != nil {
				t.Fatal(err)
			}
			return token
		}
		platforms := encode(t, map[string]any{"alg": "RS256", "kid": "1"}) + "." + encode(t, claims()) + ".AAAA"
		tests := map[string]struct {
			settings config.Relay
			token    string
			want     string // in the answer; empty: not refused
		}{
			"bound to it":           {config.Relay{Stage: "dev"}, signed(claims(relay.ProviderClaim, name, relay.StageClaim, "dev")), ""},
			"another provider's":    {config.Relay{}, signed(claims(relay.ProviderClaim, "nobody")), "for another provider or stage"},
			"another stage's":       {config.Relay{Stage: "dev"}, signed(claims(relay.StageClaim, "prod")), "for another provider or stage"},
			"from elsewhere":        {config.Relay{AllowFrom: config.Networks{netip.MustParsePrefix("198.51.100.0/24")}}, signed(claims()), "no requests from this address"},
			"another organization":  {config.Relay{Organizations: []string{"ours"}}, platforms, "no tokens of this organization"},
			"platform's tokens off": {config.Relay{}, platforms, "Wrong jwks_host"},
		}
		if len(declaration.RequiredCredentials()) == 0 {
			anyones := tests["another organization"]
			anyones.settings.Organizations = nil
			tests["any organization"] = anyones
		}
		for title, test := range tests {
			t.Run(name+", "+title, func(t *testing.T) {
				test.settings.Provider, test.settings.SecretKey, test.settings.URL = name, key, "http://relay.example"
				if title != "platform's tokens off" {
					test.settings.JWKSHosts = []string{host}
				}
				modules, err := Open(test.settings, nil)
				if err != nil {
					t.Fatal(err)
				}
				request := httptest.NewRequest(http.MethodPost, "/observe/observables", strings.NewReader("[]"))
				request.Header.Set("Authorization", "Bearer "+test.token)
				answer := httptest.NewRecorder()
				modules.Routes((*server.Server).Routes).ServeHTTP(answer, request)
				body := answer.Body.String()
				if refused := strings.Contains(body, `"authorization error"`); refused != (test.want != "") || !strings.Contains(body, test.want) {
					t.Errorf("got %s", body)
				}
			})
		}
	}
}

// encode is one segment of a token.
func encode(t *testing.T, part map[string]any) string {
	t.Helper()
	text, err := json.Marshal(part)
	if err != nil {
		t.Fatal(err)
	}
	return base64.RawURLEncoding.EncodeToString(text)
}

// The settings for third parties matter only to providers that call one.
func TestOpenWithoutThirdParties(t *testing.T) {
	t.Setenv("WATCHLIST_FILE", t.TempDir()+"/watchlist.db")
	t.Setenv("UPSTREAM_CONCURRENCY", "many")
	if _, err := Open(config.Relay{Provider: "watchlist"}, nil); err != nil {
		t.Error(err)
	}
	for _, list := range []string{"greynoise", "watchlist,greynoise,otx"} {
		if _, err := Open(config.Relay{Provider: list}, nil); err == nil || !strings.Contains(err.Error(), "provider greynoise: setting UPSTREAM_CONCURRENCY") {
			t.Errorf("%s: %v", list, err)
		}
	}
}
