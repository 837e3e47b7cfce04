package watchlist

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/serverless-relay/relay/shared/ctim"
	"github.com/serverless-relay/relay/shared/normalize"
	"github.com/serverless-relay/relay/shared/relay"
)

// AnalystSource is the source of what a person adds by hand. Such an entry
// without a title is the one that the actions make and change.
const AnalystSource = "analyst"

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
	entries, err := Lookup(ctx, s.store, normal)
	if err != nil {
		return nil, unavailable(err)
	}
	offer := offer{
		what:     o.Type.Noun(),
		own:      ofKey(entries, KeyOf(normal)),
		matches:  s.matching(o, normal, entries),
		until:    s.until(),
		validFor: s.provider.settings.ValidFor,
	}
	verdict, listed := s.decide(o, offer.matches)
	var actions []relay.Action
	for _, id := range []string{markMalicious, markSuspicious, markClean} {
		if disposition := markings()[id]; !listed || verdict.Disposition != disposition {
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
	what string
	// own are the observable's entries, matches all that counts for it.
	own      []Entry
	matches  []match
	until    time.Time
	validFor time.Duration
}

// mark is the action that gives a disposition, in the place of the verdict that
// there is, if any.
func (f offer) mark(id string, disposition ctim.Disposition, verdict ctim.Verdict) relay.Action {
	until := f.until
	for _, e := range f.own {
		if e.isAnalysts() && e.ValidUntil.After(until) {
			until = e.ValidUntil // who changes their mind doesn't mean to shorten it
		}
	}
	word := strings.ToLower(disposition.String())
	title := "Add as " + word
	if verdict.Disposition != 0 {
		title = "Change to " + word
	}
	if disposition == ctim.Clean {
		title += " (allow)"
	}
	description := fmt.Sprintf("Say that this %s is %s, whatever lists say, until %s.", f.what, word, day(until))
	for _, m := range f.matches {
		if j := m.judgement(); j.ID == verdict.JudgementID {
			description += fmt.Sprintf(" It is %s now: %s.", strings.ToLower(verdict.Disposition.String()), j.Reason)
		}
	}
	return f.action(id, title, description, until)
}

// extend is the action that moves the ends of the observable's entries, if one
// has an end.
func (f offer) extend(now time.Time) (relay.Action, bool) {
	var first, last time.Time
	for _, e := range f.own {
		if e.ValidUntil.IsZero() {
			continue
		}
		if first.IsZero() || e.ValidUntil.Before(first) {
			first = e.ValidUntil
		}
		if e.ValidUntil.After(last) {
			last = e.ValidUntil
		}
	}
	if first.IsZero() {
		return relay.Action{}, false
	}
	until := f.until
	if last.After(now) {
		until = endOfDay(last).Add(f.validFor)
	}
	verb := "ends"
	if first.Before(now) {
		verb = "ended"
	}
	description := fmt.Sprintf("What the watchlist says about this %s %s on %s.", f.what, verb, day(first))
	return f.action(extendAction, "Extend until "+day(until), description, until), true
}

// remove is the action that takes the observable's own entries off the list.
func (f offer) remove() relay.Action {
	var sources []string
	imported := false
	for _, e := range f.own {
		if source := sourceOf(e); !slices.Contains(sources, source) {
			sources = append(sources, source)
		}
		imported = imported || !e.isAnalysts()
	}
	description := fmt.Sprintf("Take this %s off the watchlist, where it is by: %s.", f.what, enumerate(sources))
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

// isAnalysts says whether the entry is the one that the actions make.
func (e *Entry) isAnalysts() bool {
	return e.Source == AnalystSource && e.Title == "" && len(e.With) == 0
}

// ofKey are those entries that lie under the key.
func ofKey(entries []Entry, key Key) []Entry {
	var own []Entry
	for _, e := range entries {
		if e.Key() == key {
			own = append(own, e)
		}
	}
	return own
}

func day(t time.Time) string { return t.UTC().Format(time.DateOnly) }

// enumerate names a few of many.
func enumerate(names []string) string {
	const most = 3
	if len(names) > most {
		names = append(slices.Clone(names[:most]), fmt.Sprintf("%d more", len(names)-most))
	}
	return strings.Join(names, ", ")
}
