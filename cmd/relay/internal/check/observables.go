package check

import (
	"context"
	"fmt"
	"slices"

	"github.com/serverless-relay/relay/shared/ctim"
	"github.com/serverless-relay/relay/shared/ctim/rules"
	"github.com/serverless-relay/relay/shared/relay"
)

// observablesRoute is a route whose body is a list of observables.
type observablesRoute struct {
	path string
	// expected describes a valid response. further, unless nil, returns what is
	// wrong with its data that the route's rules don't find.
	expected string
	further  func(data any) []rules.Problem
}

// observables checks the routes that take observables.
func (r *runner) observables(ctx context.Context) {
	const observe = "/observe/observables"
	for _, route := range []observablesRoute{
		{"/deliberate/observables", "valid verdicts on the observables of the request, or none", r.otherVerdicts},
		{observe, "valid entities that refer to each other, or none", nil},
		{"/refer/observables", "links to web pages, or an empty list", nil},
		{actionsPath, "actions, or an empty list", nil},
	} {
		known := r.observablesRoute(ctx, route)
		if route.path == observe && !known {
			r.report.Results = append(r.report.Results, Result{Route: observe, Check: "CTIM", Status: Skipped, Expected: "entities to check",
				Got: "the relay knows none of the observables: pass one that it knows, as in --observable domain=evil.example"})
		}
	}
}

// otherVerdicts returns verdicts on observables that were not in the request.
func (r *runner) otherVerdicts(data any) (problems []rules.Problem) {
	for i, doc := range docsOf(data, "verdicts") {
		observable, _ := doc["observable"].(map[string]any)
		kind, _ := observable["type"].(string)
		value, _ := observable["value"].(string)
		if !slices.Contains(r.Observables, ctim.Observable{Type: ctim.ObservableType(kind), Value: value}) {
			problems = append(problems, problem(fmt.Sprintf("data.verdicts.docs[%d].observable", i), "%s %s is not in the request", quote(kind), quote(value))...)
		}
	}
	return problems
}

// observablesRoute checks a route, and reports whether there is data for the options'
// observables.
func (r *runner) observablesRoute(ctx context.Context, route observablesRoute) bool {
	if !r.isServed(ctx, route.path, "[]") {
		return false
	}
	r.refusesBodies(ctx, route.path, badObservables())
	// The protocol doesn't say whether spaces are blank.
	r.check(ctx, "a value of spaces", r.authorized(route.path, `[{"type": "ip", "value": "  "}]`),
		refused(relay.CodeInvalidArgument, complaint(blank, "0", "value")).optional())

	empty := answered("empty data", valid(route.path), surplus)
	r.check(ctx, "an empty list", r.authorized(route.path, "[]"), empty)
	r.check(ctx, "with a slash at the end", r.authorized(route.path+"/", "[]"), empty)
	r.check(ctx, "an unknown type", r.authorized(route.path, `[{"type": "relay_check_type", "value": "x"}]`), empty)
	unusual := encode([]ctim.Observable{ // break a query into which they are copied without escaping
		{Type: ctim.TypeURL, Value: `https://www.example.com/a b?q="x"&y='z'#é`},
		{Type: ctim.TypeFileName, Value: `検索 "*" ../.. %s {{x}} \`},
	})
	r.check(ctx, "values with quotes, spaces and other scripts", r.authorized(route.path, unusual), want{
		expected: "a response, even an error",
		find:     func(a response) []rules.Problem { return rules.Errors(rules.Answer(route.path, a.Body)) },
	})

	body := encode(r.Observables)
	first := r.check(ctx, "the observables", r.timed(route.path, body), answered(route.expected, valid(route.path), route.further))
	known := names(first.data())
	r.knows = r.knows || len(known) > 0
	r.repeat(ctx, route.path, body, answered("the same data with the same ids", valid(route.path), changes(known)))
	twice := encode(slices.Concat(r.Observables, r.Observables))
	r.check(ctx, "each observable twice", r.timed(route.path, twice), answered("the data for each observable once", valid(route.path), changes(known)))
	return len(known) > 0
}

// surplus returns a problem if there are entries in data that should have none.
func surplus(data any) []rules.Problem {
	if n := len(names(data)); n > 0 {
		return problem("data", "must be empty, because the request has no observable that the relay can know. It has %d entries", n)
	}
	return nil
}

// changes returns a problem if data has other entries than before.
func changes(before []string) func(data any) []rules.Problem {
	return func(data any) []rules.Problem {
		now := names(data)
		missing, added := without(before, now), without(now, before)
		switch {
		case len(added) > 0:
			return problem("data", "%d of %d entries are missing, %d are new, such as %s. Make ids from the content", len(missing), len(before), len(added), quote(added[0]))
		case len(missing) > 0:
			return problem("data", "%d of %d entries are missing", len(missing), len(before))
		case len(before) != len(now):
			return problem("data", "has %d entries instead of %d", len(now), len(before))
		}
		return nil
	}
}

// without returns the names that aren't among others.
func without(names, others []string) []string {
	return slices.DeleteFunc(slices.Clone(names), func(name string) bool { return slices.Contains(others, name) })
}

// docsOf returns the entities in a list of data that are objects.
func docsOf(data any, name string) []map[string]any {
	members, _ := data.(map[string]any)
	list, _ := members[name].(map[string]any)
	return objects(list["docs"])
}

// objects returns the items of a list that are objects.
func objects(list any) (found []map[string]any) {
	items, _ := list.([]any)
	for _, item := range items {
		if object, ok := item.(map[string]any); ok {
			found = append(found, object)
		}
	}
	return found
}

// names returns the ids of all entities, links or actions. Links to one page and runs of
// one action differ in more than the id. Verdicts have no id: their content identifies
// them.
func names(data any) (all []string) {
	for _, item := range objects(data) {
		all = append(all, fmt.Sprint(item["id"], " ", item["url"], " ", item["query-params"]))
	}
	members, _ := data.(map[string]any)
	for list := range members {
		for _, e := range docsOf(data, list) {
			id, ok := e["id"].(string)
			if !ok {
				id = fmt.Sprintf("%s: %v is %v by %v", list, e["observable"], e["disposition"], e["judgement_id"])
			}
			all = append(all, id)
		}
	}
	slices.Sort(all)
	return all
}
