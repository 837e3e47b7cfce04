package config

import (
	"encoding"
	"reflect"
)

// Setting describes one setting, as the tags of its field do.
type Setting struct {
	// Name is the environment variable.
	Name string
	// Default is the value if the variable is not set; empty is none.
	Default string
	// Doc says what it sets, Expected what a value looks like.
	Doc, Expected string
	// Text says that any text is a value.
	Text bool
}

// Describe returns the settings of a struct in the order of its fields. Nil has
// none.
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
