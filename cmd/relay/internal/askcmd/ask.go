package askcmd

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"sync"

	"golang.org/x/sync/errgroup"

	"github.com/serverless-relay/relay/cmd/relay/internal/call"
	"github.com/serverless-relay/relay/shared/ctim"
	"github.com/serverless-relay/relay/shared/relay"
)

// concurrency is how many requests are in progress at a time.
const concurrency = 6

// answers are the results about an observable, one for each module that supports its
// type.
type answers struct {
	observable ctim.Observable
	results    []result
}

// result is a module's answer.
type result struct {
	module module
	data   json.RawMessage
	errors []relay.Error
}

// failed reports whether some of the answer is missing.
func (r result) failed() bool {
	return slices.ContainsFunc(r.errors, func(e relay.Error) bool { return e.Type != relay.Warning })
}

// ask asks each module about each observable, in a request of its own, as the platform
// does. progress is called after each answer. The error means that ctx ended.
func ask(ctx context.Context, modules []module, observables []ctim.Observable, progress func(done, total int)) ([]answers, error) {
	all := make([]answers, len(observables))
	total := 0
	for i, o := range observables {
		all[i].observable = o
		for _, m := range modules {
			if m.types == nil || slices.Contains(m.types, o.Type) {
				all[i].results = append(all[i].results, result{module: m})
				total++
			}
		}
	}
	var group errgroup.Group
	group.SetLimit(concurrency)
	var mutex sync.Mutex
	done := 0
	for i := range all {
		for j := range all[i].results {
			group.Go(func() error {
				r := &all[i].results[j]
				r.data, r.errors = r.module.ask(ctx, all[i].observable)
				mutex.Lock()
				defer mutex.Unlock()
				done++
				progress(done, total)
				return nil
			})
		}
	}
	_ = group.Wait() // no function returns an error
	return all, ctx.Err()
}

// ask sends one request. An answer that can't be read is an error like those in
// answers.
func (m module) ask(ctx context.Context, o ctim.Observable) (json.RawMessage, []relay.Error) {
	body, err := json.Marshal([]ctim.Observable{o})
	if err != nil {
		return nil, fatal(relay.CodeUnknown, err.Error())
	}
	response, err := call.Post(ctx, m.transport, m.url+m.route, "Bearer "+m.token, string(body))
	switch {
	case err != nil:
		return nil, fatal(relay.CodeConnection, fmt.Sprintf("no answer from %s: %v", m.url, err))
	case response.Status != http.StatusOK:
		return nil, fatal(relay.CodeConnection, fmt.Sprintf("%s answers with HTTP status %d: is it a relay's URL, without a route?", m.url, response.Status))
	}
	var envelope struct {
		Data   json.RawMessage
		Errors []relay.Error
	}
	if err := json.Unmarshal(response.Body, &envelope); err != nil {
		return nil, fatal(relay.CodeUnknown, "the answer is not the protocol's JSON")
	}
	return envelope.Data, envelope.Errors
}

func fatal(code relay.Code, message string) []relay.Error {
	return []relay.Error{{Type: relay.Fatal, Code: code, Message: message}}
}
