// Package shape says what a JSON value must look like, and finds the places
// where one doesn't. A shape is put together from small rules:
//
//	link := shape.Object(shape.Fields{
//		"title":      shape.Required(shape.Filled()),
//		"categories": shape.Optional(shape.Set(shape.Text(0))),
//	})
package shape

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
)

// Problem is something in a value that is not as it must be.
type Problem struct {
	// Path is the place, such as data.verdicts.docs[3].disposition; empty for
	// the value as a whole.
	Path string
	// Text says what is wrong there. Quotes of the value are short, and on one
	// line.
	Text string
	// Warning says that the value can be used all the same.
	Warning bool
}

// String writes the problem on one line.
func (p Problem) String() string {
	if p.Path == "" {
		return p.Text
	}
	return p.Path + ": " + p.Text
}

// Rule finds what is wrong with a value as Decode gives it. The path is where
// the value stands, for its problems.
type Rule func(path string, value any) []Problem

// Decode reads one JSON value and nothing after it. Numbers stay as they are
// written.
func Decode(raw []byte) (any, error) {
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.UseNumber()
	var value any
	if err := decoder.Decode(&value); err != nil {
		return nil, err
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("there is more after the JSON value")
	}
	return value, nil
}

// Failures are the problems that are no warnings.
func Failures(problems []Problem) []Problem {
	var failures []Problem
	for _, p := range problems {
		if !p.Warning {
			failures = append(failures, p)
		}
	}
	return failures
}

// At is one problem at a path. The text is made as by fmt.Sprintf.
func At(path, format string, args ...any) []Problem {
	return []Problem{{Path: path, Text: fmt.Sprintf(format, args...)}}
}

// Warn makes warnings of the rule's problems.
func Warn(rule Rule) Rule {
	return func(path string, value any) []Problem {
		problems := rule(path, value)
		for i := range problems {
			problems[i].Warning = true
		}
		return problems
	}
}

// All wants each of the rules. A rule is left out where one before it failed:
// what it would say is likely to follow from that.
func All(rules ...Rule) Rule {
	return func(path string, value any) (problems []Problem) {
		for _, rule := range rules {
			problems = append(problems, rule(path, value)...)
			if len(Failures(problems)) > 0 {
				break
			}
		}
		return problems
	}
}

// Any takes everything.
func Any() Rule { return func(string, any) []Problem { return nil } }

// member is the path of an object's member, item that of a list's item.
func member(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}

func item(path string, i int) string { return path + "[" + strconv.Itoa(i) + "]" }

// mistaken says that a value is of another kind than it must be.
func mistaken(path, wanted string, value any) []Problem {
	return At(path, "must be %s, is %s", wanted, Describe(value))
}

// quoteLength is how much of a value a problem quotes, in characters.
const quoteLength = 60

// Describe names a value for a person: short ones are quoted.
func Describe(value any) string {
	switch v := value.(type) {
	case nil:
		return "null"
	case map[string]any:
		return "an object"
	case []any:
		return "a list"
	case string:
		return Quote(v)
	default:
		return fmt.Sprint(v)
	}
}

// Quote quotes the beginning of a text. What a terminal would take for an order
// is escaped.
func Quote(text string) string {
	if runes := []rune(text); len(runes) > quoteLength {
		return strconv.QuoteToGraphic(string(runes[:quoteLength])) + "…"
	}
	return strconv.QuoteToGraphic(text)
}
