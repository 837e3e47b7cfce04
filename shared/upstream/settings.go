package upstream

import (
	"crypto/x509"
	"errors"
	"net/http"
	"os"
	"time"

	"github.com/serverless-relay/relay/shared/config"
)

// Settings are the operator's settings for all third parties. The zero value has
// the defaults.
type Settings struct {
	AllowLocal bool `envconfig:"UPSTREAM_ALLOW_LOCAL" expected:"true or false" doc:"Allows third-party addresses from tokens that are in private networks or begin with http://."`
	// CAFile is empty if only the system's certificates are trusted.
	CAFile string `envconfig:"UPSTREAM_CA_FILE" doc:"A file with certificates in PEM form, such as a private authority's. They are trusted in addition to the system's."`
	// Cache is from 0 to 24 hours; 0 means no caching.
	Cache time.Duration `envconfig:"UPSTREAM_CACHE" expected:"a duration such as 5m, up to 24h" doc:"How long a third party's response is reused for the same request with the same credential, such as 5m, up to 24h. Health checks and actions never reuse one. Default: responses are not reused."`
	// Concurrency is from 1 to 1000; 0 means DefaultConcurrency.
	Concurrency int `envconfig:"UPSTREAM_CONCURRENCY" default:"10" expected:"a whole number from 1 to 1000" doc:"How many concurrent calls one credential makes to a third party, from 1 to 1000."`
}

// DefaultConcurrency is how many concurrent calls one credential makes unless
// Settings set another number.
const DefaultConcurrency = 10

// LoadSettings reads the settings from the environment. The error names the
// invalid variable.
func LoadSettings() (Settings, error) {
	var s Settings
	if err := config.Read(&s); err != nil {
		return Settings{}, err
	}
	if s.Cache < 0 || s.Cache > 24*time.Hour {
		return Settings{}, errors.New("setting UPSTREAM_CACHE is not a duration such as 5m, up to 24h")
	}
	if s.Concurrency < 1 || s.Concurrency > 1000 {
		return Settings{}, errors.New("setting UPSTREAM_CONCURRENCY is not a whole number from 1 to 1000")
	}
	return s, nil
}

// FromEnvironment returns Options with Settings from the environment, or with those
// of the transport if it is a *Transport. The error names the invalid variable.
func FromEnvironment(transport http.RoundTripper) (Options, error) {
	shared, ok := transport.(*Transport)
	if !ok {
		settings, err := LoadSettings()
		return Options{Settings: settings, Transport: transport}, err
	}
	shared.open.Do(func() {
		var settings Settings
		if settings, shared.err = LoadSettings(); shared.err == nil {
			shared.err = shared.set(settings)
		}
	})
	return Options{Settings: shared.settings, Transport: shared}, shared.err
}

// concurrency returns the value, or its default.
func (s Settings) concurrency() int {
	if s.Concurrency <= 0 {
		return DefaultConcurrency
	}
	return s.Concurrency
}

// roots returns the trusted certificates, or nil for the system's alone.
func (s Settings) roots() (*x509.CertPool, error) {
	if s.CAFile == "" {
		return nil, nil
	}
	invalid := errors.New("setting UPSTREAM_CA_FILE is not a readable file with certificates in PEM form")
	pem, err := os.ReadFile(s.CAFile)
	if err != nil {
		return nil, invalid
	}
	pool, err := x509.SystemCertPool()
	if err != nil {
		pool = x509.NewCertPool()
	}
	if !pool.AppendCertsFromPEM(pem) {
		return nil, invalid
	}
	return pool, nil
}
