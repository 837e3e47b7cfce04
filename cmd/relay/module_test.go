package main

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/serverless-relay/relay/cmd/relay/internal/platform"
	"github.com/serverless-relay/relay/cmd/relay/internal/platform/platformtest"
	"github.com/serverless-relay/relay/providers"
	"github.com/serverless-relay/relay/shared/auth"
	"github.com/serverless-relay/relay/shared/relay"
)

// platformCLI runs relay module with a fake platform.
type platformCLI struct {
	cli
	platform *platformtest.Platform
	host     string
	token    string
}

func newPlatformCLI(t *testing.T, modules ...map[string]any) platformCLI {
	t.Helper()
	c := platformCLI{newCLI(t), platformtest.New(modules...), "", ""}
	server := httptest.NewServer(c.platform)
	t.Cleanup(server.Close)
	c.host = server.URL
	t.Setenv("XDR_CLIENT_ID", platformtest.ClientID)
	t.Setenv("XDR_CLIENT_PASSWORD", platformtest.Password)
	c.token = newToken(t, map[string]any{"key": "the-third-party-key"})
	t.Setenv("RELAY_JWT", c.token)
	t.Chdir(t.TempDir())
	settings, _ := json.Marshal(map[string]any{"name": "Watchlist", "provider": anyProvider(t).Name, "jwt": map[string]string{}, "region": map[string]string{
		"us": "86aad484-6344-42df-922d-916b9947ec47", "eu": "a80c5f4a-74cc-4f4a-8934-571bee72acb5", "apjc": "bab9277c-221f-49f9-a56e-b62641ae348a"}})
	c.put("module_settings.json", string(settings))
	return c
}

// anyProvider returns one of the providers.
func anyProvider(t *testing.T) relay.Declaration {
	t.Helper()
	return providers.Declarations()[0]
}

// anyList returns texts as encoding/json decodes them.
func anyList(texts []string) []any {
	all := make([]any, len(texts))
	for i, text := range texts {
		all[i] = text
	}
	return all
}

// routes returns a provider's routes as a module lists them.
func routes(d relay.Declaration) (apis []string) {
	for _, c := range d.Capabilities() {
		apis = append(apis, c.APIs()...)
	}
	return apis
}

func newToken(t *testing.T, claims map[string]any) string {
	t.Helper()
	token, err := auth.Sign(strings.Repeat("k", 64), claims)
	if err != nil {
		t.Fatal(err)
	}
	return token
}

// module runs relay module, and fails if the output contains a secret.
func (c platformCLI) module(code int, args ...string) (out, err string) {
	c.t.Helper()
	return c.moduleWith("", code, args...)
}

func (c platformCLI) moduleWith(stdin string, code int, args ...string) (out, err string) {
	c.t.Helper()
	out, err = c.runWith(c.t.Context(), stdin, code, append([]string{"module", "--host", c.host}, args...)...)
	for _, secret := range []string{platformtest.Password, c.token, strings.Split(c.token, ".")[1], "token-number-", "the-third-party-key"} {
		if strings.Contains(out+err, secret) {
			c.t.Errorf("relay module %q tells %q:\n%s%s", args, secret, out, err)
		}
	}
	return out, err
}

const (
	create = "POST /iroh/iroh-int/module-instance"
	update = "PATCH /iroh/iroh-int/module-instance/id-1"
	remove = "DELETE /iroh/iroh-int/module-instance/id-1"
)

