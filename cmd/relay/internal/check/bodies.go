package check

import (
	"context"
	"maps"
	"slices"

	"github.com/serverless-relay/relay/shared/relay"
)

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
// with a number in it. inBody returns a body with a form, and place is where that is
// in the body.
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
