package functions_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"testing"

	"github.com/serverless-relay/relay/providers"
)

// environment is a provider with its settings and claims.
type environment struct {
	provider string
	settings []string
	claims   map[string]any
	// contains are parts of the answers to valid requests, by path.
	contains map[string]string
}

// prepared are environments by provider. The test file of a provider adds its own.
var prepared = map[string]func(*testing.T) environment{}

// environments returns the environments in which the functions are tested: the
// prepared ones, and that of the deployed provider.
func environments(t *testing.T) []environment {
	t.Helper()
	var all []environment
	for _, prepare := range prepared {
		all = append(all, prepare(t))
	}
	raw, err := os.ReadFile("../module_settings.json")
	if err != nil {
		t.Fatal(err)
	}
	var deployed struct{ Provider string }
	if err := json.Unmarshal(raw, &deployed); err != nil {
		t.Fatal(err)
	}
	if prepared[deployed.Provider] == nil {
		all = append(all, unreachable(t, deployed.Provider))
	}
	return all
}

// unreachable returns an environment in which a proxy refuses all calls to the
// provider's third party. The answers are valid, but contain errors.
func unreachable(t *testing.T, name string) environment {
	t.Helper()
	provider, err := providers.Find(name)
	if err != nil {
		t.Fatal(err)
	}
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusForbidden) }))
	t.Cleanup(proxy.Close)
	e := environment{provider: name, settings: []string{"HTTP_PROXY=" + proxy.URL, "HTTPS_PROXY=" + proxy.URL}, claims: map[string]any{}}
	for _, credential := range provider.Declaration().RequiredCredentials() {
		e.claims[credential] = "no valid " + credential
	}
	return e
}