func TestModuleFromAddToRemove(t *testing.T) {
	c := newPlatformCLI(t)
	out, _ := c.module(0, "add", "--url", "https://relay.example.com/dev/")
	want(t, out, "added the module Watchlist (id-1): https://relay.example.com/dev", "supported-apis health, ")
	registered := map[string]any{
		"id": "id-1", "name": "Watchlist", "module_type_id": "86aad484-6344-42df-922d-916b9947ec47", "visibility": "org", "enabled": true,
		"settings": map[string]any{"url": "https://relay.example.com/dev", "auth-type": "authorization-header", "authorization-header": "Bearer " + c.token,
			"supported-apis": anyList(routes(anyProvider(t)))},
	}
	if diff := cmp.Diff([]map[string]any{registered}, c.platform.Instances); diff != "" {
		t.Error(diff)
	}

	out, _ = c.module(0, "add", "--url", "https://relay.example.com/dev")
	want(t, out, "unchanged the module Watchlist (id-1)\n")
	_, err := c.module(exitFailed, "add", "--url", "https://relay.example.com/prod")
	want(t, err, "exists with other content", "relay module edit would change: url: https://relay.example.com/dev -> https://relay.example.com/prod")
	if c.platform.Count(create) != 1 || c.platform.Count(update) != 0 {
		t.Error("add of what is there sent something")
	}

	out, _ = c.module(0, "edit")
	want(t, out, "unchanged the module Watchlist (id-1)")
	out, _ = c.module(0, "edit", "Watchlist", "--url", "https://relay.example.com/prod", "--no-enabled", "--rename", "List")
	want(t, out, "changed the module Watchlist (id-1)\n", "  name: Watchlist -> List\n", "  enabled: yes -> no\n", "  url: https://relay.example.com/dev -> https://relay.example.com/prod\n")
	c.token = newToken(t, map[string]any{"key": "the-third-party-key", "n": 2})
	out, _ = c.moduleWith("Authorization: Bearer "+c.token+"\n", 0, "edit", "id-1", "--jwt", "-")
	want(t, out, "changed the module List (id-1)\n  token: replaced\n")
	registered["name"], registered["enabled"] = "List", false
	settings := registered["settings"].(map[string]any)
	settings["url"], settings["authorization-header"] = "https://relay.example.com/prod", "Bearer "+c.token
	if diff := cmp.Diff([]map[string]any{registered}, c.platform.Instances); diff != "" {
		t.Error(diff)
	}

	out, _ = c.module(0, "list")
	want(t, out, "NAME", "List  id-1  86aad484-6344-42df-922d-916b9947ec47  no       https://relay.example.com/prod  health,")
	out, _ = c.module(0, "list", "--json")
	var listed struct {
		Name          string
		Enabled       *bool
		SupportedAPIs []string `json:"supported_apis"`
	}
	if err := json.Unmarshal([]byte(out), &listed); err != nil || listed.Name != "List" || *listed.Enabled || len(listed.SupportedAPIs) != len(routes(anyProvider(t))) {
		t.Errorf("%v: %s", err, out)
	}

	_, err = c.module(exitUsage, "remove", "List")
	want(t, err, "pass --yes")
	out, _ = c.module(0, "remove", "List", "--yes")
	want(t, out, "removed the module List (id-1)")
	_, err = c.module(exitFailed, "remove", "List", "--yes")
	want(t, err, "there is no module List: relay module list shows")
	_, err = c.module(0, "list")
	want(t, err, "no modules")
}

func TestADryRunChangesNothing(t *testing.T) {
	c := newPlatformCLI(t)
	out, _ := c.module(0, "add", "--url", "https://relay.example.com/dev", "--dry-run")
	want(t, out, "POST "+c.host+"/iroh/iroh-int/module-instance\n", "Authorization: Bearer [redacted]", `"authorization-header": "Bearer [redacted]"`, `"name": "Watchlist"`)
	t.Setenv("XDR_CLIENT_ID", "")
	out, err := c.module(0, "add", "--url", "https://relay.example.com/dev", "--dry-run", "--region", "apjc")
	want(t, out, `"module_type_id": "bab9277c-221f-49f9-a56e-b62641ae348a"`)
	want(t, err, "doesn't check whether")
	t.Setenv("XDR_CLIENT_ID", platformtest.ClientID)

	c.module(0, "add", "--url", "https://relay.example.com/dev")
	before := slices.Clone(c.platform.Instances)
	c.token = newToken(t, map[string]any{"n": 3})
	out, _ = c.moduleWith(c.token, 0, "edit", "--url", "https://relay.example.com/prod", "--jwt", "-", "--dry-run")
	want(t, out, "PATCH "+c.host+"/iroh/iroh-int/module-instance/id-1\n", `"url": "https://relay.example.com/prod"`, `"authorization-header": "Bearer [redacted]"`, `"supported-apis": [`)
	out, _ = c.module(0, "remove", "--dry-run")
	want(t, out, "DELETE "+c.host+"/iroh/iroh-int/module-instance/id-1\n")
	for method, args := range map[string][]string{"POST": {"add", "Another", "--url", "https://relay.example.com/dev"}, "PATCH": {"edit", "--no-enabled"}, "DELETE": {"remove"}} {
		out, _ = c.module(0, append(args, "--dry-run", "--json")...)
		var preview platform.Preview
		if err := json.Unmarshal([]byte(out), &preview); err != nil || preview.Method != method || !strings.HasPrefix(preview.URL, c.host) || (preview.Body == nil) != (method == "DELETE") {
			t.Errorf("%v: %s", err, out)
		}
	}
	if diff := cmp.Diff(before, c.platform.Instances); diff != "" || c.platform.Count(create) != 1 || c.platform.Count(update)+c.platform.Count(remove) != 0 {
		t.Errorf("something was changed: %s", diff)
	}
}

