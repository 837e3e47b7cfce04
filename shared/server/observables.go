package server

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"github.com/serverless-relay/relay/shared/ctim"
	"github.com/serverless-relay/relay/shared/relay"
)

// content is the data of an answer that can be cut: data(parts) is all of it,
// data(k) its k most important parts.
type content struct {
	parts int
	data  func(k int) any
}

// list is the content that is a list.
func list[T any](all []T) content {
	return content{len(all), func(k int) any { return append([]T{}, all[:k]...) }}
}

// perObservable returns the handler of a route about observables. ask asks the
// session about one of them; merge makes the answer of all results, in the order
// asked. If the session doesn't implement Session, there are no results.
func perObservable[Session, Result any](s *Server, path string,
	ask func(context.Context, *request, Session, ctim.Observable) (Result, error), merge func([]Result) content,
) Routes {
	return Routes{path: s.handle(path, func(ctx context.Context, req *request) []byte {
		observables, err := req.observables(ctx)
		if err != nil {
			return req.refuse(ctx, nil, err)
		}
		var results []Result
		if session, ok := req.session.(Session); ok {
			results = collect(ctx, req, observables, fanOut(ctx, s.Concurrency, observables, func(ctx context.Context, o ctim.Observable) (Result, error) {
				return ask(ctx, req, session, o)
			}))
		}
		return fit(merge(results), req.errors)
	})}
}

// observables authenticates, reads the body, drops types that the provider
// doesn't support, and connects unless nothing is left.
func (req *request) observables(ctx context.Context) ([]ctim.Observable, error) {
	if err := req.authenticate(); err != nil {
		return nil, err
	}
	all, err := readObservables(req.http)
	if err != nil {
		return nil, err
	}
	req.asked = len(all)
	supported := slices.DeleteFunc(all, func(o ctim.Observable) bool { return !req.supports(o.Type) })
	req.supported = len(supported)
	if len(supported) == 0 {
		return nil, nil
	}
	return supported, req.connect(ctx, supported)
}

// collect returns the outcomes' values in order. Their errors become the
// request's, each once, with the observables that it concerns.
func collect[T any](ctx context.Context, req *request, observables []ctim.Observable, outcomes []outcome[T]) []T {
	out := make([]T, len(outcomes))
	var failed []relay.Error
	about := map[relay.Error][]string{}
	failures := 0
	for i, o := range outcomes {
		out[i] = o.value
		if o.err == nil {
			continue
		}
		req.explain(ctx, o.err)
		e := asError(o.err, relay.Failed)
		if e.Type != relay.Warning {
			failures++
		}
		if about[e] == nil {
			failed = append(failed, e)
		}
		about[e] = append(about[e], observables[i].Value)
	}
	for _, e := range failed {
		names := about[e]
		if e.Type == relay.Failed && failures == len(outcomes) {
			e.Type = relay.Fatal
		}
		e.Message += " (" + enumerate(names) + ")"
		req.errors = append(req.errors, e)
	}
	return out
}

// shorten cuts a text after longest characters.
func shorten(text string, longest int) string {
	if runes := []rune(text); len(runes) > longest {
		return string(runes[:longest]) + "…"
	}
	return text
}

// enumerate names the first three values, each shortened, and counts the rest.
func enumerate(names []string) string {
	const most, longest = 3, 80
	var b strings.Builder
	for i, name := range names[:min(most, len(names))] {
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString(shorten(name, longest))
	}
	if len(names) > most {
		b.WriteString(" and " + strconv.Itoa(len(names)-most) + " more")
	}
	return b.String()
}

// Deliberate returns the route of the function "deliberate": a verdict on each
// observable about which there are judgements.
func (s *Server) Deliberate() Routes {
	return perObservable(s, "/deliberate/observables",
		func(ctx context.Context, req *request, session relay.Deliberator, o ctim.Observable) ([]ctim.Verdict, error) {
			judgements, err := session.Deliberate(ctx, o)
			return decide(o, judgements, req.start), err
		},
		func(results [][]ctim.Verdict) content {
			verdicts := slices.Concat(results...)
			return content{len(verdicts), func(k int) any { return observeData{Verdicts: newDocs(verdicts[:k])} }}
		})
}

// Refer returns the route of the function "refer": links to pages about each
// observable.
func (s *Server) Refer() Routes {
	return perObservable(s, "/refer/observables",
		func(ctx context.Context, _ *request, session relay.Referrer, o ctim.Observable) ([]relay.Link, error) {
			links, err := session.Refer(ctx, o)
			for i := range links {
				links[i].Title, links[i].Description = ctim.Plain(links[i].Title), ctim.Plain(links[i].Description)
			}
			return links, err
		},
		func(results [][]relay.Link) content { return list(slices.Concat(results...)) })
}
