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
	offer := offer{what: o.Type.Noun(), own: ofKey(entries, KeyOf(normal)), until: s.until(s.now), validFor: s.provider.settings.ValidFor}
	verdict, listed := s.decide(o, s.matching(o, normal, entries))
	var actions []relay.Action
	for _, id := range []string{markMalicious, markSuspicious, markClean} {
		if disposition := markings()[id]; !listed || verdict.Disposition != disposition {
			actions = append(actions, offer.mark(id, disposition, verdict.Disposition))
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

// until is the end of what is added at a time: a day and not a minute, so that
// who asks twice is offered the same.
func (s *session) until(now time.Time) time.Time {
	return now.UTC().Truncate(24 * time.Hour).Add(s.provider.settings.ValidFor)
}

// offer makes the actions on one observable.
type offer struct {
	what     string
	own      []Entry
	until    time.Time
	validFor time.Duration
}

// mark is the action that gives a disposition; was is the one that counts now,
// 0 where there is none.
func (f offer) mark(id string, disposition, was ctim.Disposition) relay.Action {
	word := strings.ToLower(disposition.String())
	title := "Add as " + word
	description := fmt.Sprintf("Put this %s on the watchlist as %s, until %s.", f.what, word, day(f.until))
	if disposition == ctim.Clean {
		title = "Allow"
		description = fmt.Sprintf("Let this %s through, whatever lists say, until %s.", f.what, day(f.until))
	}
	if was != 0 && disposition != ctim.Clean {
		title = "Change to " + word
	}
	if was != 0 {
		description += " It is " + strings.ToLower(was.String()) + " now."
	}
	return f.action(id, title, description, f.until)
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
		until = last.UTC().Truncate(24 * time.Hour).Add(f.validFor)
	}
	verb := "ends"
	if first.Before(now) {
		verb = "ended"
	}
	description := fmt.Sprintf("What the watchlist says about this %s %s on %s.", f.what, verb, day(first))
	return f.action(extendAction, "Extend until "+day(until), description, until), true
}

func (f offer) remove() relay.Action {
	var sources []string
	for _, e := range f.own {
		if source := sourceOf(e); !slices.Contains(sources, source) {
			sources = append(sources, source)
		}
	}
	description := fmt.Sprintf("Take this %s off the watchlist. It is there by: %s.", f.what, enumerate(sources))
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
