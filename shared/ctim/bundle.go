package ctim

import "slices"

// Bundle is all that is known about some observables: the entities that one
// answer holds. The zero value is empty.
type Bundle struct {
	Verdicts           []Verdict
	Judgements         []Judgement
	Sightings          []Sighting
	Indicators         []Indicator
	Relationships      []Relationship
	AttackPatterns     []AttackPattern
	Malwares           []Malware
	Tools              []Tool
	Actors             []Actor
	Campaigns          []Campaign
	Vulnerabilities    []Vulnerability
	IdentityAssertions []IdentityAssertion
}

// Merge puts bundles together in the order given. An entity whose id, or a
// verdict whose observable, was there before is left out.
func Merge(bundles ...Bundle) Bundle {
	var out Bundle
	verdicts := map[Observable]bool{}
	seen := map[ID]bool{}
	for _, b := range bundles {
		for _, v := range b.Verdicts {
			if !verdicts[v.Observable] {
				verdicts[v.Observable] = true
				out.Verdicts = append(out.Verdicts, v)
			}
		}
		out.Judgements = appendNew(out.Judgements, b.Judgements, seen)
		out.Sightings = appendNew(out.Sightings, b.Sightings, seen)
		out.Indicators = appendNew(out.Indicators, b.Indicators, seen)
		out.Relationships = appendNew(out.Relationships, b.Relationships, seen)
		out.AttackPatterns = appendNew(out.AttackPatterns, b.AttackPatterns, seen)
		out.Malwares = appendNew(out.Malwares, b.Malwares, seen)
		out.Tools = appendNew(out.Tools, b.Tools, seen)
		out.Actors = appendNew(out.Actors, b.Actors, seen)
		out.Campaigns = appendNew(out.Campaigns, b.Campaigns, seen)
		out.Vulnerabilities = appendNew(out.Vulnerabilities, b.Vulnerabilities, seen)
		out.IdentityAssertions = appendNew(out.IdentityAssertions, b.IdentityAssertions, seen)
	}
	return out
}

// entity is anything with an id.
type entity interface{ EntityID() ID }

func appendNew[E entity](out, more []E, seen map[ID]bool) []E {
	out = slices.Grow(out, len(more))
	for _, e := range more {
		if id := e.EntityID(); !seen[id] {
			seen[id] = true
			out = append(out, e)
		}
	}
	return out
}
