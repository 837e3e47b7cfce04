package providers

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/serverless-relay/relay/shared/auth"
	"github.com/serverless-relay/relay/shared/config"
	"github.com/serverless-relay/relay/shared/relay"
	"github.com/serverless-relay/relay/shared/server"
)

// openSeveral returns the routes of a relay with the providers, and a function that
// signs tokens for it.
func openSeveral(t *testing.T, list string) (server.Routes, func(claims map[string]any) string) {
	t.Helper()
	const key = "8f14e45fceea167a5a36dedd4bea2543"
	modules, err := Open(config.Relay{Provider: list, SecretKey: key}, nil)
	if err != nil {
		t.Fatal(err)
	}
	return modules.Routes((*server.Server).Routes), func(claims map[string]any) string {
		token, err := auth.Sign(key, claims)
		if err != nil {
			t.Fatal(err)
		}
		return token
	}
}

func post(t *testing.T, handler http.Handler, path, token string) (status int, body string) {
	t.Helper()
	request := httptest.NewRequest(http.MethodPost, path, strings.NewReader("[]"))
	request.Header.Set("Authorization", "Bearer "+token)
	answer := httptest.NewRecorder()
	handler.ServeHTTP(answer, request)
	return answer.Code, answer.Body.String()
}

// A token is accepted by its own provider only, so that no credential reaches
// another third party. Nobody is called for an empty list of observables.
func TestATokenIsForOneProvider(t *testing.T) {
	routes, sign := openSeveral(t, "otx,greynoise,abuseipdb")
	const refused = `"authorization error"`
	for _, test := range []struct {
		path, provider string // the provider that the token names
		refused        bool
	}{
		{"/observe/observables", "otx", false},
		{"/otx/observe/observables", "otx", false},
		{"/greynoise/observe/observables", "greynoise", false},
		{"/greynoise/observe/observables/", "greynoise", false},
		{"/abuseipdb/observe/observables", "abuseipdb", false},
		{"/observe/observables", "greynoise", true},
		{"/greynoise/observe/observables", "otx", true},
		{"/greynoise/observe/observables", "abuseipdb", true},
		// A token without a provider is for the first.
		{"/observe/observables", "", false},
		{"/otx/observe/observables", "", false},
		{"/greynoise/observe/observables", "", true},
	} {
		claims := map[string]any{"key": "a credential"}
		if test.provider != "" {
			claims[relay.ProviderClaim] = test.provider
		}
		status, body := post(t, routes, test.path, sign(claims))
		if status != http.StatusOK || strings.Contains(body, refused) != test.refused {
			t.Errorf("%s with a token for %q: %d %s", test.path, test.provider, status, body)
		}
	}
}

func TestPathsOfSeveralProviders(t *testing.T) {
	routes, _ := openSeveral(t, "otx, greynoise")
	for path, want := range map[string]string{
		"/version":                      `{"version":"1.0.0","provider":"otx"}`,
		"/otx/version":                  `{"version":"1.0.0","provider":"otx"}`,
		"/greynoise/version/":           `{"version":"1.0.0","provider":"greynoise"}`,
		"/misp/version":                 "", // not selected
		"/nobody/version":               "",
		"/greynoise":                    "",
		"/greynoise/":                   "",
		"/greynoise/greynoise/version":  "",
		"/GreyNoise/version":            "",
		"/greynoise%2fversion":          "",
		"/greynoise/../version":         "",
		"/greynoise//version":           "",
		"/greynoise/%2e%2e/version":     "",
		"/%67reynoise/version":          "", // an encoded letter
		"/greynoise/version/greynoise/": "",
	} {
		status, body := post(t, routes, path, "")
		if want == "" && status == http.StatusNotFound {
			continue
		}
		if status != http.StatusOK || strings.TrimSpace(body) != want {
			t.Errorf("%s: %d %s, want %q", path, status, body, want)
		}
	}
}

func TestOneProviderIsAlsoBelowItsName(t *testing.T) {
	routes, _ := openSeveral(t, "otx")
	for _, path := range []string{"/version", "/otx/version"} {
		if _, body := post(t, routes, path, ""); strings.TrimSpace(body) != `{"version":"1.0.0"}` {
			t.Errorf("%s: %s", path, body)
		}
	}
}

func TestOpenNamesTheMistake(t *testing.T) {
	for _, test := range []struct{ list, variable, value, want string }{
		{"otx,nobody", "", "", `setting RELAY_PROVIDER: this binary has no provider "nobody"`},
		{"otx,", "", "", `setting RELAY_PROVIDER: this binary has no provider ""`},
		{"greynoise,otx,greynoise", "", "", "setting RELAY_PROVIDER: greynoise is listed twice"},
		{"otx,greynoise", "GREYNOISE_TIMEOUT", "soon", "provider greynoise: setting GREYNOISE_TIMEOUT is not"},
	} {
		t.Run(test.want, func(t *testing.T) {
			if test.variable != "" {
				t.Setenv(test.variable, test.value)
			}
			if _, err := Open(config.Relay{Provider: test.list}, nil); err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want %s", err, test.want)
			}
		})
	}
}
