package upstream_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/serverless-relay/relay/shared/upstream"
)

// clear removes a developer's settings from the environment.
func clear(t *testing.T) {
	t.Helper()
	for _, name := range []string{"UPSTREAM_ALLOW_LOCAL", "UPSTREAM_CA_FILE", "UPSTREAM_CACHE", "UPSTREAM_CONCURRENCY"} {
		t.Setenv(name, "") // counts as not set
	}
}

func TestLoadSettings(t *testing.T) {
	clear(t)
	got, err := upstream.LoadSettings()
	if diff := cmp.Diff(upstream.Settings{Concurrency: 10}, got); diff != "" || err != nil {
		t.Error(err, diff)
	}
	t.Setenv("UPSTREAM_ALLOW_LOCAL", "true")
	t.Setenv("UPSTREAM_CA_FILE", "ca.pem")
	t.Setenv("UPSTREAM_CACHE", "5m")
	t.Setenv("UPSTREAM_CONCURRENCY", "4")
	got, err = upstream.LoadSettings()
	want := upstream.Settings{AllowLocal: true, CAFile: "ca.pem", Cache: 5 * time.Minute, Concurrency: 4}
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Error(err, diff)
	}
}

func TestInvalidSettingsAreNamed(t *testing.T) {
	for variable, values := range map[string][]string{
		"UPSTREAM_ALLOW_LOCAL": {"perhaps"},
		"UPSTREAM_CA_FILE":     {"/nowhere/ca.pem"},
		"UPSTREAM_CACHE":       {"5", "-1s", "25h"},
		"UPSTREAM_CONCURRENCY": {"0", "-1", "1001", "many"},
	} {
		for _, value := range values {
			clear(t)
			t.Setenv(variable, value)
			if _, err := upstream.FromEnvironment(new(upstream.Transport)); err == nil || !strings.Contains(err.Error(), variable) {
				t.Errorf("%s=%s: %v", variable, value, err)
			}
		}
	}
}
