package abuseipdb

import (
	"errors"
	"time"

	"github.com/serverless-relay/relay/shared/config"
	"github.com/serverless-relay/relay/shared/upstream"
)

// Settings are the provider's own settings.
type Settings struct {
	URL upstream.Address `envconfig:"ABUSEIPDB_URL" default:"https://api.abuseipdb.com" expected:"a URL such as https://api.abuseipdb.com" doc:"Where AbuseIPDB is. Another address serves tests and proxies."`
	// MaxAge is from 1 to 365 days.
	MaxAge int `envconfig:"ABUSEIPDB_MAX_AGE" default:"30" expected:"a number of days from 1 to 365" doc:"How many days old a report may be to count, from 1 to 365."`
	// Timeout is up to 25 seconds.
	Timeout time.Duration `envconfig:"ABUSEIPDB_TIMEOUT" default:"10s" expected:"a duration such as 10s, up to 25s" doc:"How long one call to AbuseIPDB may take, up to 25s."`
}

// LoadSettings reads the settings from the environment. The error names the
// variable that is wrong.
func LoadSettings() (Settings, error) {
	var s Settings
	if err := config.Read(&s); err != nil {
		return Settings{}, err
	}
	if s.MaxAge < 1 || s.MaxAge > 365 {
		return Settings{}, errors.New("setting ABUSEIPDB_MAX_AGE is not a number of days from 1 to 365")
	}
	if s.Timeout <= 0 || s.Timeout > 25*time.Second {
		return Settings{}, errors.New("setting ABUSEIPDB_TIMEOUT is not a duration such as 10s, up to 25s")
	}
	return s, nil
}
