package config

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// clear takes the relay's settings out of the environment: a developer may have
// some set.
func clear(t *testing.T) {
	t.Helper()
	for _, name := range []string{"SECRET_KEY", "SECRET_KEY_PREVIOUS", "JWKS_HOSTS", "RELAY_URL", "RELAY_PROVIDER", "RELAY_CONCURRENCY", "LOG_LEVEL"} {
		t.Setenv(name, "") // counts as not set
	}
}

func TestLoadDefaults(t *testing.T) {
	clear(t)
	got, err := Load()
	if err != nil {
		t.Fatal(err)
	}
	want := Relay{
		JWKSHosts:   []string{"visibility.amp.cisco.com", "visibility.eu.amp.cisco.com", "visibility.apjc.amp.cisco.com"},
		Provider:    got.Provider, // package providers tests that it is the one that is deployed
		Concurrency: 10,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestLoadReadsTheEnvironment(t *testing.T) {
	clear(t)
	key, previous := strings.Repeat("n", 64), strings.Repeat("o", 32)
	t.Setenv("SECRET_KEY", key)
	t.Setenv("SECRET_KEY_PREVIOUS", previous)
	t.Setenv("JWKS_HOSTS", "a.example,b.example")
	t.Setenv("RELAY_URL", "https://relay.example")
	t.Setenv("LOG_LEVEL", "warn")
	got, err := Load()
	if err != nil {
		t.Fatal(err)
	}
	if got.SecretKey != key || got.SecretKeyPrevious != previous || len(got.JWKSHosts) != 2 || got.URL != "https://relay.example" || got.LogLevel.String() != "warn" {
		t.Errorf("got %+v", got)
	}
}

func TestWrongValuesAreNamedButNotQuoted(t *testing.T) {
	for variable, values := range map[string][]string{
		"RELAY_CONCURRENCY":   {"hunter2", "0", "-1", "1001", "1.5"},
		"LOG_LEVEL":           {"hunter2"},
		"SECRET_KEY":          {"hunter2"},
		"SECRET_KEY_PREVIOUS": {"hunter2"},
		"JWKS_HOSTS":          {"https://hunter2", "a b", "a,,b", "a/b"},
		"RELAY_URL":           {"hunter2", "ftp://hunter2", "https://"},
	} {
		for _, value := range values {
			t.Run(variable+"="+value, func(t *testing.T) {
				clear(t)
				t.Setenv(variable, value)
				_, err := Load()
				if err == nil || !strings.Contains(err.Error(), variable) {
					t.Fatalf("error %v does not name %s", err, variable)
				}
				if strings.Contains(err.Error(), "hunter2") {
					t.Errorf("error %v quotes the value", err)
				}
			})
		}
	}
}

func TestCheckSecretKey(t *testing.T) {
	if err := CheckSecretKey("--key", strings.Repeat("k", 32)); err != nil {
		t.Errorf("refused: %v", err)
	}
	for _, key := range []string{"", "hunter2", strings.Repeat(" ", 64)} {
		if err := CheckSecretKey("--key", key); err == nil || !strings.Contains(err.Error(), "--key") || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%q: error %v", key, err)
		}
	}
}
