package rules

import (
	"encoding"
	"math"
	"reflect"
	"strings"
	"sync"

	"github.com/serverless-relay/relay/shared/ctim"
)

// fieldsOf returns the fields of a struct of package ctim, by their JSON tags. Those
// without an option such as omitempty are required.
func fieldsOf[T any]() fields { return fieldsOfType(reflect.TypeFor[T]()) }

func fieldsOfType(t reflect.Type) fields {
	f := fields{}
	for _, member := range reflect.VisibleFields(t) {
		name, option, _ := strings.Cut(member.Tag.Get("json"), ",")
		switch {
		case member.Anonymous: // its fields follow
		case option == "":
			f[name] = required(ruleOf(member.Type))
		default:
			f[name] = optional(ruleOf(member.Type))
		}
	}
	return f
}

// ruleOf returns the rule for the JSON of a type of package ctim.
func ruleOf(t reflect.Type) rule {
	if r, ok := special()[t]; ok {
		return r
	}
	switch t.Kind() {
	case reflect.Pointer:
		return ruleOf(t.Elem())
	case reflect.Slice:
		return list(ruleOf(t.Elem()))
	case reflect.Struct:
		if word, ok := reflect.Zero(t).Interface().(encoding.TextMarshaler); ok {
			text, _ := word.MarshalText() // a constant
			return oneOf(string(text))
		}
		return object(fieldsOfType(t))
	case reflect.String:
		if words := ctim.WordsOf(t); len(words) > 0 {
			return oneOf(words...)
		}
		return anyString
	case reflect.Bool:
		return boolean
	case reflect.Int:
		return integer(0, math.MaxInt64)
	default:
		panic("rules: no rule for " + t.String())
	}
}

// special returns the rules for types whose values are restricted in ways that the
// type itself doesn't show.
var special = sync.OnceValue(func() map[reflect.Type]rule {
	return map[reflect.Type]rule{
		reflect.TypeFor[ctim.ShortString]():  short,
		reflect.TypeFor[ctim.MedString]():    medium,
		reflect.TypeFor[ctim.LongString]():   long,
		reflect.TypeFor[ctim.Time]():         timestamp,
		reflect.TypeFor[ctim.ValidTime]():    span(timestamp, optional, optional),
		reflect.TypeFor[ctim.ObservedTime](): span(timestamp, required, optional),
		reflect.TypeFor[ctim.Observable]():   observable(),
		reflect.TypeFor[ctim.Table]():        table(),
		reflect.TypeFor[ctim.Disposition]():  integer(int64(ctim.Clean), int64(ctim.Unknown)),
	}
})

// short, medium and long accept texts of the lengths that CTIM allows.
var short, medium, long = upTo(ctim.ShortLimit), upTo(ctim.MedLimit), upTo(ctim.LongLimit)

// observable accepts observables. The platform adds types now and then, so an
// unknown type is a warning.
func observable() rule {
	return object(fields{
		"type":  required(all(anyString, warn(oneOf(ctim.Words[ctim.ObservableType]()...)))),
		"value": required(anyString),
	})
}

// table accepts the data of a sighting.
func table() rule {
	return object(fields{
		"columns": required(list(object(fields{
			"name":              required(anyString),
			"type":              required(oneOf("integer", "markdown", "number", "observable", "string", "url")),
			"description":       optional(long),
			"short_description": optional(anyString),
			"required":          optional(boolean),
		}))),
		"rows":      required(anyList),
		"row_count": optional(integer(-math.MaxInt64, math.MaxInt64)),
	})
}
