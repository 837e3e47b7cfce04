package config

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// clear removes a developer's settings from the environment.
func clear(t *testing.T) {
	t.Helper()
	for _, name := range []string{"SECRET_KEY", "SECRET_KEY_PREVIOUS", "SECRET_KEY_PARAMETER", "SECRET_KEY_PREVIOUS_PARAMETER", "JWKS_HOSTS", "RELAY_URL", "RELAY_ORGANIZATIONS", "RELAY_ALLOW_FROM", "RELAY_STAGE", "RELAY_PROVIDER", "RELAY_CONCURRENCY", "LOG_LEVEL"} {
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
	const key, previous = "7WQ0ZK3MVT5R9XJY2HBD6NPC8GFA4SEL1U7WQ0ZK3MVT5R9XJY2HBD6NPC8GFA4S", "0123456789abcdef0123456789abcdeg"
	t.Setenv("SECRET_KEY", key+"\n")
	t.Setenv("SECRET_KEY_PREVIOUS", previous)
	t.Setenv("JWKS_HOSTS", "a.example, b.example")
	t.Setenv("RELAY_URL", "https://relay.example")
	t.Setenv("RELAY_ORGANIZATIONS", "13375cf9-561c-4958-0000-6d84b7ef09d4, other")
	t.Setenv("RELAY_ALLOW_FROM", "192.0.2.7, 2001:db8::/32")
	t.Setenv("RELAY_STAGE", "prod")
	t.Setenv("LOG_LEVEL", "warn")
	got, err := Load()
	if err != nil {
		t.Fatal(err)
	}
	if len(got.Organizations) != 2 || len(got.AllowFrom) != 2 || got.Stage != "prod" {
		t.Errorf("got %+v", got)
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
		"JWKS_HOSTS":          {"https://hunter2", "a b", "a,,b", "a/b", "none,"},
		"RELAY_ORGANIZATIONS": {",", "a,,hunter2", "hunter2 hunter2"},
		"RELAY_ALLOW_FROM":    {",", "hunter2", "192.0.2.7 192.0.2.8", "192.0.2.0/33", "192.0.2", "192.0.2.7:443", "::ffff:192.0.2.0/120", "fe80::1%eth0"},
		"RELAY_URL":           {"hunter2", "ftp://hunter2", "https://", "https://a.example?hunter2", "https://a.example/#hunter2", "https://hunter2@a.example"},
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

func TestReadLeavesTheEnvironment(t *testing.T) {
	for value, want := range map[string]int{"": 7, " \t": 7, "3": 3} {
		t.Setenv("ACME_LIMIT", value)
		var settings struct {
			Limit int `envconfig:"ACME_LIMIT" default:"7"`
		}
		if err := Read(&settings); err != nil || settings.Limit != want {
			t.Errorf("%q: got %d, %v", value, settings.Limit, err)
		}
		if got, ok := os.LookupEnv("ACME_LIMIT"); got != value || !ok {
			t.Errorf("the variable changed from %q to %q, %v", value, got, ok)
		}
	}
}

func TestReadKeys(t *testing.T) {
	const key, previous = "7WQ0ZK3MVT5R9XJY2HBD6NPC8GFA4SEL", "0123456789abcdef0123456789abcdeg"
	for name, tt := range map[string]struct {
		settings Relay
		want     [2]string
		problem  string
	}{
		"no parameters":  {Relay{SecretKey: key}, [2]string{key, ""}, ""},
		"a parameter":    {Relay{SecretKeyParameter: "/relay/key"}, [2]string{key, ""}, ""},
		"two parameters": {Relay{SecretKeyParameter: "/relay/key", SecretKeyPreviousParameter: "/relay/key:1"}, [2]string{key, previous}, ""},
		"one of each":    {Relay{SecretKey: key, SecretKeyPreviousParameter: "/relay/key:1"}, [2]string{key, previous}, ""},
		"a weak key":     {Relay{SecretKeyParameter: "/relay/weak"}, [2]string{}, "setting SECRET_KEY_PARAMETER is a weak key"},
		"a missing one":  {Relay{SecretKeyPreviousParameter: "/relay/none"}, [2]string{}, "setting SECRET_KEY_PREVIOUS_PARAMETER: not found"},
	} {
		t.Run(name, func(t *testing.T) {
			parameters := map[string]string{"/relay/key": key + "\n", "/relay/key:1": previous, "/relay/weak": "hunter2"}
			err := tt.settings.ReadKeys(func(name string) (string, error) {
				if value, ok := parameters[name]; ok {
					return value, nil
				}
				return "", errors.New("not found")
			})
			if tt.problem != "" {
				if err == nil || !strings.Contains(err.Error(), tt.problem) || strings.Contains(err.Error(), "hunter2") {
					t.Errorf("got %v", err)
				}
				return
			}
			if got := [2]string{tt.settings.SecretKey, tt.settings.SecretKeyPrevious}; err != nil || got != tt.want {
				t.Errorf("got %q, %v", got, err)
			}
		})
	}
}

func TestAKeyAndItsParameter(t *testing.T) {
	clear(t)
	t.Setenv("SECRET_KEY", "7WQ0ZK3MVT5R9XJY2HBD6NPC8GFA4SEL")
	t.Setenv("SECRET_KEY_PARAMETER", "/relay/key")
	if _, err := Load(); err == nil || !strings.Contains(err.Error(), "SECRET_KEY and SECRET_KEY_PARAMETER are both set") {
		t.Errorf("got %v", err)
	}
}

func TestJWKSHostsNone(t *testing.T) {
	clear(t)
	t.Setenv("JWKS_HOSTS", "none")
	if got, err := Load(); err != nil || len(got.JWKSHosts) != 0 {
		t.Errorf("got %v, %v", got.JWKSHosts, err)
	}
}

func TestCheckSecretKey(t *testing.T) {
	for name, key := range map[string]string{
		"32 hexadecimal digits":    "8f14e45fceea167a5a36dedd4bea2543",
		"64 letters and digits":    "7WQ0ZK3MVT5R9XJY2HBD6NPC8GFA4SEL1U7WQ0ZK3MVT5R9XJY2HBD6NPC8GFA4S",
		"8 different characters":   "abcdefghhgfedcbaabcdefghhgfedcbb",
		"other letters than ASCII": "zwölf Boxkämpfer jagen Viktor quer über den Sylter Deich",
	} {
		if err := CheckSecretKey("--key", key); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	for key, problem := range map[string]string{
		"":                      "fewer than 32 characters",
		"hunter2":               "fewer than 32 characters",
		strings.Repeat(" ", 64): "fewer than 32 characters",
		strings.Repeat("äöüßÄÖÜéèê", 2)[:32]: "fewer than 32 characters", // in 32 bytes
		"8f14e45fceea167a5a36dedd4bea254":    "fewer than 32 characters",
		strings.Repeat("k", 32):              "fewer than 8 different characters",
		strings.Repeat("abcdefg", 5):         "fewer than 8 different characters",
	} {
		err := CheckSecretKey("--key", key)
		if err == nil || !strings.HasPrefix(err.Error(), "--key is a weak key with ") || !strings.Contains(err.Error(), problem) || !strings.Contains(err.Error(), "relay jwt STAGE --save") {
			t.Errorf("%q: error %v", key, err)
		} else if len(key) > 0 && strings.Contains(err.Error(), key) {
			t.Errorf("the error %v quotes the key", err)
		}
	}
}

func TestNetworks(t *testing.T) {
	var got Networks
	if err := got.UnmarshalText([]byte("192.0.2.7, 198.51.100.9/24,2001:db8::1 ,::ffff:203.0.113.9")); err != nil {
		t.Fatal(err)
	}
	want := "[192.0.2.7/32 198.51.100.0/24 2001:db8::1/128 203.0.113.9/32]"
	if text := fmt.Sprint(got); text != want {
		t.Errorf("got %s, want %s", text, want)
	}
}

// An accepted text contains valid networks, each with its first address. An error
// doesn't quote the text.
func FuzzNetworks(f *testing.F) {
	for _, text := range []string{"192.0.2.7", "198.51.100.9/24,2001:db8::/32", "::ffff:192.0.2.1", "::ffff:192.0.2.0/120", "fe80::1%eth0", ",", "0.0.0.0/0"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		var got Networks
		if err := got.UnmarshalText([]byte(text)); err != nil {
			if err.Error() != "config: not addresses and networks" {
				t.Errorf("got %v", err)
			}
			return
		}
		if len(got) != strings.Count(text, ",")+1 {
			t.Errorf("%q: got %v", text, got)
		}
		for _, network := range got {
			if !network.IsValid() || !network.Contains(network.Addr()) || network.Addr().Is4In6() {
				t.Errorf("%q: got %v", text, network)
			}
		}
	})
}
