package watchlist

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/serverless-relay/relay/providers/watchlist/entry"
	"github.com/serverless-relay/relay/shared/ctim"
	"github.com/serverless-relay/relay/shared/normalize"
	"github.com/serverless-relay/relay/shared/relay"
	"github.com/serverless-relay/relay/shared/text"
)

// The ids of the actions. A platform may keep them: they don't change.
const (
	markMalicious  = "watchlist-mark-malicious"
	markSuspicious = "watchlist-mark-suspicious"
	markClean      = "watchlist-mark-clean"
	extendAction   = "watchlist-extend"
	removeAction   = "watchlist-remove"
)

// The actions' parameters.
const (
	// stateParam tells in what state the observable's entries were when the
	// action was offered. The action is for that state only.
	stateParam = "watchlist-state"
	// untilParam is until when the entry shall hold. It is fixed when the action
	// is offered, so that an action taken twice has one result.
	untilParam = "watchlist-valid-until"
)

// markings are the dispositions that an analyst can give, by action.
func markings() map[string]ctim.Disposition {
	return map[string]ctim.Disposition{markMalicious: ctim.Malicious, markSuspicious: ctim.Suspicious, markClean: ctim.Clean}
}

// Actions implements relay.Responder. A value that can't be one of its type has
// no actions, and neither has any in a store that may only be read.
func (s *session) Actions(ctx context.Context, o ctim.Observable) ([]relay.Action, error) {
	normal, err := normalize.Observable(o)
	if err != nil || s.provider.settings.ReadOnly {
		return nil, nil
	}
	entries, err := entry.Lookup(ctx, s.store, normal)
	if err != nil {
		return nil, unavailable(err)
	}
	offer := offer{
		on:       normal,
		what:     o.Type.Noun(),
		own:      ofKey(entries, entry.KeyOf(normal)),
		matches:  s.matching(o, normal, entries),
		until:    s.until(),
		validFor: s.provider.settings.ValidFor,
	}
	verdict, listed := s.decide(o, offer.matches)
	var actions []relay.Action
	for _, id := range []string{markMalicious, markSuspicious, markClean} {
		disposition := markings()[id]
		if listed && verdict.Disposition == disposition {
			continue
		}
		// What another person has said may go on to decide: then it's no use.
		if would, _ := s.decide(o, s.matching(o, normal, offer.after(disposition, entries))); would.Disposition == disposition {
			actions = append(actions, offer.mark(id, disposition, verdict))
		}
	}
	if extended, ok := offer.extend(s.now); ok {
		actions = append(actions, extended)
	}
	if len(offer.own) > 0 {
		actions = append(actions, offer.remove())
	}
	return actions, nil
}

// until is the end of what is added now: that of a day and not a minute, so
// that who asks twice is offered the same.
func (s *session) until() time.Time { return endOfDay(s.now).Add(s.provider.settings.ValidFor) }

// endOfDay is the end of a moment's day in UTC; the end of a day is its own.
func endOfDay(t time.Time) time.Time {
	const day = 24 * time.Hour
	return t.UTC().Add(day - 1).Truncate(day)
}

// offer makes the actions on one observable.
type offer struct {
	on   ctim.Observable
	what string
	// own are the observable's entries, matches all that counts for it.
	own      []entry.Entry
	matches  []match
	until    time.Time
	validFor time.Duration
}

// marked is the analyst's entry about an observable with a disposition: the one
// among its entries that there is, or a new one.
func marked(own []entry.Entry, on ctim.Observable, disposition ctim.Disposition, until time.Time) entry.Entry {
	e := entry.Entry{Observable: on, Source: entry.AnalystSource}
	if i := slices.IndexFunc(own, func(other entry.Entry) bool { return other.IsMark() }); i >= 0 {
		e = own[i]
	}
	if e.Disposition != disposition {
		e.Description = "" // it was about the other
	}
	e.Disposition, e.Priority, e.Confidence = disposition, ctim.PriorityHuman, ctim.ConfidenceHigh
	e.ValidFrom, e.ValidUntil = time.Time{}, until.UTC()
	return e
}

// markedUntil is until when a mark holds. Who changes their mind doesn't mean
// to shorten it.
func (f offer) markedUntil() time.Time {
	until := f.until
	for _, e := range f.own {
		if e.IsMark() && e.ValidUntil.After(until) {
			until = e.ValidUntil
		}
	}
	return until
}

