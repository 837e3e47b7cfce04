package check

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/serverless-relay/relay/cmd/relay/internal/console"
	"github.com/serverless-relay/relay/shared/ctim/rules"
	"github.com/serverless-relay/relay/shared/relay"
)

// data is what the envelope holds; nil where it has none.
func (a answer) data() any {
	members, _ := a.value.(map[string]any)
	return members["data"]
}

// errors are the errors in the envelope, as far as they can be read.
func (a answer) errors() []relay.Error {
	var body struct{ Errors []relay.Error }
	_ = json.Unmarshal(a.body, &body) // the rules report what can't be read
	return body.Errors
}

// validator returns what is wrong with a body by itself.
type validator func(body []byte) []rules.Problem

// valid returns the validator of a route's responses.
func valid(route string) validator {
	return func(body []byte) []rules.Problem { return rules.Answer(route, body) }
}

// answered expects data and no errors. An error that cost only a part of the
// data is a warning: a third party may fail for some observable. Unless it is
// nil, further looks at valid data.
func answered(expected string, valid validator, further func(data any) []rules.Problem) want {
	return want{expected: expected, find: func(a answer) []rules.Problem {
		problems := valid(a.body)
		if further != nil && a.data() != nil && len(rules.Errors(problems)) == 0 {
			problems = append(problems, further(a.data())...)
		}
		for _, e := range a.errors() {
			problems = append(problems, rules.Problem{Message: "the relay answers with an error: " + e.Error(), Warning: e.Type != relay.Fatal})
		}
		if a.data() == nil && len(a.errors()) == 0 {
			problems = append(problems, problem("", "there is no data")...)
		}
		return problems
	}}
}

// refused expects an error with that code and message.
func refused(code relay.Code, m message) want {
	return want{expected: fmt.Sprintf("the error %q: %s", code, m.words), find: func(a answer) []rules.Problem {
		found := a.errors()
		if len(found) == 0 {
			return problem("", "the request is not refused")
		}
		problems := rules.Refusal(a.body)
		if found[0].Code != code {
			problems = append(problems, problem("errors[0].code", "must be %q, is %s", code, quote(string(found[0].Code)))...)
		}
		if !m.fits(found[0].Message) {
			problems = append(problems, rules.Problem{Path: "errors[0].message", Message: "must be " + m.words + ", is " + quote(found[0].Message), Warning: m.loose})
		}
		return problems
	}}
}

// problem returns one problem that is not a warning.
func problem(path, format string, args ...any) []rules.Problem {
	return []rules.Problem{{Path: path, Message: fmt.Sprintf(format, args...)}}
}

// quote quotes the beginning of a text.
func quote(text string) string { return strconv.Quote(console.Excerpt(text, 60)) }

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
	return message{words: "any message", fits: func(string) bool { return true }}
}

// warnOnly makes any other message a warning.
func (m message) warnOnly() message {
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
		var value any
		if json.Unmarshal([]byte(match[1]), &value) != nil {
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
