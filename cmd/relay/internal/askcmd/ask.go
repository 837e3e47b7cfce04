package askcmd

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/serverless-relay/relay/shared/ctim"
	"github.com/serverless-relay/relay/shared/relay"
)

// Limits of one request: how long its answer may take, and its size in bytes.
const (
	patience  = 40 * time.Second
	maxAnswer = 8 << 20
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
	if ctx.Err() != nil {
		return nil, nil // nobody will see it
	}
	body, err := m.post(ctx, o)
	if err != nil {
		return nil, fatal(relay.CodeConnection, err.Error())
	}
	var envelope struct {
		Data   json.RawMessage
		Errors []relay.Error
	}
	if err := json.Unmarshal(body, &envelope); err != nil {
		return nil, fatal(relay.CodeUnknown, "the answer is not the protocol's JSON")
	}
	return envelope.Data, envelope.Errors
}

func fatal(code relay.Code, message string) []relay.Error {
	return []relay.Error{{Type: relay.Fatal, Code: code, Message: message}}
}

func (m module) post(ctx context.Context, o ctim.Observable) ([]byte, error) {
	question, err := json.Marshal([]ctim.Observable{o})
	if err != nil {
		return nil, err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, m.url+m.route, bytes.NewReader(question))
	if err != nil {
		return nil, err
	}
	request.Header.Set("Authorization", "Bearer "+m.token)
	request.Header.Set("Content-Type", "application/json")
	// A redirect would send the token elsewhere.
	client := http.Client{Transport: m.transport, Timeout: patience, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	response, err := client.Do(request)
	if err != nil {
		if failed := new(url.Error); errors.As(err, &failed) {
			err = failed.Err
		}
		return nil, fmt.Errorf("no answer from %s: %w", m.url, err)
	}
	defer func() { _ = response.Body.Close() }()
	body, err := io.ReadAll(io.LimitReader(response.Body, maxAnswer+1))
	switch {
	case err != nil:
		return nil, fmt.Errorf("the answer of %s broke off: %w", m.url, err)
	case len(body) > maxAnswer:
		return nil, fmt.Errorf("the answer of %s is larger than %d MB", m.url, maxAnswer>>20)
	case response.StatusCode != http.StatusOK:
		return nil, fmt.Errorf("%s answers with HTTP status %d: is it a relay's URL, without a route?", m.url, response.StatusCode)
	}
	return body, nil
}
