package misp

import (
	"cmp"
	"slices"
	"time"

	"github.com/serverless-relay/relay/shared/mispevent"
)

// summary summarizes an attribute's sightings.
type summary struct {
	// seenBy and falsePositiveBy are the organisations whose latest report is that they
	// saw the value, or that it is harmless. Hidden names are empty.
	seenBy, falsePositiveBy []string
	// expires is the end of the value's validity, zero for none.
	expires time.Time
}

// summarize summarizes sightings in any order. One with a date in the future is from a
// wrong clock, and counts as the oldest.
func summarize(sightings []mispevent.Sighting, now time.Time) summary {
	sightings = slices.Clone(sightings)
	for i, s := range sightings {
		if s.Type != mispevent.Expiration && s.Date.After(now) {
			sightings[i].Date.Time = time.Time{}
		}
	}
	slices.SortStableFunc(sightings, func(a, b mispevent.Sighting) int { return a.Date.Compare(b.Date.Time) })
	var (
		out      summary
		orgs     []string
		latest   = map[string]mispevent.Sighting{}
		lastSeen time.Time
	)
	for _, s := range sightings {
		switch s.Type {
		case mispevent.Seen:
			lastSeen = s.Date.Time
		case mispevent.FalsePositive:
		default:
			continue
		}
		org := organisation(s)
		if _, known := latest[org]; !known {
			orgs = append(orgs, org)
		}
		latest[org] = s
	}
	for _, org := range orgs {
		if s := latest[org]; s.Type == mispevent.Seen {
			out.seenBy = append(out.seenBy, string(s.Org.Name))
		} else {
			out.falsePositiveBy = append(out.falsePositiveBy, string(s.Org.Name))
		}
	}
	for _, s := range sightings {
		if s.Type == mispevent.Expiration && !s.Date.IsZero() && !s.Date.Before(lastSeen) {
			out.expires = s.Date.Time // the earliest that no later sighting contradicts
			break
		}
	}
	return out
}

// isFalsePositive reports whether at least as many organisations report a false positive
// as saw the value.
func (s summary) isFalsePositive() bool {
	return len(s.falsePositiveBy) > 0 && len(s.falsePositiveBy) >= len(s.seenBy)
}

// organisation identifies an organisation. All whose names the server hides
// count as one.
func organisation(s mispevent.Sighting) string {
	if s.OrgID != "0" {
		return string(cmp.Or(s.OrgID, s.Org.Name))
	}
	return string(s.Org.Name)
}
