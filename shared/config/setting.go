package config

import "reflect"

// Setting describes one setting.
type Setting struct {
	// Name is the environment variable.
	Name string `json:"name"`
	// Default is the value of a variable that is not set, as it would be written
	// there; empty if there is none.
	Default string `json:"default,omitempty"`
	// Doc says in sentences what the setting does.
	Doc string `json:"doc"`
}

// Describe returns the settings in a struct: the fields with the tag
// "envconfig", in their order. The tag "default" is the Default, "doc" the Doc.
// Nil has no settings.
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
		s := Setting{Name: name, Default: field.Tag.Get("default"), Doc: field.Tag.Get("doc")}
		if s.Default == "" && field.Type.Kind() == reflect.Bool {
			s.Default = "false"
		}
		all = append(all, s)
	}
	return all
}
