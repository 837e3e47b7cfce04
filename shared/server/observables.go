package server

import (
	"context"
	"slices"

	"github.com/serverless-relay/relay/shared/ctim"
	"github.com/serverless-relay/relay/shared/relay"
	"github.com/serverless-relay/relay/shared/text"
)

// content is the data of an answer, in parts so that it can be cut. data(k) returns
// the k most important parts; data(parts) returns everything.
type content struct {
	parts int
	data  func(k int) any
}

// list returns the content of a list. Its parts are the items.
func list[T any](all []T) content {
	return content{len(all), func(k int) any { return append([]T{}, all[:k]...) }}
}

// perObservable returns a route about observables. ask returns the session's result
// for one observable. merge returns the answer from all results, in the order of the
// observables. There are no results if the session doesn't implement Session.
func perObservable[Session, Result any](s *Server, path string,
	ask func(context.Context, *request, Session, ctim.Observable) (Result, error), merge func([]Result) content,
) Routes {
	return Routes{path: s.handle(path, func(ctx context.Context, req *request) (any, error) {
		observables, err := req.observables(ctx)
		if err != nil {
			return nil, err
		}
		var results []Result
		if session, ok := req.session.(Session); ok {
			results = collect(ctx, req, observables, fanOut(ctx, s.Concurrency, observables, func(ctx context.Context, o ctim.Observable) (Result, error) {
				return ask(ctx, req, session, o)
			}))
		}
		return merge(results), nil
	})}
}

// observables reads the body and connects. It returns the observables of supported types.
// If there are none, it doesn't connect.
func (req *request) observables(ctx context.Context) ([]ctim.Observable, error) {
	all, err := readObservables(req.http)
	if err != nil {
		return nil, err
	}
	req.requested = len(all)
	for _, o := range all {
		req.observed = append(req.observed, o.Value)
	}
	supported := slices.DeleteFunc(all, func(o ctim.Observable) bool { return !req.supports(o.Type) })
	req.supported = len(supported)
	if len(supported) == 0 {
		return nil, nil
	}
	return supported, req.connect(ctx, supported)
}

// collect returns the outcomes' values in order. It adds their errors to the
// request's. Each different message is added once, with its observables, as the more
// severe of an error and a warning.
func collect[T any](ctx context.Context, req *request, observables []ctim.Observable, outcomes []outcome[T]) []T {
	values := make([]T, len(outcomes))
	var different []relay.Error         // as warnings, which compare equal to errors
	about := map[relay.Error][]string{} // observables
	failed := map[relay.Error]bool{}
	failures := 0
	for i, o := range outcomes {
		values[i] = o.value
		if o.err == nil {
			continue
		}
		req.explain(ctx, o.err)
		e := req.asError(o.err, relay.Failed)
		isFailure := e.Type != relay.Warning
		if isFailure {
			failures++
		}
		e.Type = relay.Warning
		if about[e] == nil {
			different = append(different, e)
		}
		about[e] = append(about[e], text.Shorten(observables[i].Value, maxShownValue))
		failed[e] = failed[e] || isFailure
	}
	for _, e := range different {
		names, isFailure := about[e], failed[e]
		switch {
		case isFailure && failures == len(outcomes):
			e.Type = relay.Fatal
		case isFailure && e.Code != relay.CodeTooManyRequests: // a used-up quota is no failure if the rest is answered
			e.Type = relay.Failed
		}
		e.Message += " (" + text.List(names, maxNamed) + ")"
		req.errors = append(req.errors, e)
	}
	return values
}

// An error's message names maxNamed observables, each with maxShownValue characters
// of its value.
const (
	maxNamed      = 3
	maxShownValue = 80
)

// Deliberate returns the route of the function "deliberate": a verdict on each
// observable with valid judgements.
func (s *Server) Deliberate() Routes {
	return perObservable(s, "/deliberate/observables",
		func(ctx context.Context, req *request, session relay.Deliberator, o ctim.Observable) ([]ctim.Verdict, error) {
			judgements, err := session.Deliberate(ctx, o)
			return decide(o, judgements, req.start), err
		},
		func(results [][]ctim.Verdict) content {
			verdicts := slices.Concat(results...)
			return content{len(verdicts), func(k int) any { return observeData{Verdicts: verdicts[:k]} }}
		})
}

// Refer returns the route of the function "refer": links to pages about each
// observable. Two spellings of one observable have the same links.
func (s *Server) Refer() Routes {
	return perObservable(s, "/refer/observables",
		func(ctx context.Context, _ *request, session relay.Referrer, o ctim.Observable) ([]relay.Link, error) {
			links, err := session.Refer(ctx, o)
			for i := range links {
				links[i].Title, links[i].Description = ctim.Plain(links[i].Title), ctim.Plain(links[i].Description)
			}
			return links, err
		},
		func(results [][]relay.Link) content {
			seen := map[string]bool{}
			return list(slices.DeleteFunc(slices.Concat(results...), func(link relay.Link) bool {
				again := seen[link.ID]
				seen[link.ID] = true
				return again
			}))
		})
}
