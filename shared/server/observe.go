package server

import (
	"context"
	"strconv"
	"time"

	"github.com/serverless-relay/relay/shared/ctim"
	"github.com/serverless-relay/relay/shared/relay"
)

// observeData is the data of /observe/observables. With only Verdicts it is the data
// of /deliberate/observables.
type observeData ctim.Bundle

// appendJSON appends the data as JSON: an object with a list for each kind of entity
// that there is. encoding/json would need most of the time of a request.
func (d observeData) appendJSON(dst []byte) []byte {
	start := len(dst)
	dst = appendDocs(dst, "verdicts", d.Verdicts)
	dst = appendDocs(dst, "judgements", d.Judgements)
	dst = appendDocs(dst, "sightings", d.Sightings)
	dst = appendDocs(dst, "indicators", d.Indicators)
	dst = appendDocs(dst, "relationships", d.Relationships)
	dst = appendDocs(dst, "attack_patterns", d.AttackPatterns)
	dst = appendDocs(dst, "malwares", d.Malwares)
	dst = appendDocs(dst, "tools", d.Tools)
	dst = appendDocs(dst, "actors", d.Actors)
	dst = appendDocs(dst, "campaigns", d.Campaigns)
	dst = appendDocs(dst, "vulnerabilities", d.Vulnerabilities)
	dst = appendDocs(dst, "identity_assertions", d.IdentityAssertions)
	if len(dst) == start {
		return append(dst, "{}"...)
	}
	dst[start] = '{' // instead of the first comma
	return append(dst, '}')
}

// appendDocs appends a member with the entities and their number, unless there are
// none.
func appendDocs[E interface{ AppendJSON([]byte) []byte }](dst []byte, name string, entities []E) []byte {
	if len(entities) == 0 {
		return dst
	}
	dst = append(append(append(dst, `,"`...), name...), `":{"count":`...)
	dst = append(strconv.AppendInt(dst, int64(len(entities)), 10), `,"docs":`...)
	separator := byte('[')
	for _, e := range entities {
		dst = e.AppendJSON(append(dst, separator))
		separator = ','
	}
	return append(dst, "]}"...)
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
					return observeData(all)
				}
				kept := all
				kept.Verdicts = kept.Verdicts[:min(len(kept.Verdicts), k)] // first, because judgements stay with them
				return observeData(kept.Newest(k))
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
