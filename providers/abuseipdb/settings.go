package abuseipdb

import (
	"errors"
	"time"

	"github.com/serverless-relay/relay/shared/config"
	"github.com/serverless-relay/relay/shared/upstream"
)

// Settings are the provider's own settings.
type Settings struct {
	// URL is where the API is. Another one serves tests and proxies.
	URL upstream.Address `envconfig:"ABUSEIPDB_URL" default:"https://api.abuseipdb.com" expected:"a URL such as https://api.abuseipdb.com"`
	// MaxAge is how old a report may be that counts, in days.
	MaxAge int `envconfig:"ABUSEIPDB_MAX_AGE" default:"30" expected:"a number of days from 1 to 365"`
	// Timeout bounds one call.
	Timeout time.Duration `envconfig:"ABUSEIPDB_TIMEOUT" default:"10s" expected:"a duration such as 10s, up to 25s"`
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
