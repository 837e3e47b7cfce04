package config

import (
	"encoding"
	"reflect"

	"github.com/serverless-relay/relay/shared/relay"
)

// Describe returns the settings of a struct, from the tags of its fields and in their
// order, or none for nil.
func Describe(settings any) []relay.Setting {
	if settings == nil {
		return nil
	}
	var all []relay.Setting
	for _, field := range reflect.VisibleFields(reflect.TypeOf(settings)) {
		name := field.Tag.Get("envconfig")
		if name == "" {
			continue
		}
		_, decodes := reflect.New(field.Type).Interface().(encoding.TextUnmarshaler)
		list := field.Type.Kind() == reflect.Slice && field.Type.Elem().Kind() == reflect.String
		all = append(all, relay.Setting{
			Name:     name,
			Default:  field.Tag.Get("default"),
			Doc:      field.Tag.Get("doc"),
			Expected: field.Tag.Get("expected"),
			Text:     !decodes && (field.Type.Kind() == reflect.String || list),
		})
	}
	return all
}
