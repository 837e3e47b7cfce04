package misp

import (
	"cmp"
	"slices"
	"time"

	"github.com/serverless-relay/relay/shared/misp"
)

// opinion is what the sightings of an attribute say together.
type opinion struct {
	// seenBy and deniedBy are the organisations whose last word is that they saw
	// the value, and that it is a false positive. A nameless one has no name.
	seenBy, deniedBy []string
	// expires is when the value is no longer valid, zero for never.
	expires time.Time
}

// opinionOf reads sightings, in whatever order they come.
func opinionOf(sightings []misp.Sighting) opinion {
	sightings = slices.Clone(sightings)
	slices.SortStableFunc(sightings, func(a, b misp.Sighting) int { return a.Date.Compare(b.Date.Time) })
	var (
		out      opinion
		orgs     []string
		lastWord = map[string]misp.Sighting{}
		lastSeen time.Time
	)
	for _, s := range sightings {
		switch s.Type {
		case misp.Seen:
			lastSeen = s.Date.Time
		case misp.FalsePositive:
		default:
			continue
		}
		org := organisation(s)
		if _, known := lastWord[org]; !known {
			orgs = append(orgs, org)
		}
		lastWord[org] = s
	}
	for _, org := range orgs {
		if s := lastWord[org]; s.Type == misp.Seen {
			out.seenBy = append(out.seenBy, string(s.Org.Name))
		} else {
			out.deniedBy = append(out.deniedBy, string(s.Org.Name))
		}
	}
	for _, s := range sightings {
		if s.Type == misp.Expiration && !s.Date.IsZero() && !s.Date.Before(lastSeen) {
			out.expires = s.Date.Time // the first of those that nobody outlived
			break
		}
	}
	return out
}

// denied says whether the value is held to be a false positive.
func (o opinion) denied() bool {
	return len(o.deniedBy) > 0 && len(o.deniedBy) >= len(o.seenBy)
}

// organisation tells one organisation from another. All that the server keeps
// to itself are one.
func organisation(s misp.Sighting) string {
	if s.OrgID != "0" {
		return string(cmp.Or(s.OrgID, s.Org.Name))
	}
	return string(s.Org.Name)
}
