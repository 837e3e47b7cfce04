package relay

import (
	"context"

	"github.com/serverless-relay/relay/shared/ctim"
)

// observeData is the data of /observe/observables.
type observeData struct {
	Verdicts           *docs[ctim.Verdict]           `json:"verdicts,omitempty"`
	Judgements         *docs[ctim.Judgement]         `json:"judgements,omitempty"`
	Sightings          *docs[ctim.Sighting]          `json:"sightings,omitempty"`
	Indicators         *docs[ctim.Indicator]         `json:"indicators,omitempty"`
	Relationships      *docs[ctim.Relationship]      `json:"relationships,omitempty"`
	AttackPatterns     *docs[ctim.AttackPattern]     `json:"attack_patterns,omitempty"`
	Malwares           *docs[ctim.Malware]           `json:"malwares,omitempty"`
	Tools              *docs[ctim.Tool]              `json:"tools,omitempty"`
	Actors             *docs[ctim.Actor]             `json:"actors,omitempty"`
	Campaigns          *docs[ctim.Campaign]          `json:"campaigns,omitempty"`
	Vulnerabilities    *docs[ctim.Vulnerability]     `json:"vulnerabilities,omitempty"`
	IdentityAssertions *docs[ctim.IdentityAssertion] `json:"identity_assertions,omitempty"`
}

func newObserveData(b ctim.Bundle) observeData {
	return observeData{
		Verdicts:           newDocs(b.Verdicts),
		Judgements:         newDocs(b.Judgements),
		Sightings:          newDocs(b.Sightings),
		Indicators:         newDocs(b.Indicators),
		Relationships:      newDocs(b.Relationships),
		AttackPatterns:     newDocs(b.AttackPatterns),
		Malwares:           newDocs(b.Malwares),
		Tools:              newDocs(b.Tools),
		Actors:             newDocs(b.Actors),
		Campaigns:          newDocs(b.Campaigns),
		Vulnerabilities:    newDocs(b.Vulnerabilities),
		IdentityAssertions: newDocs(b.IdentityAssertions),
	}
}

// Observe are the routes of the function "observe": all that the third party
// knows about each observable, of judgements, sightings and indicators no more
// than the caller's limit.
func (r *Relay) Observe() Routes {
	return Routes{"/observe/observables": r.handle("/observe/observables", func(ctx context.Context, req *request) []byte {
		observables, err := req.observables(ctx)
		if err != nil {
			return req.refuse(ctx, nil, err)
		}
		observer, ok := req.session.(Observer)
		if !ok {
			return envelope{Data: observeData{}}.marshal()
		}
		limit := req.claims.EntitiesLimit()
		outcomes := fanOut(ctx, r.concurrency, observables, func(ctx context.Context, o ctim.Observable) (ctim.Bundle, error) {
			found, err := observer.Observe(ctx, o)
			kept, _ := found.Newest(limit)
			return kept, err
		})
		all := ctim.Merge(values(ctx, req, observables, outcomes)...)
		parts := max(len(all.Judgements), len(all.Sightings), len(all.Indicators), len(all.Verdicts))
		return fit(envelope{newObserveData(all), req.errors}, parts, func(k int) any {
			kept, _ := all.Newest(k)
			kept.Verdicts = kept.Verdicts[:min(len(kept.Verdicts), k)]
			return newObserveData(kept)
		})
	})}
}
