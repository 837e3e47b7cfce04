// Package config reads settings from the environment, once, at startup. Relay
// has the relay's own. A provider reads its own struct with Read.
//
// A field's tag "doc" describes the setting in docs/Settings.md. Its tag "expected"
// completes the error "setting NAME is not ...".
package config

import (
	"errors"
	"fmt"
	"net/url"
	"os"
	"reflect"
	"slices"
	"strings"

	"github.com/kelseyhightower/envconfig"
	"go.uber.org/zap/zapcore"
)

// Relay are the settings of the relay itself.
type Relay struct {
	// SecretKey and SecretKeyPrevious are without the space around them.
	SecretKey         string `envconfig:"SECRET_KEY" doc:"The key that verifies HS256 tokens. relay jwt STAGE --save makes one. Without it, every such token is refused."`
	SecretKeyPrevious string `envconfig:"SECRET_KEY_PREVIOUS" doc:"The key before the last rotation. Its tokens are accepted too."`
	// The names of parameters. A key and its parameter are never both set.
	SecretKeyParameter         string `envconfig:"SECRET_KEY_PARAMETER" doc:"The name of an encrypted parameter in AWS Systems Manager that contains the key, instead of SECRET_KEY. A Lambda reads it when it starts."`
	SecretKeyPreviousParameter string `envconfig:"SECRET_KEY_PREVIOUS_PARAMETER" doc:"The same for the key before the last rotation, instead of SECRET_KEY_PREVIOUS."`
	// JWKSHosts is empty for "none".
	JWKSHosts []string `envconfig:"JWKS_HOSTS" default:"visibility.amp.cisco.com,visibility.eu.amp.cisco.com,visibility.apjc.amp.cisco.com" expected:"none or host names, separated by commas" doc:"Hosts whose keys verify RS256 tokens, separated by commas. none refuses every such token."`
	// Organizations is nil if any organization may call.
	Organizations []string `envconfig:"RELAY_ORGANIZATIONS" expected:"the ids of organizations, separated by commas" doc:"Ids of the XDR organizations whose RS256 tokens are accepted, separated by commas. Without it, a provider that needs no credentials refuses every such token, because every XDR customer can get one."`
	// AllowFrom is nil if requests may come from anywhere.
	AllowFrom Networks `envconfig:"RELAY_ALLOW_FROM" expected:"addresses and networks such as 192.0.2.7,198.51.100.0/24" doc:"Addresses and networks that may call the relay, separated by commas. Default: anyone with a token."`
	// URL is empty if each request's own URL is the audience.
	URL string `envconfig:"RELAY_URL" expected:"a URL such as https://relay.example.com/dev" doc:"The relay's base URL, which RS256 tokens must have as their audience. Default: the URL of the request. Set it if clients can choose the Host header, as in a container without a gateway."`
	// Stage is empty outside a deployment.
	Stage string `envconfig:"RELAY_STAGE" doc:"The stage that is deployed. serverless.yml sets it. Tokens that were made for another stage are refused."`
	// Provider lists names, separated by commas. It is empty for the one in
	// module_settings.json.
	Provider string `envconfig:"RELAY_PROVIDER" doc:"The providers that answer, separated by commas. The first answers at the base URL, and each at /<name> below it. Default: the provider in module_settings.json."`
	// Concurrency is from 1 to 1000.
	Concurrency int `envconfig:"RELAY_CONCURRENCY" default:"10" expected:"a whole number from 1 to 1000" doc:"How many observables of one request are looked up concurrently, from 1 to 1000."`
	// Metrics is empty for no metrics.
	Metrics  string        `envconfig:"RELAY_METRICS" doc:"The CloudWatch namespace of the request metrics, which need the log level info. CloudWatch charges for metrics. Default: none."`
	LogLevel zapcore.Level `envconfig:"LOG_LEVEL" default:"info" expected:"debug, info, warn or error" doc:"The least level that is logged: debug, info, warn or error."`
}

