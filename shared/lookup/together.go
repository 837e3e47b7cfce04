package lookup

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"slices"
	"sync"

	"github.com/serverless-relay/relay/shared/ctim"
	"github.com/serverless-relay/relay/shared/relay"
)

// Find looks up one observable, like Source.Find.
type Find func(context.Context, *Call, ctim.Observable) (ctim.Finding, error)

// Together looks up an observable at several services of one third party concurrently.
// It adds up their findings in the order given. If only some of them fail, the error is
// a warning, because the other findings are valid.
func Together(ctx context.Context, call *Call, o ctim.Observable, services ...Find) (ctim.Finding, error) {
	findings, errs := Each(services, func(find Find) (ctim.Finding, error) { return find(ctx, call, o) })
	var all ctim.Finding
	for _, f := range findings {
		all.Add(f)
	}
	err := errors.Join(errs...)
	if slices.Contains(errs, nil) {
		err = Incomplete(err)
	}
	return all, err
}

// Each calls do for all items concurrently. It returns the results and the errors in the
// order of the items. If do panics, Each panics with the value and the stack.
func Each[T, R any](items []T, do func(T) (R, error)) ([]R, []error) {
	results, errs := make([]R, len(items)), make([]error, len(items))
	var wait sync.WaitGroup
	panics := make(chan string, len(items))
	for i, item := range items {
		wait.Go(func() {
			defer func() {
				if p := recover(); p != nil { // it would end the process
					panics <- fmt.Sprintf("%v\n%s", p, debug.Stack())
				}
			}()
			results[i], errs[i] = do(item)
		})
	}
	wait.Wait()
	if len(panics) > 0 {
		panic(<-panics)
	}
	return results, errs
}

// Incomplete returns the error of a further call as a warning: the finding without its
// response is valid. Nil stays nil.
func Incomplete(err error) error {
	var failed *relay.Error
	if !errors.As(err, &failed) {
		return err
	}
	return fmt.Errorf("%w (%w)", relay.Warningf(failed.Code, "%s", failed.Message), err)
}
