package check

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/serverless-relay/relay/shared/ctim"
	"github.com/serverless-relay/relay/shared/ctim/rules"
	"github.com/serverless-relay/relay/shared/relay"
)

// observablesRoute is a route whose body is a list of observables.
type observablesRoute struct {
	path string
	// expected describes a good response, and further looks at its data, beyond
	// what the rules for the route do; nil means no more.
	expected string
	further  func(data any) []rules.Problem
	// names returns what identifies the parts of a response's data.
	names func(data any) []string
}

func (r *runner) deliberate(ctx context.Context, wrong []wrongToken) {
	r.observablesRoute(ctx, wrong, observablesRoute{
		path:     "/deliberate/observables",
		expected: "valid verdicts on what was asked, or none",
		further:  r.aboutWhatWasAsked,
		names:    entityNames,
	})
}

func (r *runner) observe(ctx context.Context, wrong []wrongToken) {
	const path = "/observe/observables"
	data := r.observablesRoute(ctx, wrong, observablesRoute{
		path:     path,
		expected: "valid entities that refer to one another, or none",
		names:    entityNames,
	})
	if len(entityNames(data)) == 0 {
		r.skip(path, "CTIM", "entities to look at",
			"the relay knows nothing about what was asked: name an observable that it knows, as in --observable domain=evil.example")
	}
}

// aboutWhatWasAsked finds verdicts about observables that were not in the
// request.
func (r *runner) aboutWhatWasAsked(data any) (problems []rules.Problem) {
	for i, doc := range docsOf(data, "verdicts") {
		observable, _ := doc["observable"].(map[string]any)
		kind, _ := observable["type"].(string)
		text, _ := observable["value"].(string)
		if !slices.Contains(r.Observables, ctim.Observable{Type: ctim.ObservableType(kind), Value: text}) {
			problems = append(problems, problem(fmt.Sprintf("data.verdicts.docs[%d].observable", i), "%s %s was not asked about", quote(kind), quote(text))...)
		}
	}
	return problems
}

// observablesRoute checks all of a route, and gives what the relay answered to
// the real question.
func (r *runner) observablesRoute(ctx context.Context, wrong []wrongToken, route observablesRoute) (data any) {
	if !r.served(ctx, route.path, "[]") {
		return nil
	}
	r.refuses(ctx, route.path, "[]", wrong)
	r.refusesFirst(ctx, route.path)
	r.refusesBodies(ctx, route.path)

	empty := answered("an empty answer", valid(route.path), route.nothing)
	r.check(ctx, "an empty list", r.good(route.path, "[]"), empty)
	r.check(ctx, "with a slash at the end", r.good(route.path+"/", "[]"), empty)
	r.check(ctx, "a type that nobody knows", r.good(route.path, `[{"type": "relay_check_type", "value": "x"}]`), empty)
	r.check(ctx, "a value with quotes, spaces and other alphabets", r.good(route.path, oddObservables()), want{
		expected: "an answer, if only an error",
		find:     func(a answer) []rules.Problem { return rules.Errors(rules.Answer(route.path, a.body)) },
	})

	question := encode(r.Observables)
	first := r.check(ctx, "what is known", r.real(route.path, question), answered(route.expected, valid(route.path), route.further))
	names := route.names(first.data())
	r.knowing = r.knowing || len(names) > 0
	same := answered("what came the first time, under the same ids", valid(route.path), route.sameAs(names))
	for range r.Repeat - 1 {
		r.check(ctx, "asked again", r.real(route.path, question), same)
	}
	twice := encode(slices.Concat(r.Observables, r.Observables))
	r.check(ctx, "each observable twice", r.real(route.path, twice), answered("what came when each was asked about once", valid(route.path), route.sameAs(names)))
	return first.data()
}

// encode writes a body.
func encode(body any) string {
	raw, _ := json.Marshal(body) // strings can be written
	return string(raw)
}

