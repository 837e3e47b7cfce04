package shape

import (
	"encoding/json"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// Text is a string of at most so many characters; 0 means any number.
func Text(limit int) Rule {
	return func(path string, value any) []Problem {
		text, ok := value.(string)
		if !ok {
			return mistaken(path, "a string", value)
		}
		if n := utf8.RuneCountInString(text); limit > 0 && n > limit {
			return At(path, "has %d characters, %d are allowed", n, limit)
		}
		return nil
	}
}

// Filled is a string with more than space in it.
func Filled() Rule {
	return All(Text(0), func(path string, value any) []Problem {
		if strings.TrimSpace(value.(string)) == "" {
			return At(path, "is blank")
		}
		return nil
	})
}

// Matching is a string that the expression matches. what says in words what
// that is.
func Matching(expression *regexp.Regexp, what string) Rule {
	return All(Text(0), func(path string, value any) []Problem {
		if !expression.MatchString(value.(string)) {
			return At(path, "%s is not %s", Quote(value.(string)), what)
		}
		return nil
	})
}

// Word is one of the strings of a vocabulary.
func Word[S ~string](vocabulary ...S) Rule {
	return All(Text(0), func(path string, value any) []Problem {
		if slices.Contains(vocabulary, S(value.(string))) {
			return nil
		}
		if len(vocabulary) > 12 {
			return At(path, "%s is not one of the %d words that are known here", Quote(value.(string)), len(vocabulary))
		}
		return At(path, "%s is not one of: %s", Quote(value.(string)), join(vocabulary))
	})
}

func join[S ~string](words []S) string {
	texts := make([]string, len(words))
	for i, word := range words {
		texts[i] = string(word)
	}
	return strings.Join(texts, ", ")
}

// WebURL is an absolute http or https URL.
func WebURL() Rule {
	return All(Text(0), func(path string, value any) []Problem {
		u, err := url.Parse(value.(string))
		if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
			return At(path, "%s is not an http or https URL", Quote(value.(string)))
		}
		return nil
	})
}

// Number is any number.
func Number() Rule {
	return func(path string, value any) []Problem {
		if _, ok := value.(json.Number); !ok {
			return mistaken(path, "a number", value)
		}
		return nil
	}
}

// Integer is a whole number from least to most.
func Integer(least, most int64) Rule {
	return func(path string, value any) []Problem {
		n, ok := Int(value)
		switch {
		case !ok:
			return mistaken(path, "a whole number", value)
		case n < least || n > most:
			return At(path, "is %d and not %s", n, within(least, most))
		}
		return nil
	}
}

// MostInt is the most that Integer can allow: no limit.
const MostInt = int64(^uint64(0) >> 1)

func within(least, most int64) string {
	if most == MostInt {
		return fmt.Sprintf("%d or more", least)
	}
	return fmt.Sprintf("from %d to %d", least, most)
}

// Int is a value as a whole number, if it is one.
func Int(value any) (n int64, ok bool) {
	number, ok := value.(json.Number)
	if !ok {
		return 0, false
	}
	if n, err := number.Int64(); err == nil {
		return n, true
	}
	f, err := number.Float64() // 3.0 is whole, too
	return int64(f), err == nil && f == float64(int64(f))
}

// Boolean is true or false.
func Boolean() Rule {
	return func(path string, value any) []Problem {
		if _, ok := value.(bool); !ok {
			return mistaken(path, "true or false", value)
		}
		return nil
	}
}

// platformTime is how the platform writes a time: RFC 3339 in UTC with
// milliseconds.
const platformTime = "2006-01-02T15:04:05.000Z"

// Time is a time as RFC 3339 has it. One that is not in UTC with milliseconds,
// as the platform writes times, is a warning.
func Time() Rule {
	return All(Text(0), func(path string, value any) []Problem {
		text := value.(string)
		if _, err := time.Parse(time.RFC3339, text); err != nil {
			return At(path, "%s is not a time as RFC 3339 has it", Quote(text))
		}
		if _, err := time.Parse(platformTime, text); err != nil || len(text) != len(platformTime) {
			return []Problem{{Path: path, Text: Quote(text) + " is not in UTC with milliseconds, as in " + platformTime, Warning: true}}
		}
		return nil
	})
}
