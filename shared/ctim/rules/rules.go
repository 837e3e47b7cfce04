// Package rules validates a relay's responses: CTIM entities, and the whole body
// of each route. It needs no schema files, so tests, `relay check` and forks of
// this repository all apply the same rules.
//
// The rules are those of CTIM 1.3.28 and of the platform's schemas for
// responses, and some that schemas can't express: references lead to entities of
// the same response, a verdict agrees with its judgement, no time starts after it
// ends. The fields of an entity are those of its type in package ctim. Of fields
// that hardly any relay sends, such as a sighting's context, only the JSON type is
// checked. Of kinds that package ctim has no type for, such as incidents, only the
// fields that all kinds share are checked.
package rules

import (
	"encoding/json"
	"slices"
	"strings"
)

// Problem describes one place in a JSON value that breaks a rule.
type Problem struct {
	// Path is the place, such as data.verdicts.docs[3].disposition. It is empty
	// for the value as a whole.
	Path string
	// Message describes the problem and the expected value. It is one line, and
	// quotes at most the first 60 characters of a value.
	Message string
	// Warning is true if the platform can still use the value.
	Warning bool
}

// String returns the problem as one line.
func (p Problem) String() string {
	if p.Path == "" {
		return p.Message
	}
	return p.Path + ": " + p.Message
}

// Errors returns the problems that are not warnings.
func Errors(problems []Problem) []Problem {
	return slices.DeleteFunc(slices.Clone(problems), func(p Problem) bool { return p.Warning })
}

// Entity returns the problems of one CTIM entity, of any of the 18 kinds that a
// response may contain. The kind is the entity's "type".
func Entity(raw json.RawMessage) []Problem {
	return apply(func(path string, value any) []Problem {
		members, _ := value.(map[string]any)
		for _, k := range kinds() {
			if members["type"] == k.name {
				return k.rule(path, value)
			}
		}
		return at("type", "%s is not a kind of CTIM entity, such as judgement", describe(members["type"]))
	}, raw)
}

// Answer returns the problems of the body of a response. route is its path, such as
// /observe/observables, with or without a slash at the end. A refusal is valid too: a
// body with errors and no data. For /tiles/tile-data, only the fields that all types
// of tiles share are checked: use TileData to check all.
func Answer(route string, body []byte) []Problem {
	rule, ok := routes()[strings.TrimSuffix(route, "/")]
	if !ok {
		return at("", "%s is not a route of a relay, such as /observe/observables", quote(route))
	}
	return apply(rule, body)
}

// TileData returns the problems of the body of a response of /tiles/tile-data, for a
// tile of the type kind, such as donut_graph.
func TileData(kind string, body []byte) []Problem {
	return apply(envelope(tileData(kind)), body)
}

// Refusal returns the problems of a body that refuses a request, on any route. It must
// contain errors, and may contain a status too, "error" or "failure".
func Refusal(body []byte) []Problem {
	return apply(object(fields{
		"errors": required(errorList()),
		"data":   optional(object(fields{"status": required(oneOf("error", "failure"))})),
	}), body)
}

// apply decodes the body and applies the rule to it.
func apply(r rule, body []byte) []Problem {
	value, problems := decode(body)
	if problems != nil {
		return problems
	}
	return r("", value)
}
