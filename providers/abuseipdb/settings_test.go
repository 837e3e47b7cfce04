package abuseipdb

import (
	"strings"
	"testing"

	"github.com/serverless-relay/relay/shared/relay"
	"time"
)

func TestSettings(t *testing.T) {
	clear(t)
	s, err := LoadSettings()
	if err != nil || s.URL.String() != "https://api.abuseipdb.com" || s.MaxAge != 30 || s.Timeout != 10*time.Second {
		t.Errorf("got %+v, %v", s, err)
	}
	t.Setenv("ABUSEIPDB_URL", "http://127.0.0.1:8080/abuseipdb/")
	t.Setenv("ABUSEIPDB_MAX_AGE", "365")
	t.Setenv("ABUSEIPDB_TIMEOUT", "500ms")
	s, err = LoadSettings()
	if err != nil || s.URL.String() != "http://127.0.0.1:8080/abuseipdb" || s.MaxAge != 365 || s.Timeout != 500*time.Millisecond {
		t.Errorf("got %+v, %v", s, err)
	}
}

func TestWrongSettingsAreNamed(t *testing.T) {
	for variable, values := range map[string][]string{
		"ABUSEIPDB_URL":     {"ftp://example.com", "https://", "https://hunter2@example.com"},
		"ABUSEIPDB_MAX_AGE": {"0", "366", "a month"},
		"ABUSEIPDB_TIMEOUT": {"0", "-1s", "26s", "10"},
	} {
		for _, value := range values {
			clear(t)
			t.Setenv(variable, value)
			if _, err := Provider.Open(relay.OpenOptions{}); err == nil || !strings.HasPrefix(err.Error(), "setting "+variable+" is not a") || strings.Contains(err.Error(), "hunter2") {
				t.Errorf("%s=%s: %v", variable, value, err)
			}
		}
	}
}
