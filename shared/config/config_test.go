package config

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestLoadDefaults(t *testing.T) {
	got, err := Load()
	if err != nil {
		t.Fatal(err)
	}
	want := Relay{
		JWKSHosts:   []string{"visibility.amp.cisco.com", "visibility.eu.amp.cisco.com", "visibility.apjc.amp.cisco.com"},
		Provider:    "watchlist",
		Concurrency: 10,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestLoadReadsTheEnvironment(t *testing.T) {
	t.Setenv("SECRET_KEY", "new")
	t.Setenv("SECRET_KEY_PREVIOUS", "old")
	t.Setenv("JWKS_HOSTS", "a.example,b.example")
	t.Setenv("RELAY_URL", "https://relay.example")
	t.Setenv("LOG_LEVEL", "warn")
	got, err := Load()
	if err != nil {
		t.Fatal(err)
	}
	if got.SecretKey != "new" || got.SecretKeyPrevious != "old" || len(got.JWKSHosts) != 2 || got.URL != "https://relay.example" || got.LogLevel.String() != "warn" {
		t.Errorf("got %+v", got)
	}
}

func TestWrongValuesAreNamedButNotQuoted(t *testing.T) {
	for variable, values := range map[string][]string{
		"RELAY_CONCURRENCY": {"hunter2", "0", "-1", "1001", "1.5", ""},
		"LOG_LEVEL":         {"hunter2"},
	} {
		for _, value := range values {
			t.Run(variable+"="+value, func(t *testing.T) {
				t.Setenv(variable, value)
				_, err := Load()
				if err == nil || !strings.Contains(err.Error(), variable) {
					t.Fatalf("error %v does not name %s", err, variable)
				}
				if value == "hunter2" && strings.Contains(err.Error(), value) {
					t.Errorf("error %v quotes the value", err)
				}
			})
		}
	}
}
