// Package config reads settings from the environment, once, at start. Relay
// has the relay's own; a provider reads its own struct by Read.
package config

import (
	"errors"
	"fmt"
	"net/url"
	"os"
	"reflect"
	"strings"

	"github.com/kelseyhightower/envconfig"
	"go.uber.org/zap/zapcore"
)

// Relay are the settings of the relay itself.
type Relay struct {
	// SecretKey and SecretKeyPrevious are without the space around them.
	SecretKey         string   `envconfig:"SECRET_KEY" doc:"The key that verifies HS256 tokens. relay jwt STAGE --save makes one. Without it, every such token is refused."`
	SecretKeyPrevious string   `envconfig:"SECRET_KEY_PREVIOUS" doc:"The key before the last rotation. Its tokens are accepted too."`
	JWKSHosts         []string `envconfig:"JWKS_HOSTS" default:"visibility.amp.cisco.com,visibility.eu.amp.cisco.com,visibility.apjc.amp.cisco.com" doc:"Hosts whose keys verify RS256 tokens, separated by commas."`
	// URL is empty if each request's own URL is the audience.
	URL      string `envconfig:"RELAY_URL" expected:"a URL such as https://relay.example.com/dev" doc:"The relay's base URL, which RS256 tokens must have as their audience. Default: the URL of the request. Set it if clients can choose the Host header, as in a container without a gateway."`
	Provider string `envconfig:"RELAY_PROVIDER" doc:"The name of the provider that answers. Default: the one in module_settings.json."`
	// Concurrency is from 1 to 1000.
	Concurrency int `envconfig:"RELAY_CONCURRENCY" default:"10" expected:"a whole number from 1 to 1000" doc:"How many observables of one request are looked up concurrently, from 1 to 1000."`
	// Metrics is empty for no metrics.
	Metrics  string        `envconfig:"RELAY_METRICS" doc:"The CloudWatch namespace of the request metrics, which need the log level info. CloudWatch charges for metrics. Default: none."`
	LogLevel zapcore.Level `envconfig:"LOG_LEVEL" default:"info" expected:"debug, info, warn or error" doc:"The least level that is logged: debug, info, warn or error."`
}

// Load reads the relay's settings.
func Load() (Relay, error) {
	var settings Relay
	if err := Read(&settings); err != nil {
		return Relay{}, err
	}
	// A key from a file often comes with the end of its line.
	settings.SecretKey, settings.SecretKeyPrevious = strings.TrimSpace(settings.SecretKey), strings.TrimSpace(settings.SecretKeyPrevious)
	return settings, settings.check()
}

// minKey is the least length of a key, in characters: HS256 wants 256 bits.
const minKey = 32

// CheckSecretKey finds a key that is too short to sign with. The error calls it
// by the name, such as SECRET_KEY, and doesn't quote it.
func CheckSecretKey(name, key string) error {
	if len(strings.TrimSpace(key)) < minKey {
		return fmt.Errorf("setting %s is not a key of at least %d characters, better 64", name, minKey)
	}
	return nil
}

// check finds values that are of the right type and wrong all the same.
func (r Relay) check() error {
	for variable, key := range map[string]string{"SECRET_KEY": r.SecretKey, "SECRET_KEY_PREVIOUS": r.SecretKeyPrevious} {
		if key == "" {
			continue
		}
		if err := CheckSecretKey(variable, key); err != nil {
			return err
		}
	}
	for _, host := range r.JWKSHosts {
		if u, err := url.Parse("https://" + host); err != nil || u.Host != host || host == "" {
			return errors.New("setting JWKS_HOSTS is not a list of host names, by commas")
		}
	}
	if u, err := url.Parse(r.URL); r.URL != "" && (err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http") {
		return errors.New("setting RELAY_URL is not a URL such as https://relay.example.com/dev")
	}
	if r.Concurrency < 1 || r.Concurrency > 1000 {
		return wrong("RELAY_CONCURRENCY", &r, "Concurrency")
	}
	return nil
}

// Read fills the struct of settings to which into points from the environment,
// by the rules of envconfig, but for a variable that is empty: it counts as not
// set, since a deployment can't help setting all that it knows. The error names the variable that is wrong and
// says what it should be, after the field's tag "expected". It doesn't quote
// the value: that may be a secret.
func Read(into any) error {
	fields := reflect.TypeOf(into).Elem()
	for i := range fields.NumField() {
		name := fields.Field(i).Tag.Get("envconfig")
		if value, ok := os.LookupEnv(name); ok && strings.TrimSpace(value) == "" {
			if err := os.Unsetenv(name); err != nil {
				return err
			}
		}
	}
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