// oddObservables have values that break a query into which they are pasted.
func oddObservables() string {
	return encode([]ctim.Observable{
		{Type: ctim.TypeURL, Value: `https://www.example.com/a b?q="x"&y='z'#é`},
		{Type: ctim.TypeFileName, Value: `検索 "*" ../.. %s {{x}} \`},
	})
}

// nothing finds entries in data that should have none.
func (o observablesRoute) nothing(data any) []rules.Problem {
	if n := len(o.names(data)); n > 0 {
		return problem("data", "has %d entries, and nothing was asked that could give any", n)
	}
	return nil
}

// sameAs finds differences between the entries of data and those before.
func (o observablesRoute) sameAs(before []string) func(data any) []rules.Problem {
	return func(data any) []rules.Problem {
		now := o.names(data)
		gone, added := without(before, now), without(now, before)
		if len(gone)+len(added) == 0 && len(before) != len(now) {
			return problem("data", "has %d entries, and had %d", len(now), len(before))
		}
		if len(gone)+len(added) == 0 {
			return nil
		}
		text := fmt.Sprintf("%d of %d entries are gone, %d are new", len(gone), len(before), len(added))
		if len(added) > 0 {
			text += ", such as " + quote(added[0])
		}
		return problem("data", "%s. An id must follow from the content", text)
	}
}

// without are the names that aren't among the others.
func without(names, others []string) []string {
	return slices.DeleteFunc(slices.Clone(names), func(name string) bool { return slices.Contains(others, name) })
}

// docsOf are the entities that data lists under a name, as far as they can be
// read.
func docsOf(data any, name string) []map[string]any {
	members, _ := data.(map[string]any)
	list, _ := members[name].(map[string]any)
	docs, _ := list["docs"].([]any)
	return objects(docs)
}

// objects are the items that are objects.
func objects(list []any) (found []map[string]any) {
	for _, item := range list {
		if object, ok := item.(map[string]any); ok {
			found = append(found, object)
		}
	}
	return found
}

// entityNames returns the ids of all entities, and the content of verdicts,
// which have none.
func entityNames(data any) (names []string) {
	members, _ := data.(map[string]any)
	for list := range members {
		for _, e := range docsOf(data, list) {
			id, ok := e["id"].(string)
			if !ok {
				id = fmt.Sprintf("%s: %v is %v by %v", list, e["observable"], e["disposition"], e["judgement_id"])
			}
			names = append(names, id)
		}
	}
	slices.Sort(names)
	return names
}

// badBody is a body that isn't what a route wants.
type badBody struct {
	name, body string
	message    message
}

// badBodies are all of them. The place of a complaint about the body as a whole
// is not laid down, nor whether space alone counts as blank.
func badBodies() []badBody {
	return []badBody{
		{"no body", "", complaining("Invalid input type.")},
		{"a body that isn't JSON", `[{"type": "ip"`, complaining("Invalid input type.")},
		{"an object for a list", `{"type": "ip", "value": "192.0.2.1"}`, complaining("Invalid input type.")},
		{"a string for an observable", `["192.0.2.1"]`, complaining("Invalid input type.")},
		{"no type", `[{"value": "192.0.2.1"}]`, complaining("Missing data for required field.", "0", "type")},
		{"no value, in the second", `[{"type": "ip", "value": "192.0.2.1"}, {"type": "ip"}]`, complaining("Missing data for required field.", "1", "value")},
		{"an empty value", `[{"type": "ip", "value": ""}]`, complaining("Field may not be blank.", "0", "value")},
		{"an empty type", `[{"type": "", "value": "192.0.2.1"}]`, complaining("Field may not be blank.", "0", "type")},
		{"a number for a value", `[{"type": "ip", "value": 7}]`, complaining("Not a valid string.", "0", "value")},
	}
}

// refusesForms checks that a route refuses these bodies.
func (r *runner) refusesForms(ctx context.Context, path string, bodies []badBody) {
	for _, b := range bodies {
		r.check(ctx, b.name, r.good(path, b.body), refused(relay.CodeInvalidArgument, b.message))
	}
}

// refusesBodies checks that a route refuses bodies that are no observables.
func (r *runner) refusesBodies(ctx context.Context, path string) {
	r.refusesForms(ctx, path, badBodies())
	blank := r.good(path, `[{"type": "ip", "value": "  "}]`)
	w := refused(relay.CodeInvalidArgument, complaining("Field may not be blank.", "0", "value"))
	r.check(ctx, "a value of spaces", blank, w.warnOnly())
}

// warnOnly makes all problems of the answer warnings.
func (w want) warnOnly() want {
	find := w.find
	w.find = func(a answer) []rules.Problem {
		problems := find(a)
		for i := range problems {
			problems[i].Warning = true
		}
		return problems
	}
	return w
}
