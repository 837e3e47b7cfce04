package lookup

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"

	"github.com/serverless-relay/relay/shared/ctim"
	"github.com/serverless-relay/relay/shared/relay"
)

// Find asks about one observable, as a Source's Find does.
type Find func(context.Context, *Call, ctim.Observable) (ctim.Finding, error)

// Together asks several services of one third party concurrently and adds up
// their findings, in the order given. If only some of them fail, the error is a
// warning: what the others say is an answer.
func Together(ctx context.Context, call *Call, o ctim.Observable, services ...Find) (ctim.Finding, error) {
	findings, errs := make([]ctim.Finding, len(services)), make([]error, len(services))
	var wait sync.WaitGroup
	for i, find := range services {
		wait.Go(func() { findings[i], errs[i] = find(ctx, call, o) })
	}
	wait.Wait()
	var all ctim.Finding
	for _, f := range findings {
		all.Add(f)
	}
	err := errors.Join(errs...)
	var told *relay.Error
	if slices.Contains(errs, nil) && errors.As(err, &told) {
		return all, fmt.Errorf("%w (%w)", relay.Warningf(told.Code, "%s", told.Message), err)
	}
	return all, err
}
