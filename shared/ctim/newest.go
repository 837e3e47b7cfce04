package ctim

import (
	"slices"
	"time"
)

// Newest keeps the newest limit judgements, sightings and indicators each, in
// the order that they had, and with them what still belongs: relationships
// between entities that both stay, and malware, actors and the like that a
// relationship still reaches. Verdicts all stay, and so do the judgements that
// they name and the indicators that go with what stays, as far as the limit
// allows.
// whole is false when something was left out.
func (b Bundle) Newest(limit int) (kept Bundle, whole bool) {
	if len(b.Judgements) <= limit && len(b.Sightings) <= limit && len(b.Indicators) <= limit {
		return b, true
	}
	deciding := map[ID]bool{}
	for _, v := range b.Verdicts {
		deciding[v.JudgementID] = true
	}
	kept = b
	kept.Judgements = newest(b.Judgements, limit, func(j Judgement) (bool, time.Time) { return deciding[j.ID], j.ValidTime.Start.Time })
	kept.Sightings = newest(b.Sightings, limit, func(s Sighting) (bool, time.Time) { return false, s.ObservedTime.Start.Time })
	here := map[ID]bool{}
	mark(here, kept.Judgements)
	mark(here, kept.Sightings)
	wanted := map[ID]bool{}
	for _, r := range b.Relationships {
		wanted[r.TargetRef] = wanted[r.TargetRef] || here[r.SourceRef]
	}
	kept.Indicators = newest(b.Indicators, limit, func(i Indicator) (bool, time.Time) { return wanted[i.ID], i.ValidTime.Start.Time })
	kept.dropLoose(b.Relationships)
	return kept, false
}

// newest keeps limit members: first those that must stay, then by time.
func newest[E any](all []E, limit int, rank func(E) (must bool, at time.Time)) []E {
	if len(all) <= limit {
		return all
	}
	order := make([]int, len(all))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(x, y int) int {
		mustX, atX := rank(all[x])
		mustY, atY := rank(all[y])
		if mustX != mustY {
			if mustX {
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

// dropLoose removes relationships that lost an end, and entities that were
// connected before and no longer are.
func (b *Bundle) dropLoose(before []Relationship) {
	here := map[ID]bool{}
	mark(here, b.Judgements)
	mark(here, b.Sightings)
	mark(here, b.Indicators)
	mark(here, b.AttackPatterns)
	mark(here, b.Malwares)
	mark(here, b.Tools)
	mark(here, b.Actors)
	mark(here, b.Campaigns)
	mark(here, b.Vulnerabilities)
	mark(here, b.IdentityAssertions)

	b.Relationships = filter(before, func(r Relationship) bool { return here[r.SourceRef] && here[r.TargetRef] })
	loose := map[ID]bool{}
	for _, r := range before {
		loose[r.SourceRef], loose[r.TargetRef] = true, true
	}
	for _, r := range b.Relationships {
		delete(loose, r.SourceRef)
		delete(loose, r.TargetRef)
	}
	b.AttackPatterns = connected(b.AttackPatterns, loose)
	b.Malwares = connected(b.Malwares, loose)
	b.Tools = connected(b.Tools, loose)
	b.Actors = connected(b.Actors, loose)
	b.Campaigns = connected(b.Campaigns, loose)
	b.Vulnerabilities = connected(b.Vulnerabilities, loose)
}

func mark[E entity](here map[ID]bool, all []E) {
	for _, e := range all {
		here[e.EntityID()] = true
	}
}

func connected[E entity](all []E, loose map[ID]bool) []E {
	return filter(all, func(e E) bool { return !loose[e.EntityID()] })
}

// filter is a new slice of those that hold; it never writes into all.
func filter[E any](all []E, holds func(E) bool) []E {
	var out []E
	for _, e := range all {
		if holds(e) {
			out = append(out, e)
		}
	}
	return out
}
