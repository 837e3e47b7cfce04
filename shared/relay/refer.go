package relay

import (
	"context"

	"github.com/serverless-relay/relay/shared/ctim"
)

// Refer are the routes of the function "refer": links to pages about each
// observable.
func (r *Relay) Refer() Routes {
	return Routes{"/refer/observables": r.handle("/refer/observables", func(ctx context.Context, req *request) []byte {
		observables, err := req.observables(ctx)
		if err != nil {
			return req.refuse(ctx, nil, err)
		}
		links := []Link{} // "data" is a list, if an empty one
		if referrer, ok := req.session.(Referrer); ok {
			outcomes := fanOut(ctx, r.concurrency, observables, func(ctx context.Context, o ctim.Observable) ([]Link, error) {
				return referrer.Refer(ctx, o)
			})
			for _, found := range values(ctx, req, observables, outcomes) {
				links = append(links, found...)
			}
		}
		return fit(envelope{links, req.errors}, len(links), func(k int) any { return links[:k] })
	})}
}
