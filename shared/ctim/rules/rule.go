package rules

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// rule returns the problems of a value that decode returned. path is the value's
// place. Larger rules consist of small ones:
//
//	object(fields{
//		"title":      required(filled),
//		"categories": optional(set(anyString)),
//	})
type rule func(path string, value any) []Problem

// decode decodes raw, which must be one JSON value with nothing after it. Numbers
// become json.Number.
func decode(raw []byte) (any, []Problem) {
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.UseNumber()
	var value any
	if err := decoder.Decode(&value); err != nil {
		return nil, at("", "must be JSON: %v", err)
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return nil, at("", "must be one JSON value: there is more after it")
	}
	return value, nil
}

// at returns one problem, which is not a warning.
func at(path, format string, args ...any) []Problem {
	return []Problem{{Path: path, Message: fmt.Sprintf(format, args...)}}
}

// warnAt returns one warning.
func warnAt(path, format string, args ...any) []Problem {
	return []Problem{{Path: path, Message: fmt.Sprintf(format, args...), Warning: true}}
}

// warn turns the rule's problems into warnings.
func warn(r rule) rule {
	return func(path string, value any) []Problem {
		problems := r(path, value)
		for i := range problems {
			problems[i].Warning = true
		}
		return problems
	}
}

// all applies the rules until one finds an error, because the errors of later rules
// are likely to follow from it.
func all(rules ...rule) rule {
	return func(path string, value any) (problems []Problem) {
		for _, r := range rules {
			problems = append(problems, r(path, value)...)
			if len(Errors(problems)) > 0 {
				break
			}
		}
		return problems
	}
}

// anything accepts every value.
func anything(string, any) []Problem { return nil }

// nameCharacters are the characters of names that need no quotes in a path.
const nameCharacters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-"

// member returns the path of an object's member.
func member(path, name string) string {
	switch {
	case name == "" || strings.Trim(name, nameCharacters) != "":
		return path + "[" + quote(name) + "]"
	case path == "":
		return name
	default:
		return path + "." + name
	}
}

// item returns the path of a list's item.
func item(path string, i int) string { return path + "[" + strconv.Itoa(i) + "]" }

// mistaken returns the problem of a value of an unexpected type.
func mistaken(path, expected string, value any) []Problem {
	return at(path, "must be %s, is %s", expected, describe(value))
}

// quoteLength is the maximum number of characters of a value in a message.
const quoteLength = 60

// describe names a value; strings and numbers are quoted.
func describe(value any) string {
	switch v := value.(type) {
	case nil:
		return "null"
	case map[string]any:
		return "an object"
	case []any:
		return "a list"
	case string:
		return quote(v)
	default:
		return shorten(fmt.Sprint(v))
	}
}

// quote quotes the beginning of a text. Control characters are escaped, because a
// terminal would obey them.
func quote(text string) string {
	short := shorten(text)
	if short == text {
		return strconv.QuoteToGraphic(text)
	}
	return strconv.QuoteToGraphic(short[:len(short)-len("…")]) + "…"
}

// shorten returns at most the first quoteLength characters of a text.
func shorten(text string) string {
	if runes := []rune(text); len(runes) > quoteLength {
		return string(runes[:quoteLength]) + "…"
	}
	return text
}