// The platform may hide tokens, and then nobody knows whether one is the same.
func TestAPlatformThatHidesTokens(t *testing.T) {
	c := newPlatformCLI(t)
	c.module(0, "add", "--url", "https://relay.example.com/dev")
	c.platform.Masked = true
	out, _ := c.module(0, "add", "--url", "https://relay.example.com/dev")
	want(t, out, "unchanged", "doesn't show the module's token")
	t.Setenv("RELAY_JWT", "")
	out, _ = c.module(0, "edit", "--no-enabled", "--url", "https://relay.example.com/prod")
	want(t, out, "enabled: yes -> no")
	settings := c.platform.Instances[0]["settings"].(map[string]any)
	if settings["authorization-header"] != "Bearer "+c.token || settings["url"] != "https://relay.example.com/prod" {
		t.Error("the token was lost, or the URL not changed")
	}
	old := c.token
	c.token = newToken(t, map[string]any{"n": 4})
	out, _ = c.moduleWith(c.token, 0, "edit", "--jwt", "-")
	want(t, out, "token: replaced, if it is another one")
	if settings := c.platform.Instances[0]["settings"].(map[string]any); settings["authorization-header"] != "Bearer "+c.token || old == c.token {
		t.Error("the token was not replaced")
	}
}

func TestModulesThatAreNotOurs(t *testing.T) {
	other := func(id, name string, settings map[string]any) map[string]any {
		return map[string]any{"id": id, "name": name, "module_type_id": "another-type", "visibility": "org", "settings": settings}
	}
	c := newPlatformCLI(t,
		other("id-a", "Watchlist", map[string]any{"url": "https://ann:s3cret@x.example/p?key=s3cret", "api-key": "s3cret", "auth-type": "basic"}),
		other("id-b", "Twice", nil), other("id-c", "Twice", nil), other("id-d", "\x1b[31mred", nil))
	_, err := c.module(exitFailed, "add", "--url", "https://relay.example.com")
	want(t, err, "there is a module Watchlist of another type (another-type)")
	_, err = c.module(exitFailed, "edit", "id-a", "--no-enabled")
	want(t, err, "has the authorization type basic")
	for _, args := range [][]string{{"edit", "Twice"}, {"remove", "Twice", "--yes"}} {
		_, err = c.module(exitFailed, args...)
		want(t, err, "2 modules are named Twice: id-b, id-c")
	}
	for _, args := range [][]string{{"list"}, {"list", "--json"}} {
		out, _ := c.module(0, args...)
		want(t, out, "https://x.example/p", "id-d")
		if strings.Contains(out, "s3cret") || strings.Contains(out, "\x1b") {
			t.Errorf("%q", out)
		}
	}
}

