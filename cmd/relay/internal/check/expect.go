package check

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/serverless-relay/relay/shared/console"
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

// answeredStatus expects data with a status. The status unknown is only a warning.
func answeredStatus(route, status string) want {
	return answered(encode(map[string]any{"data": map[string]any{"status": status}}), valid(route), func(data any) []rules.Problem {
		if got := data.(map[string]any)["status"]; got != status {
			return []rules.Problem{{Path: "data.status", Message: fmt.Sprintf("must be %q, is %q", status, got), Warning: got == "unknown"}}
		}
		return nil
	})
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
	const form = "Invalid JSON payload received. "
	return message{words: form + encode(shown) + ".", matches: func(got string) bool {
		text, hasForm := strings.CutPrefix(got, form)
		text, hasStop := strings.CutSuffix(text, ".")
		var value map[string]any
		if !hasForm || !hasStop || json.Unmarshal([]byte(text), &value) != nil {
			return false
		}
		if len(place) == 0 {
			return strings.Contains(text, strconv.Quote(reason))
		}
		found := any(value)
		for _, step := range place {
			members, _ := found.(map[string]any)
			found = members[step]
		}
		reasons, _ := found.([]any)
		return slices.Contains(reasons, any(reason))
	}}
}

// badBody is a body that a relay must refuse.
type badBody struct {
	name, body string
	message    message
}

// The reasons for which a body is bad.
const (
	wrongType = "Invalid input type."
	missing   = "Missing data for required field."
	blank     = "Field may not be blank."
	notString = "Not a valid string."
	unknown   = "Unknown field."
)

// badFields returns bad forms of a valid one: without each field, with it empty, and
// with a number in it. inBody returns a body with a form, and place is the place of
// the form in it.
func badFields(valid map[string]any, inBody func(form any) any, place ...string) (bodies []badBody) {
	for _, field := range slices.Sorted(maps.Keys(valid)) {
		for _, bad := range []struct {
			name   string
			value  any
			reason string
		}{{"no ", nil, missing}, {"an empty ", "", blank}, {"a number as ", 7, notString}} {
			form := maps.Clone(valid)
			form[field] = bad.value
			if bad.value == nil {
				delete(form, field)
			}
			bodies = append(bodies, badBody{bad.name + field, encode(inBody(form)), complaint(bad.reason, append(slices.Clone(place), field)...)})
		}
	}
	return bodies
}

// badForms returns bad bodies for a route that needs a form.
func badForms(valid map[string]any) []badBody {
	return append([]badBody{{"no body", "", complaint(wrongType)}, {"a list instead of an object", "[]", complaint(wrongType)}},
		badFields(valid, func(form any) any { return form })...)
}

// badObservables returns bad bodies for a route that needs observables. The
// protocol doesn't say at which place the message has an error in the body as a
// whole.
func badObservables() []badBody {
	return append([]badBody{
		{"no body", "", complaint(wrongType)},
		{"a body that isn't JSON", `[{"type": "ip"`, complaint(wrongType)},
		{"an object instead of a list", `{"type": "ip", "value": "192.0.2.1"}`, complaint(wrongType)},
		{"a string instead of an observable", `["192.0.2.1"]`, complaint(wrongType)},
		{"no value in the second observable", `[{"type": "ip", "value": "192.0.2.1"}, {"type": "ip"}]`, complaint(missing, "1", "value")},
	}, badFields(map[string]any{"type": "ip", "value": "192.0.2.1"}, func(form any) any { return []any{form} }, "0")...)
}

// refusesBodies checks that a route refuses bad bodies, and that it checks the token
// before the body.
func (r *runner) refusesBodies(ctx context.Context, path string, bodies []badBody) {
	r.check(ctx, "no header, and a body that isn't JSON", request{path: path, body: "{"}, refused(relay.CodeAuthorization, r.wrong[0].message))
	for _, b := range bodies {
		r.check(ctx, b.name, r.authorized(path, b.body), refused(relay.CodeInvalidArgument, b.message))
	}
}
