package rules

import (
	"encoding/json"
	"math"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// anyString accepts strings.
func anyString(path string, value any) []Problem {
	if _, ok := value.(string); !ok {
		return mistaken(path, "a string", value)
	}
	return nil
}

// upTo accepts strings of at most limit characters.
func upTo(limit int) rule {
	return all(anyString, func(path string, value any) []Problem {
		if n := utf8.RuneCountInString(value.(string)); n > limit {
			return at(path, "has %d characters: at most %d are allowed", n, limit)
		}
		return nil
	})
}

// filled accepts strings that are not blank.
func filled(path string, value any) []Problem {
	if text, ok := value.(string); ok && strings.TrimSpace(text) == "" {
		return at(path, "must not be blank")
	}
	return anyString(path, value)
}

// matching accepts strings that match the expression. expected describes them.
func matching(expression *regexp.Regexp, expected string) rule {
	return all(anyString, func(path string, value any) []Problem {
		if !expression.MatchString(value.(string)) {
			return at(path, "must be %s, is %s", expected, quote(value.(string)))
		}
		return nil
	})
}

// maxListed is the maximum number of words in a message.
const maxListed = 12

// oneOf accepts the words of a vocabulary.
func oneOf[S ~string](vocabulary ...S) rule {
	words := make([]string, len(vocabulary))
	for i, word := range vocabulary {
		words[i] = string(word)
	}
	return all(anyString, func(path string, value any) []Problem {
		text := value.(string)
		switch {
		case slices.Contains(words, text):
			return nil
		case len(words) > maxListed:
			return at(path, "%s is none of the %d words known here, such as %s", quote(text), len(words), words[0])
		default:
			return at(path, "%s is not one of: %s", quote(text), strings.Join(words, ", "))
		}
	})
}

// webURL accepts absolute http and https URLs.
func webURL(path string, value any) []Problem {
	text, ok := value.(string)
	if u, err := url.Parse(text); ok && (err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https") {
		return at(path, "must be an http or https URL, is %s", quote(text))
	}
	return anyString(path, value)
}

// number accepts numbers.
func number(path string, value any) []Problem {
	if _, ok := value.(json.Number); !ok {
		return mistaken(path, "a number", value)
	}
	return nil
}

// integer accepts whole numbers from least to most. A most of math.MaxInt64
// means no limit.
func integer(least, most int64) rule {
	return func(path string, value any) []Problem {
		n, ok := whole(value)
		switch {
		case !ok:
			return mistaken(path, "a whole number", value)
		case n >= least && n <= most:
			return nil
		case most == math.MaxInt64:
			return at(path, "must be %d or more, is %d", least, n)
		default:
			return at(path, "must be from %d to %d, is %d", least, most, n)
		}
	}
}

// whole returns a value as a whole number. ok is false if it isn't one. 3.0 is one.
func whole(value any) (n int64, ok bool) {
	literal, _ := value.(json.Number)
	if n, err := literal.Int64(); err == nil {
		return n, true
	}
	f, err := literal.Float64()
	return int64(f), err == nil && f == float64(int64(f))
}

// boolean accepts true and false.
func boolean(path string, value any) []Problem {
	if _, ok := value.(bool); !ok {
		return mistaken(path, "true or false", value)
	}
	return nil
}

// platformTime is the platform's layout of times: RFC 3339 in UTC with milliseconds.
const platformTime = "2006-01-02T15:04:05.000Z"

// timestamp accepts RFC 3339 times. A time that isn't in UTC with milliseconds is a
// warning.
func timestamp(path string, value any) []Problem {
	text, ok := value.(string)
	if !ok {
		return mistaken(path, "a time", value)
	}
	if _, err := time.Parse(time.RFC3339, text); err != nil {
		return at(path, "must be an RFC 3339 time, is %s", quote(text))
	}
	if _, err := time.Parse(platformTime, text); err != nil || len(text) != len(platformTime) {
		return warnAt(path, "should be in UTC with milliseconds, as in %s, is %s", platformTime, quote(text))
	}
	return nil
}