func TestModuleUsage(t *testing.T) {
	c := newPlatformCLI(t)
	passwords := c.write("password", platformtest.Password+"\n")
	expired := newToken(t, map[string]any{"exp": time.Now().Add(-time.Hour).Unix()})
	const url = "https://relay.example.com"
	for _, tt := range []struct {
		name  string
		set   map[string]string
		args  []string
		stdin string
		code  int
		tells string
	}{
		{"no client", map[string]string{"XDR_CLIENT_ID": ""}, []string{"list"}, "", exitUsage, "set XDR_CLIENT_ID, or pass --client-id"},
		{"no password", map[string]string{"XDR_CLIENT_PASSWORD": " "}, []string{"list"}, "", exitUsage, "set XDR_CLIENT_PASSWORD, or pass --password-file"},
		{"password in a file", map[string]string{"XDR_CLIENT_PASSWORD": ""}, []string{"--password-file", passwords, "list"}, "", 0, "no modules"},
		{"password by pipe", map[string]string{"XDR_CLIENT_PASSWORD": ""}, []string{"--password-file", "-", "list"}, platformtest.Password, 0, "no modules"},
		{"no such file", nil, []string{"--password-file", filepath.Join(t.TempDir(), "x"), "list"}, "", exitFailed, "no such file or directory"},
		{"empty password", nil, []string{"--password-file", "-", "list"}, "\n", exitUsage, "password is empty"},
		{"wrong password", map[string]string{"XDR_CLIENT_PASSWORD": "nonsense"}, []string{"list"}, "", exitFailed, "The client id or the password is wrong"},
		{"client as a flag", map[string]string{"XDR_CLIENT_ID": "x"}, []string{"--client-id", platformtest.ClientID, "list"}, "", 0, "no modules"},
		{"no such region", nil, []string{"--region", "mars", "list"}, "", exitUsage, "--region"},
		{"no such region in the environment", map[string]string{"XDR_REGION": "mars"}, []string{"add", "--url", url}, "", exitUsage, "XDR_REGION is not us, eu or apjc"},
		{"insecure host", nil, []string{"--host", "http://platform.example", "list"}, "", exitUsage, "the platform's host is https"},
		{"insecure relay", nil, []string{"add", "--url", "http://relay.example.com"}, "", exitUsage, "a relay's URL is https"},
		{"relay with a route", nil, []string{"add", "--url", url + "/dev/health"}, "", exitUsage, "pass it without /health, as https://relay.example.com/dev"},
		{"insecure relay in the environment", map[string]string{"RELAY_URL": "http://relay.example.com"}, []string{"add"}, "", exitUsage, "setting RELAY_URL: a relay's URL is https"},
		{"no relay", nil, []string{"add"}, "", exitUsage, "with --url, or set RELAY_URL"},
		{"relay from the environment", map[string]string{"RELAY_URL": url}, []string{"add", "--dry-run"}, "", 0, ""},
		{"no token", map[string]string{"RELAY_JWT": ""}, []string{"add", "--url", url}, "", exitUsage, "set RELAY_JWT, or pass --jwt"},
		{"not a token", nil, []string{"add", "--url", url, "--jwt", "-"}, "s3cret", exitUsage, "not a JWT"},
		{"token of another provider", nil, []string{"edit", "--jwt", "-"}, sign(t, oldKey, map[string]any{"relay_provider": "misp"}), exitUsage, "the token is for the provider misp"},
		{"expired token", nil, []string{"add", "--url", url, "--jwt", "-"}, expired, exitUsage, "the token has expired"},
		{"two secrets by pipe", nil, []string{"--password-file", "-", "add", "--url", url, "--jwt", "-"}, "x", exitUsage, "not both"},
		{"no such provider", nil, []string{"add", "--url", url, "--provider", "nobody"}, "", exitUsage, `this binary has no provider "nobody"`},
		{"audience missing", nil, []string{"type", "--auth", "configuration-token"}, "", exitUsage, "--url is required"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			for name, value := range tt.set {
				t.Setenv(name, value)
			}
			c := c
			c.t = t
			_, err := c.moduleWith(tt.stdin, tt.code, tt.args...)
			want(t, err, tt.tells)
			if strings.Contains(err, "s3cret") || strings.Contains(err, "nonsense") {
				t.Errorf("a secret is told: %s", err)
			}
		})
	}
	if n := len(c.platform.Instances); n > 0 {
		t.Errorf("%d modules were made", n)
	}
}

