package functions_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"testing"

	"github.com/serverless-relay/relay/providers"
)

// world is a provider and what must be there for it.
type world struct {
	provider string
	settings []string
	claims   map[string]any
	// holds are parts of the answers to good requests, by path.
	holds map[string]string
}

// worlds are those that the functions are driven in: each that is prepared
// here, and that of the provider that is deployed.
func worlds(t *testing.T) []world {
	t.Helper()
	prepared := map[string]func(*testing.T) world{
		"watchlist": watchlistWorld, // with providers/watchlist
	}
	var all []world
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
		all = append(all, cutOff(t, deployed.Provider))
	}
	return all
}

// cutOff is a provider whose third party is behind a proxy that lets nobody
// through: its answers are errors, but answers.
func cutOff(t *testing.T, name string) world {
	t.Helper()
	provider, err := providers.Find(name)
	if err != nil {
		t.Fatal(err)
	}
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusForbidden) }))
	t.Cleanup(proxy.Close)
	w := world{provider: name, settings: []string{"HTTP_PROXY=" + proxy.URL, "HTTPS_PROXY=" + proxy.URL}, claims: map[string]any{}}
	for _, credential := range provider.Declaration().RequiredCredentials() {
		w.claims[credential] = "nobody's " + credential
	}
	return w
}