// Load reads the relay's settings. The error names the invalid variable and doesn't
// quote its value.
func Load() (Relay, error) {
	var settings Relay
	if err := Read(&settings); err != nil {
		return Relay{}, err
	}
	// A key that was read from a file often ends in a newline.
	settings.SecretKey, settings.SecretKeyPrevious = strings.TrimSpace(settings.SecretKey), strings.TrimSpace(settings.SecretKeyPrevious)
	for _, list := range [][]string{settings.JWKSHosts, settings.Organizations} {
		for i := range list {
			list[i] = strings.TrimSpace(list[i])
		}
	}
	if slices.Equal(settings.JWKSHosts, []string{"none"}) {
		settings.JWKSHosts = nil
	}
	return settings, settings.check()
}

// ReadKeys reads the keys that are in parameters. read returns a parameter's value.
// The error names the setting.
func (r *Relay) ReadKeys(read func(name string) (string, error)) error {
	for _, key := range r.keys() {
		if *key.parameter == "" {
			continue
		}
		value, err := read(*key.parameter)
		if err != nil {
			return fmt.Errorf("setting %s_PARAMETER: %w", key.name, err)
		}
		*key.value = strings.TrimSpace(value)
		if err := CheckSecretKey("setting "+key.name+"_PARAMETER", *key.value); err != nil {
			return err
		}
	}
	return nil
}

// secretKey is one of the settings with keys.
type secretKey struct {
	name             string
	value, parameter *string
}

func (r *Relay) keys() [2]secretKey {
	return [...]secretKey{
		{"SECRET_KEY", &r.SecretKey, &r.SecretKeyParameter},
		{"SECRET_KEY_PREVIOUS", &r.SecretKeyPrevious, &r.SecretKeyPreviousParameter},
	}
}

// check returns an error for the first setting whose value has the right type but
// is invalid.
func (r Relay) check() error {
	for _, key := range r.keys() {
		if *key.value == "" {
			continue
		}
		if *key.parameter != "" {
			return fmt.Errorf("settings %s and %s_PARAMETER are both set: remove one", key.name, key.name)
		}
		if err := CheckSecretKey("setting "+key.name, *key.value); err != nil {
			return err
		}
	}
	for _, host := range r.JWKSHosts {
		if u, err := url.Parse("https://" + host); err != nil || u.Host != host || host == "" {
			return wrong("JWKS_HOSTS", &r, "JWKSHosts")
		}
	}
	for _, id := range r.Organizations {
		if id == "" || strings.ContainsAny(id, " \t\r\n") {
			return wrong("RELAY_ORGANIZATIONS", &r, "Organizations")
		}
	}
	if u, err := url.Parse(r.URL); r.URL != "" && (err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" ||
		u.User != nil || strings.ContainsAny(r.URL, "?#")) { // no audience could match
		return wrong("RELAY_URL", &r, "URL")
	}
	if r.Concurrency < 1 || r.Concurrency > 1000 {
		return wrong("RELAY_CONCURRENCY", &r, "Concurrency")
	}
	return nil
}

// Read fills the struct that into points to from the environment, by the rules of
// envconfig with one exception: a blank variable counts as unset, because a
// deployment sets all the variables that it knows. All fields are exported. The
// error names the invalid variable and what is expected. It doesn't quote the
// value, which may be a secret.
func Read(into any) error {
	err := envconfig.Process("", withoutBlank(into))
	var parse *envconfig.ParseError
	if errors.As(err, &parse) {
		return wrong(parse.KeyName, into, parse.FieldName)
	}
	return err
}

// withoutBlank returns into as a type that renames blank variables. The new names can't
// be set, so envconfig treats the variables as unset.
func withoutBlank(into any) any {
	fields := reflect.VisibleFields(reflect.TypeOf(into).Elem())
	blank := false
	for i, field := range fields {
		name := field.Tag.Get("envconfig")
		if value, ok := os.LookupEnv(name); ok && strings.TrimSpace(value) == "" {
			tag := strings.Replace(string(field.Tag), `"`+name+`"`, `"`+name+`="`, 1)
			fields[i].Tag = reflect.StructTag(tag)
			blank = true
		}
	}
	if !blank {
		return into // making a type takes most of the time
	}
	return reflect.ValueOf(into).Convert(reflect.PointerTo(reflect.StructOf(fields))).Interface()
}

func wrong(variable string, settings any, field string) error {
	expected := "a value of its type"
	if f, ok := reflect.TypeOf(settings).Elem().FieldByName(field); ok && f.Tag.Get("expected") != "" {
		expected = f.Tag.Get("expected")
	}
	return fmt.Errorf("setting %s is not %s", variable, expected)
}