// Away from the project, flags must say what its settings would.
func TestModuleOutsideOfAProject(t *testing.T) {
	c := newPlatformCLI(t)
	t.Chdir(t.TempDir())
	name := anyProvider(t).Name
	for _, tt := range []struct{ args, tells string }{
		{"add --url https://relay.example.com --type t", "or pass --provider"},
		{"add Name --url https://relay.example.com --provider " + name, "no module type for region us"},
		{"add Name --url https://relay.example.com --type t", "or pass --provider"},
		{"edit", "or pass --provider"},
		{"remove", "no module: pass its name"},
		{"type", "or pass --provider"},
	} {
		_, err := c.module(exitUsage, strings.Fields(tt.args)...)
		want(t, err, tt.tells)
	}
	out, _ := c.module(0, "add", "Name", "--url", "https://relay.example.com", "--type", "t", "--provider", name)
	want(t, out, "added the module Name (id-1)")
	if err := os.WriteFile("module_settings.json", []byte(`{"name": 7}`), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := c.module(exitFailed, "remove", "Name", "--yes")
	want(t, err, "module_settings.json: json: cannot unmarshal")
}

// RELAY_PROVIDER names other providers for a deployment than module_settings.json.
func TestModulesOfTheProvidersInTheEnvironment(t *testing.T) {
	c := newPlatformCLI(t)
	t.Setenv("RELAY_PROVIDER", "otx, "+anyProvider(t).Name)
	out, _ := c.module(0, "add", "--url", "https://relay.example.com/dev")
	want(t, out, "added the module AlienVault OTX (id-1): https://relay.example.com/dev\n")
	out, _ = c.module(0, "add", "--url", "https://relay.example.com/dev", "--provider", anyProvider(t).Name)
	want(t, out, "added the module "+anyProvider(t).Title+" (id-2): https://relay.example.com/dev/"+anyProvider(t).Name+"\n")
	out, _ = c.module(0, "type")
	want(t, out, `"title": "AlienVault OTX"`)
	out, _ = c.module(0, "remove", "--yes")
	want(t, out, "removed the module AlienVault OTX (id-1)")
}

func TestWhenTheCreationIsUncertain(t *testing.T) {
	c := newPlatformCLI(t)
	c.platform.Broken = []http.HandlerFunc{platformtest.Status(200, "[]"), platformtest.Status(http.StatusBadGateway, "oh no")}
	_, err := c.module(exitFailed, "add", "--url", "https://relay.example.com")
	want(t, err, "it is not known whether the change was made", "It is safe to run the same command again")
	if n := c.platform.Count(create); n != 1 {
		t.Errorf("sent %d times", n)
	}
}

func TestModuleTypeCommand(t *testing.T) {
	c := newPlatformCLI(t)
	title := anyProvider(t).Title
	c.platform.Types = []map[string]any{{"id": "id-1", "title": title, "visibility": "global"}} // not the organisation's
	out, _ := c.module(0, "type")
	want(t, out, `"auth-type": "authorization-header"`)
	args := []string{"type", "--auth", "configuration-token", "--url", "https://relay.example.com"}
	out, _ = c.module(0, args...)
	want(t, out, `"auth-type": "configuration-token"`)

	out, _ = c.module(0, append(args, "--register", "--dry-run")...)
	want(t, out, "POST "+c.host+"/iroh/iroh-int/module-type\n", `"auth-type": "configuration-token"`)
	out, _ = c.module(0, append(args, "--register")...)
	want(t, out, "added the type "+title+" (id-2)")
	c.platform.Types[1]["visibility"] = "org" // as the platform would say
	out, _ = c.module(0, append(args, "--register")...)
	want(t, out, "unchanged the type "+title+" (id-2)")
	out, _ = c.module(0, "type", "--auth", "configuration-token", "--url", "https://other.example.com", "--register")
	want(t, out, "changed the type "+title+" (id-2)\n  properties\n")
	if got := c.platform.Types[1]["properties"].(map[string]any)["configuration-token-audience"]; got != "https://other.example.com" {
		t.Errorf("audience %v", got)
	}
}
