package config

import (
	"encoding"
	"reflect"
)

// Setting describes one setting, from the tags of its field.
type Setting struct {
	// Name is the environment variable.
	Name string
	// Default is the value if the variable is not set; empty is none.
	Default string
	// Doc describes the setting. Expected describes valid values.
	Doc, Expected string
	// Text is true if any text is valid.
	Text bool
}

// Describe returns the settings of a struct in the order of its fields, or none for
// nil.
func Describe(settings any) []Setting {
	if settings == nil {
		return nil
	}
	var all []Setting
	for _, field := range reflect.VisibleFields(reflect.TypeOf(settings)) {
		name := field.Tag.Get("envconfig")
		if name == "" {
			continue
		}
		_, decodes := reflect.New(field.Type).Interface().(encoding.TextUnmarshaler)
		list := field.Type.Kind() == reflect.Slice && field.Type.Elem().Kind() == reflect.String
		all = append(all, Setting{
			Name:     name,
			Default:  field.Tag.Get("default"),
			Doc:      field.Tag.Get("doc"),
			Expected: field.Tag.Get("expected"),
			Text:     !decodes && (field.Type.Kind() == reflect.String || list),
		})
	}
	return all
}
