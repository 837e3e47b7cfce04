package lookup

import (
	"cmp"
	"fmt"
	"net/http"
	"os"
	"reflect"
	"strings"
	"time"

	"github.com/serverless-relay/relay/shared/config"
	"github.com/serverless-relay/relay/shared/relay"
	"github.com/serverless-relay/relay/shared/upstream"
)

const (
	// maxTimeout is the longest timeout of a call, because the relay answers within 25
	// seconds.
	maxTimeout      = 25 * time.Second
	expectedTimeout = "a duration such as 10s, up to 25s"
)

// timeoutSetting and addressSetting are the names of the settings of every Source.
func (s Source) timeoutSetting() string { return strings.ToUpper(s.Name) + "_TIMEOUT" }
func (s Source) addressSetting() string { return strings.ToUpper(s.Name) + "_URL" }

// describe returns the settings of every Source, followed by those of s.Settings.
func (s Source) describe() []relay.Setting {
	all := []relay.Setting{{
		Name: s.timeoutSetting(), Default: cmp.Or(s.Timeout, upstream.DefaultTimeout).String(), Expected: expectedTimeout,
		Doc: "How long one call to " + s.Title + " may take, up to 25s.",
	}}
	if s.URL != "" {
		all = append(all, relay.Setting{
			Name: s.addressSetting(), Default: s.URL, Expected: "a URL such as " + s.URL,
			Doc: "Where " + s.Title + " is. Another address serves tests and proxies.",
		})
	}
	return append(all, config.Describe(s.Settings)...)
}

// options returns the options of the third party's client, with the settings of every
// Source. The error names the variable and doesn't quote its value.
func (s Source) options(network http.RoundTripper) (upstream.Options, error) {
	o, err := upstream.FromEnvironment(network)
	if err != nil {
		return o, err
	}
	o.Title, o.Timeout, o.Refusal = s.Title, s.Timeout, s.Refusal
	if text := strings.TrimSpace(os.Getenv(s.timeoutSetting())); text != "" {
		if o.Timeout, err = time.ParseDuration(text); err != nil || o.Timeout <= 0 || o.Timeout > maxTimeout {
			return o, fmt.Errorf("setting %s is not %s", s.timeoutSetting(), expectedTimeout)
		}
	}
	if s.URL == "" {
		return o, nil
	}
	if o.Address, err = upstream.ParseAddress(cmp.Or(strings.TrimSpace(os.Getenv(s.addressSetting())), s.URL)); err != nil {
		return o, fmt.Errorf("setting %s is not a URL such as %s", s.addressSetting(), s.URL)
	}
	return o, nil
}

// readSettings returns s.Settings with the values of the environment.
func (s Source) readSettings() (any, error) {
	if s.Settings == nil {
		return nil, nil
	}
	values := reflect.New(reflect.TypeOf(s.Settings))
	if err := config.Read(values.Interface()); err != nil {
		return nil, err
	}
	settings := values.Elem().Interface()
	if v, ok := settings.(interface{ Validate() error }); ok {
		return settings, v.Validate()
	}
	return settings, nil
}
