package relay

import (
	"context"

	"github.com/serverless-relay/relay/shared/ctim"
)

// deliberateData is the data of /deliberate/observables.
type deliberateData struct {
	Verdicts *docs[ctim.Verdict] `json:"verdicts,omitempty"`
}

// Deliberate are the routes of the function "deliberate": a verdict on each
// observable that the third party knows.
func (r *Relay) Deliberate() Routes {
	return Routes{"/deliberate/observables": r.handle("/deliberate/observables", func(ctx context.Context, req *request) []byte {
		observables, err := req.observables(ctx)
		if err != nil {
			return req.refuse(ctx, nil, err)
		}
		deliberator, ok := req.session.(Deliberator)
		if !ok {
			return envelope{Data: deliberateData{}}.marshal()
		}
		outcomes := fanOut(ctx, r.concurrency, observables, func(ctx context.Context, o ctim.Observable) ([]ctim.Verdict, error) {
			verdict, ok, err := deliberator.Deliberate(ctx, o)
			if !ok {
				return nil, err
			}
			return []ctim.Verdict{verdict}, err
		})
		var verdicts []ctim.Verdict
		for _, found := range values(ctx, req, observables, outcomes) {
			verdicts = append(verdicts, found...)
		}
		return fit(envelope{deliberateData{newDocs(verdicts)}, req.errors}, len(verdicts), func(k int) any { return deliberateData{newDocs(verdicts[:k])} })
	})}
}
