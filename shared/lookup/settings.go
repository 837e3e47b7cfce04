package lookup

import (
	"cmp"
	"fmt"
	"reflect"
	"strings"
	"time"

	"github.com/serverless-relay/relay/shared/config"
	"github.com/serverless-relay/relay/shared/upstream"
)

// maxTimeout is the longest timeout of a call, because the relay answers within 25
// seconds.
const maxTimeout = 25 * time.Second

// The fields of every Source's settings.
const (
	addressField = "SourceURL"
	timeoutField = "SourceTimeout"
)

// newSettings returns a new struct with the settings of every Source, followed
// by the fields of s.Settings.
func (s Source) newSettings() reflect.Value {
	prefix := strings.ToUpper(s.Name)
	fields := []reflect.StructField{{
		Name: timeoutField, Type: reflect.TypeFor[time.Duration](),
		Tag: reflect.StructTag(fmt.Sprintf(`envconfig:"%s_TIMEOUT" default:%q expected:"a duration such as 10s, up to 25s" doc:%q`, prefix, cmp.Or(s.Timeout, upstream.DefaultTimeout), "How long one call to "+s.Title+" may take.")),
	}}
	if s.URL != "" {
		fields = append(fields, reflect.StructField{
			Name: addressField, Type: reflect.TypeFor[upstream.Address](),
			Tag: reflect.StructTag(fmt.Sprintf(`envconfig:"%s_URL" default:%q expected:%q doc:%q`, prefix, s.URL, "a URL such as "+s.URL, "Where "+s.Title+" is. Another address serves tests and proxies.")),
		})
	}
	if s.Settings != nil {
		fields = append(fields, reflect.VisibleFields(reflect.TypeOf(s.Settings))...)
	}
	return reflect.New(reflect.StructOf(fields)).Elem()
}

// readSettings reads the settings from the environment. settings has the type of
// s.Settings.
func (s Source) readSettings() (address upstream.Address, timeout time.Duration, settings any, err error) {
	all := s.newSettings()
	if err := config.Read(all.Addr().Interface()); err != nil {
		return upstream.Address{}, 0, nil, err
	}
	timeout = all.FieldByName(timeoutField).Interface().(time.Duration)
	if timeout <= 0 || timeout > maxTimeout {
		return upstream.Address{}, 0, nil, fmt.Errorf("setting %s_TIMEOUT is not a duration such as 10s, up to 25s", strings.ToUpper(s.Name))
	}
	if s.URL != "" {
		address = all.FieldByName(addressField).Interface().(upstream.Address)
	}
	if s.Settings != nil {
		values := reflect.New(reflect.TypeOf(s.Settings)).Elem()
		for i, field := range reflect.VisibleFields(values.Type()) {
			values.Field(i).Set(all.FieldByName(field.Name))
		}
		settings = values.Interface()
		if v, ok := settings.(interface{ Validate() error }); ok {
			if err := v.Validate(); err != nil {
				return upstream.Address{}, 0, nil, err
			}
		}
	}
	return address, timeout, settings, nil
}
