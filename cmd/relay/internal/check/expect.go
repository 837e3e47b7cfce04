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

// validator returns what is wrong with a body.
type validator func(body []byte) []rules.Problem

// valid returns the validator for a route's responses.
func valid(route string) validator {
	return func(body []byte) []rules.Problem { return rules.Answer(route, body) }
}

// answered expects data. Errors are failures if they are fatal. Others are warnings,
// because a third party may fail for some observables. Unless further is nil, it
// returns what else is wrong with valid data.
func answered(expected string, valid validator, further func(data any) []rules.Problem) want {
	return want{expected: expected, find: func(a response) []rules.Problem {
		problems := valid(a.Body)
		if further != nil && a.data() != nil && len(rules.Errors(problems)) == 0 {
			problems = append(problems, further(a.data())...)
		}
		for _, e := range a.errors() {
			problems = append(problems, rules.Problem{Message: "the relay returns the error " + e.Error(), Warning: e.Type != relay.Fatal})
		}
		if a.data() == nil && len(a.errors()) == 0 {
			problems = append(problems, problem("", "there is neither data nor an error")...)
		}
		return problems
	}}
}

// refused expects an error with a code and a message.
func refused(code relay.Code, m message) want {
	return want{expected: fmt.Sprintf("HTTP 200 with the error %q: %s", code, m.words), find: func(a response) []rules.Problem {
		found := a.errors()
		if len(found) == 0 {
			return problem("", "the relay accepts the request, and must refuse it")
		}
		problems := rules.Refusal(a.Body)
		if found[0].Code != code {
			problems = append(problems, problem("errors[0].code", "must be %q, is %s", code, quote(string(found[0].Code)))...)
		}
		if !m.matches(found[0].Message) {
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

// message describes the message of an error.
type message struct {
	words   string
	matches func(string) bool
	// loose makes another message a warning.
	loose bool
}

// exactly matches one text.
func exactly(text string) message {
	return message{words: text, matches: func(got string) bool { return got == text }}
}

// anything matches all texts.
func anything() message {
	return message{words: "any message", matches: func(string) bool { return true }}
}

// complaintForm is the form of the message about a bad body. It contains JSON.
var complaintForm = regexp.MustCompile(`(?s)^Invalid JSON payload received\. (\{.*\})\.$`)

// complaint matches a message that contains the reason at a place in a bad body,
// such as "1" and "value". Without a place, it may be anywhere.
func complaint(reason string, place ...string) message {
	shown := any([]string{reason})
	for _, step := range slices.Backward(place) {
		shown = map[string]any{step: shown}
	}
	if len(place) == 0 {
		shown = map[string]any{"...": shown}
	}
	words := "Invalid JSON payload received. " + encode(shown) + "."
	return message{words: words, matches: func(got string) bool {
		match := complaintForm.FindStringSubmatch(got)
		var value any
		if match == nil || json.Unmarshal([]byte(match[1]), &value) != nil {
			return false
		}
		if len(place) == 0 {
			return strings.Contains(match[1], strconv.Quote(reason))
		}
		for _, step := range place {
			members, _ := value.(map[string]any)
			value = members[step]
		}
		reasons, _ := value.([]any)
		return slices.Contains(reasons, any(reason))
	}}
}
