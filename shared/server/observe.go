package server

import (
	"context"
	"time"

	"github.com/serverless-relay/relay/shared/ctim"
	"github.com/serverless-relay/relay/shared/relay"
)

// observeData is the data of /observe/observables. With only Verdicts it is the data
// of /deliberate/observables.
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

// Observe returns the route of the function "observe": the entities about each
// observable. The caller's limit applies to each observable's judgements, sightings
// and indicators.
func (s *Server) Observe() Routes {
	return perObservable(s, "/observe/observables",
		func(ctx context.Context, req *request, session relay.Observer, o ctim.Observable) (ctim.Bundle, error) {
			found, err := session.Observe(ctx, o)
			found.Verdicts = decide(o, found.Judgements, req.start)
			return found.Newest(req.claims.EntitiesLimit()), err
		},
		func(results []ctim.Bundle) content {
			all := ctim.Merge(results...)
			parts := max(len(all.Judgements), len(all.Sightings), len(all.Indicators), len(all.Verdicts))
			return content{parts, func(k int) any {
				if k == parts {
					return newObserveData(all)
				}
				kept := all.Newest(k)
				kept.Verdicts = kept.Verdicts[:min(len(kept.Verdicts), k)]
				return newObserveData(kept)
			}}
		})
}

// decide returns the verdict on o, or nil if no judgement is valid.
func decide(o ctim.Observable, judgements []ctim.Judgement, now time.Time) []ctim.Verdict {
	if verdict, ok := ctim.Decide(o, judgements, now); ok {
		return []ctim.Verdict{verdict}
	}
	return nil
}