// after are the entries that count for the observable once it is marked.
func (f offer) after(disposition ctim.Disposition, entries []entry.Entry) []entry.Entry {
	rest := slices.DeleteFunc(slices.Clone(entries), func(e entry.Entry) bool { return e.IsMark() && e.Key() == entry.KeyOf(f.on) })
	return append(rest, marked(f.own, f.on, disposition, f.markedUntil()))
}

// mark is the action that gives a disposition, in the place of the verdict that
// there is, if any.
func (f offer) mark(id string, disposition ctim.Disposition, verdict ctim.Verdict) relay.Action {
	until := f.markedUntil()
	what := f.what
	if marked(f.own, f.on, disposition, until).Subdomains {
		what += ", with all below it,"
	}
	word := strings.ToLower(disposition.String())
	title := "Add as " + word
	if verdict.Disposition != 0 {
		title = "Change to " + word
	}
	if disposition == ctim.Clean {
		title += " (allow)"
	}
	description := fmt.Sprintf("Say that this %s is %s, whatever lists say, until %s.", what, word, day(until))
	for _, m := range f.matches {
		if j := m.judgement(); j.ID == verdict.JudgementID {
			description += fmt.Sprintf(" It is %s now: %s.", strings.ToLower(verdict.Disposition.String()), j.Reason)
		}
	}
	return f.action(id, title, description, until)
}

// extend is the action that moves the ends of the observable's entries, if
// there is one to move.
func (f offer) extend(now time.Time) (relay.Action, bool) {
	var first, last time.Time
	imported := false
	for _, i := range extensible(f.own, now) {
		end := f.own[i].ValidUntil
		if first.IsZero() || end.Before(first) {
			first = end
		}
		if end.After(last) {
			last = end
		}
		imported = imported || !f.own[i].IsMark()
	}
	until := f.until
	if last.After(now) {
		until = endOfDay(last).Add(f.validFor)
	}
	if until.After(latestEnd()) {
		until = latestEnd()
	}
	if first.IsZero() || !first.Before(until) {
		return relay.Action{}, false
	}
	verb := "ends"
	if first.Before(now) {
		verb = "ended"
	}
	description := fmt.Sprintf("What the watchlist says about this %s %s on %s.", f.what, verb, day(first))
	if imported {
		description += " A list that has it sets its own end again when it is imported."
	}
	return f.action(extendAction, "Extend until "+day(until), description, until), true
}

// extensible are the positions of those entries whose end can be moved: those
// that hold, or, where none does, those that have ended. Of a group, the other
// half would end all the same.
func extensible(own []entry.Entry, now time.Time) []int {
	var holding, ended []int
	for i, e := range own {
		switch {
		case len(e.With) > 0:
		case e.IsValid(now):
			holding = append(holding, i)
		case !e.ValidUntil.IsZero() && !now.Before(e.ValidUntil):
			ended = append(ended, i)
		}
	}
	which := holding
	if len(holding) == 0 {
		which = ended
	}
	return slices.DeleteFunc(which, func(i int) bool { return own[i].ValidUntil.IsZero() }) // they have no end to move
}

// latestEnd is the platform's end of time.
func latestEnd() time.Time { return ctim.Forever().Time }

// remove is the action that takes the observable's own entries off the list.
func (f offer) remove() relay.Action {
	var sources []string
	imported := false
	for _, e := range f.own {
		if source := e.SourceName(); !slices.Contains(sources, source) {
			sources = append(sources, source)
		}
		imported = imported || !e.IsMark()
	}
	description := fmt.Sprintf("Take this %s off the watchlist, where it is by: %s.", f.what, text.List(sources, maxNamed))
	if imported {
		description += " A list that has it brings it back when it is imported again."
	}
	for _, m := range f.matches {
		if m.at != m.own {
			description += fmt.Sprintf(" %s stays listed, which it is part of.", m.at.Value)
			break
		}
	}
	return f.action(removeAction, "Remove from the watchlist", description, time.Time{})
}

func (f offer) action(id, title, description string, until time.Time) relay.Action {
	params := map[string]string{stateParam: stateOf(f.own)}
	if !until.IsZero() {
		params[untilParam] = until.Format(time.RFC3339)
	}
	return relay.Action{ID: id, Title: title, Description: description, Categories: []string{"Watchlist"}, Params: params}
}

// ofKey are those entries that lie under the key.
func ofKey(entries []entry.Entry, key entry.Key) []entry.Entry {
	var own []entry.Entry
	for _, e := range entries {
		if e.Key() == key {
			own = append(own, e)
		}
	}
	return own
}

func day(t time.Time) string { return t.UTC().Format(time.DateOnly) }

// maxNamed is how many sources or entries a sentence names.
const maxNamed = 3
