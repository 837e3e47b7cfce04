package ctim

import (
	"slices"
	"time"
)

// Bundle contains the entities of a response about some observables. The zero value
// is empty.
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

// Merge merges bundles in the order given. It drops entities with an id, and
// verdicts on an observable, that it has already seen.
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

// Newest returns a Bundle with the newest judgements, sightings and indicators, at
// most limit of each. It also keeps the judgements that the verdicts name, and the
// indicators of everything that it keeps. So even a caller with a limit of 1 gets the
// deciding judgement and the report's categories.
func (b Bundle) Newest(limit int) Bundle {
	if len(b.Judgements) <= limit && len(b.Sightings) <= limit && len(b.Indicators) <= limit {
		return b
	}
	deciding := map[ID]bool{}
	for _, v := range b.Verdicts {
		deciding[v.JudgementID] = true
	}
	kept := b
	kept.Judgements = newest(b.Judgements, limit+len(deciding), func(j Judgement) (bool, time.Time) { return deciding[j.ID], j.ValidTime.Start.Time })
	kept.Sightings = newest(b.Sightings, limit, func(s Sighting) (bool, time.Time) { return false, s.ObservedTime.Start.Time })
	sources := map[ID]bool{}
	addIDs(sources, kept.Judgements)
	addIDs(sources, kept.Sightings)
	targets := map[ID]bool{}
	for _, r := range b.Relationships {
		targets[r.TargetRef] = targets[r.TargetRef] || sources[r.SourceRef]
	}
	connected := 0
	for _, i := range b.Indicators {
		if targets[i.ID] {
			connected++
		}
	}
	kept.Indicators = newest(b.Indicators, max(limit, connected), func(i Indicator) (bool, time.Time) { return targets[i.ID], i.ValidTime.Start.Time })
	kept.dropUnconnected()
	return kept
}

// newest keeps limit entities, in their order. Preferred entities are kept first, then
// the newest.
func newest[E any](all []E, limit int, rank func(E) (preferred bool, at time.Time)) []E {
	if len(all) <= limit {
		return all
	}
	order := make([]int, len(all))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(x, y int) int {
		preferredX, atX := rank(all[x])
		preferredY, atY := rank(all[y])
		if preferredX != preferredY {
			if preferredX {
				return -1
			}
			return 1
		}
		return atY.Compare(atX)
	})
	order = order[:limit]
	slices.Sort(order)
	out := make([]E, limit)
	for i, from := range order {
		out[i] = all[from]
	}
	return out
}

// dropUnconnected drops relationships without both ends, and the threats that lose all
// their relationships.
func (b *Bundle) dropUnconnected() {
	ids := map[ID]bool{}
	addIDs(ids, b.Judgements)
	addIDs(ids, b.Sightings)
	addIDs(ids, b.Indicators)
	addIDs(ids, b.AttackPatterns)
	addIDs(ids, b.Malwares)
	addIDs(ids, b.Tools)
	addIDs(ids, b.Actors)
	addIDs(ids, b.Campaigns)
	addIDs(ids, b.Vulnerabilities)
	addIDs(ids, b.IdentityAssertions)

	unconnected := map[ID]bool{}
	for _, r := range b.Relationships {
		unconnected[r.SourceRef], unconnected[r.TargetRef] = true, true
	}
	b.Relationships = slices.DeleteFunc(slices.Clone(b.Relationships), func(r Relationship) bool { return !ids[r.SourceRef] || !ids[r.TargetRef] })
	for _, r := range b.Relationships {
		delete(unconnected, r.SourceRef)
		delete(unconnected, r.TargetRef)
	}
	b.AttackPatterns = without(b.AttackPatterns, unconnected)
	b.Malwares = without(b.Malwares, unconnected)
	b.Tools = without(b.Tools, unconnected)
	b.Actors = without(b.Actors, unconnected)
	b.Campaigns = without(b.Campaigns, unconnected)
	b.Vulnerabilities = without(b.Vulnerabilities, unconnected)
}

// entity is anything with an id.
type entity interface{ EntityID() ID }

// appendNew appends the entities that haven't been seen.
func appendNew[E entity](out, more []E, seen map[ID]bool) []E {
	isNew := func(e E) bool {
		id := e.EntityID()
		known := seen[id]
		seen[id] = true
		return !known
	}
	if len(out) == 0 { // without a copy: most answers are one bundle without duplicates
		n := 0
		for n < len(more) && isNew(more[n]) {
			n++
		}
		out, more = more[:n:n], more[n:]
	}
	out = slices.Grow(out, len(more))
	for _, e := range more {
		if isNew(e) {
			out = append(out, e)
		}
	}
	return out
}

func addIDs[E entity](ids map[ID]bool, all []E) {
	for _, e := range all {
		ids[e.EntityID()] = true
	}
}

// without returns a new slice without the entities with these ids.
func without[E entity](all []E, ids map[ID]bool) []E {
	return slices.DeleteFunc(slices.Clone(all), func(e E) bool { return ids[e.EntityID()] })
}
