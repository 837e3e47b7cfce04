// Package config reads settings from the environment, once, at start. Relay
// has the relay's own; a provider reads its own struct by Read.
package config

import (
	"errors"
	"fmt"
	"reflect"

	"github.com/kelseyhightower/envconfig"
	"go.uber.org/zap/zapcore"
)

// Relay are the settings of the relay itself.
type Relay struct {
	// SecretKey verifies HS256 tokens. SecretKeyPrevious is accepted beside it,
	// so that a key can be rotated without a refused request.
	SecretKey         string `envconfig:"SECRET_KEY"`
	SecretKeyPrevious string `envconfig:"SECRET_KEY_PREVIOUS"`
	// JWKSHosts are the hosts from which keys of RS256 tokens may be fetched.
	JWKSHosts []string `envconfig:"JWKS_HOSTS" default:"visibility.amp.cisco.com,visibility.eu.amp.cisco.com,visibility.apjc.amp.cisco.com"`
	// URL is the relay's base URL, the audience of RS256 tokens. Where it is
	// empty, the URL of the request counts.
	URL string `envconfig:"RELAY_URL"`
	// Provider is the name of the provider that answers.
	Provider string `envconfig:"RELAY_PROVIDER" default:"watchlist"`
	// Concurrency is how many observables of a request are asked about at once.
	Concurrency int `envconfig:"RELAY_CONCURRENCY" default:"10" expected:"a whole number from 1 to 1000"`
	// LogLevel is "debug", "info", "warn" or "error".
	LogLevel zapcore.Level `envconfig:"LOG_LEVEL" default:"info" expected:"debug, info, warn or error"`
}

// Load reads the relay's settings.
func Load() (Relay, error) {
	var settings Relay
	if err := Read(&settings); err != nil {
		return Relay{}, err
	}
	if settings.Concurrency < 1 || settings.Concurrency > 1000 {
		return Relay{}, wrong("RELAY_CONCURRENCY", &settings, "Concurrency")
	}
	return settings, nil
}

// Read fills the struct of settings to which into points from the environment,
// by the rules of envconfig. The error names the variable that is wrong and
// says what it should be, after the field's tag "expected". It doesn't quote
// the value: that may be a secret.
func Read(into any) error {
	err := envconfig.Process("", into)
	var parse *envconfig.ParseError
	if errors.As(err, &parse) {
		return wrong(parse.KeyName, into, parse.FieldName)
	}
	return err
}

func wrong(variable string, settings any, field string) error {
	expected := "a value of its type"
	if f, ok := reflect.TypeOf(settings).Elem().FieldByName(field); ok && f.Tag.Get("expected") != "" {
		expected = f.Tag.Get("expected")
	}
	return fmt.Errorf("setting %s is not %s", variable, expected)
}
