package check

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/serverless-relay/relay/cmd/relay/internal/check/shape"
	"github.com/serverless-relay/relay/shared/relay"
)

// envelope is the body of every answer but /version's.
func envelope(data shape.Rule) shape.Rule {
	fields := shape.Object(shape.Fields{"data": shape.Optional(data), "errors": shape.Optional(errorList())})
	return shape.All(fields, func(path string, value any) []shape.Problem {
		if len(value.(map[string]any)) == 0 {
			return shape.At(path, "there is neither data nor errors")
		}
		return nil
	})
}

// errorList are the errors of an answer. They are left out where there are none.
func errorList() shape.Rule {
	list := shape.List(shape.Object(shape.Fields{
		"type":    shape.Required(shape.Word(relay.Fatal, relay.Failed, relay.Warning)),
		"code":    shape.Required(shape.All(shape.Filled(), shape.Warn(shape.Word(codes()...)))),
		"message": shape.Required(shape.Filled()),
	}))
	return shape.All(list, func(path string, value any) []shape.Problem {
		if len(value.([]any)) == 0 {
			return shape.At(path, "is there although it is empty")
		}
		return nil
	})
}

// codes are the codes of errors that the platform knows.
func codes() []relay.Code {
	return []relay.Code{
		relay.CodeAuthorization, relay.CodeInvalidArgument, relay.CodePermissionDenied, relay.CodeNotFound, relay.CodeTooManyRequests, relay.CodeTimeout,
		relay.CodeConnection, relay.CodeServiceUnavailable, relay.CodeInternal, relay.CodeHealthCheck, relay.CodeUnknown,
	}
}

// data is what the envelope holds; nil where it has none.
func (a answer) data() any {
	members, _ := a.value.(map[string]any)
	return members["data"]
}

// errors are the errors in the envelope, as far as they can be read.
func (a answer) errors() []relay.Error {
	var body struct{ Errors []relay.Error }
	_ = json.Unmarshal(a.body, &body) // what can't be read, the envelope's rule tells
	return body.Errors
}

// answered wants data, and no errors. An error that cost only a part of the
// answer is a warning here: a third party may fail for some observable.
func answered(expected string, data shape.Rule) want {
	rule := envelope(data)
	return want{expected: expected, find: func(a answer) []shape.Problem {
		problems := rule("", a.value)
		for _, e := range a.errors() {
			problems = append(problems, shape.Problem{Text: "the relay answers with an error: " + e.Error(), Warning: e.Type != relay.Fatal})
		}
		if a.data() == nil && len(a.errors()) == 0 {
			problems = append(problems, shape.Problem{Text: "there is no data"})
		}
		return problems
	}}
}

// refused wants an error with that code and message, and no data but what is
// allowed beside it, which is nothing where that is nil.
func refused(code relay.Code, m message, beside shape.Rule) want {
	if beside == nil {
		beside = func(path string, _ any) []shape.Problem {
			return shape.At(path, "there is data beside the refusal")
		}
	}
	rule := envelope(beside)
	return want{expected: fmt.Sprintf("the error %q: %s", code, m.words), find: func(a answer) []shape.Problem {
		found := a.errors()
		if len(found) == 0 {
			return append(rule("", a.value), shape.At("", "it is not refused")...)
		}
		problems := rule("", a.value)
		if found[0].Code != code {
			problems = append(problems, shape.At("errors[0].code", "is %s and not %q", shape.Quote(string(found[0].Code)), code)...)
		}
		if !m.fits(found[0].Message) {
			problems = append(problems, shape.Problem{Path: "errors[0].message", Text: shape.Quote(found[0].Message) + " is not " + m.words, Warning: m.loose})
		}
		return problems
	}}
}

// message is what an error's message should be.
type message struct {
	words string
	fits  func(string) bool
	// loose says that another message is only a warning.
	loose bool
}

// exactly is just this message.
func exactly(text string) message {
	return message{words: text, fits: func(got string) bool { return got == text }}
}

// anything is any message.
func anything() message {
	return message{words: "with any message", fits: func(string) bool { return true }}
}

// orElse makes a warning of another message.
func (m message) orElse() message {
	m.loose = true
	return m
}

// payloadMessage is the message about a bad body. It holds JSON.
var payloadMessage = regexp.MustCompile(`(?s)^Invalid JSON payload received\. (\{.*\})\.$`)

// complaining is a message about a bad body with this reason at this place,
// such as "1" and "value". Without a place any will do.
func complaining(reason string, place ...string) message {
	words := "a message with " + reason
	if len(place) > 0 {
		words += " for " + strings.Join(place, ".")
	}
	return message{words: words, fits: func(got string) bool {
		match := payloadMessage.FindStringSubmatch(got)
		if match == nil {
			return false
		}
		value, err := shape.Decode([]byte(match[1]))
		if err != nil {
			return false
		}
		for _, step := range place {
			members, _ := value.(map[string]any)
			value = members[step]
		}
		if len(place) == 0 {
			return mentions(value, reason)
		}
		reasons, ok := value.([]any)
		return ok && slices.Contains(reasons, any(reason))
	}}
}

// mentions says whether the reason stands anywhere in the value.
func mentions(value any, reason string) bool {
	switch v := value.(type) {
	case map[string]any:
		for _, inner := range v {
			if mentions(inner, reason) {
				return true
			}
		}
	case []any:
		return slices.ContainsFunc(v, func(inner any) bool { return mentions(inner, reason) })
	case string:
		return v == reason
	}
	return false
}
