package watchlist

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
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

// mark is an action that sets a disposition.
type mark struct {
	id          string
	disposition ctim.Disposition
}

// The ids of actions never change: a platform may keep them.
var marks = []mark{
	{"watchlist-mark-malicious", ctim.Malicious},
	{"watchlist-mark-suspicious", ctim.Suspicious},
	{"watchlist-mark-clean", ctim.Clean},
}

const (
	extendAction = "watchlist-extend"
	removeAction = "watchlist-remove"
)

// The actions' parameters.
const (
	// stateParam identifies the observable's entries when the action was offered. The
	// action fails if they have changed since.
	stateParam = "watchlist-state"
	// untilParam is the end of the entry. It is fixed when the action is offered, so
	// that repeating the action has no effect.
	untilParam = "watchlist-valid-until"
)

// Actions implements relay.Responder. There are none for a value that is invalid for
// its type, or if the store is read-only.
func (s *session) Actions(ctx context.Context, o ctim.Observable) ([]relay.Action, error) {
	normal, err := normalize.Observable(o)
	if err != nil || s.provider.settings.ReadOnly {
		return nil, nil
	}
	entries, err := entry.Lookup(ctx, s.store, normal)
	if err != nil {
		return nil, unavailable(err)
	}
	key := entry.KeyOf(normal)
	offer := offer{
		noun:     o.Type.Noun(),
		entries:  slices.DeleteFunc(slices.Clone(entries), func(e entry.Entry) bool { return e.Key() != key }),
		matches:  s.matching(o, normal, entries),
		until:    endOfDay(s.now).Add(s.provider.settings.ValidFor),
		validFor: s.provider.settings.ValidFor,
	}
	rest := slices.DeleteFunc(entries, func(e entry.Entry) bool { return e.Key() == key && e.IsMark() })
	verdict := s.decide(o, offer.matches)
	var actions []relay.Action
	for _, mark := range marks {
		if verdict.Disposition == mark.disposition {
			continue
		}
		// Another person's entry may still decide. Then the action would be useless.
		e := marked(offer.entries, normal, mark.disposition, offer.markedUntil())
		if would := s.decide(o, s.matching(o, normal, append(rest, e))); would.Disposition == mark.disposition {
			actions = append(actions, offer.mark(mark.id, e, verdict))
		}
	}
	return slices.Concat(actions, offer.extend(s.now), offer.remove()), nil
}

// endOfDay returns the next midnight in UTC, or t if it is midnight.
func endOfDay(t time.Time) time.Time {
	return t.UTC().Add(oneDay - 1).Truncate(oneDay)
}

// offer makes the actions for one observable.
type offer struct {
	noun string
	// entries are about the observable itself. matches also cover it.
	entries []entry.Entry
	matches []match
	// until is the end of an entry that is added now. It is the end of a day, so that
	// the same actions are offered all day.
	until    time.Time
	validFor time.Duration
}

// marked returns the analyst's entry with a disposition: the one among entries, or a
// new one.
func marked(entries []entry.Entry, on ctim.Observable, disposition ctim.Disposition, until time.Time) entry.Entry {
	e := entry.Entry{Observable: on, Source: entry.AnalystSource}
	if i := slices.IndexFunc(entries, func(other entry.Entry) bool { return other.IsMark() }); i >= 0 {
		e = entries[i]
	}
	if e.Disposition != disposition {
		e.Description = "" // it explains the old disposition
	}
	e.Disposition, e.Priority, e.Confidence = disposition, ctim.PriorityHuman, ctim.ConfidenceHigh
	e.ValidFrom, e.ValidUntil = time.Time{}, until.UTC()
	return e
}

// markedUntil returns the end of a mark. A change of the disposition never shortens
// it.
func (f offer) markedUntil() time.Time {
	until := f.until
	for _, e := range f.entries {
		if e.IsMark() && e.ValidUntil.After(until) {
			until = e.ValidUntil
		}
	}
	return until
}

// mark returns the action that stores e, which changes the current verdict. The zero
// verdict is none.
func (f offer) mark(id string, e entry.Entry, verdict ctim.Verdict) relay.Action {
	noun := f.noun
	if e.Subdomains {
		noun += " and its subdomains"
	}
	word := strings.ToLower(e.Disposition.String())
	title := "Add as " + word
	if verdict.Disposition != 0 {
		title = "Change to " + word
	}
	if e.Disposition == ctim.Clean {
		title += " (allow)"
	}
	description := fmt.Sprintf("Mark this %s as %s until %s, overriding all lists.", noun, word, day(e.ValidUntil))
	for _, m := range f.matches {
		if m.judgement().ID == verdict.JudgementID {
			reason := m.reason()
			description += fmt.Sprintf(" Current verdict: %s (%s).", strings.ToLower(verdict.Disposition.String()), strings.ToLower(reason[:1])+reason[1:])
		}
	}
	return f.action(id, title, description, e.ValidUntil)
}

// extend returns the action that moves the ends of the observable's entries, unless none
// can be moved.
func (f offer) extend(now time.Time) []relay.Action {
	var ends []time.Time
	for _, e := range extensible(f.entries, now) {
		ends = append(ends, e.ValidUntil)
	}
	if len(ends) == 0 {
		return nil
	}
	first, last := slices.MinFunc(ends, time.Time.Compare), slices.MaxFunc(ends, time.Time.Compare)
	until := f.until
	if last.After(now) {
		until = endOfDay(last).Add(f.validFor)
	}
	if until.After(latestEnd()) {
		until = latestEnd()
	}
	if !first.Before(until) {
		return nil
	}
	verb := "expires"
	if first.Before(now) {
		verb = "expired"
	}
	description := fmt.Sprintf("An entry for this %s %s on %s.", f.noun, verb, day(first))
	if f.isImported() {
		description += " If its list sets an end, the next import restores that end."
	}
	return []relay.Action{f.action(extendAction, "Extend until "+day(until), description, until)}
}

// extensible returns the entries whose end can be moved: the valid ones or,
// if there are none, the expired ones. Groups are left out, since the other
// parts would expire anyway.
func extensible(entries []entry.Entry, now time.Time) []*entry.Entry {
	var valid, expired []*entry.Entry
	for i := range entries {
		e := &entries[i]
		switch {
		case len(e.With) > 0:
		case e.IsValid(now):
			valid = append(valid, e)
		case !e.ValidUntil.IsZero() && !now.Before(e.ValidUntil):
			expired = append(expired, e)
		}
	}
	if len(valid) == 0 {
		return expired
	}
	return slices.DeleteFunc(valid, func(e *entry.Entry) bool { return e.ValidUntil.IsZero() })
}

// latestEnd returns the platform's end of time.
func latestEnd() time.Time { return ctim.Forever().Time }

// remove returns the action that removes the observable's entries, if there are any.
func (f offer) remove() []relay.Action {
	if len(f.entries) == 0 {
		return nil
	}
	var sources []string
	for _, e := range f.entries {
		if source := e.SourceName(); !slices.Contains(sources, source) {
			sources = append(sources, source)
		}
	}
	description := fmt.Sprintf("Remove the entries of %s for this %s.", text.List(sources, 3), f.noun)
	if f.isImported() {
		description += " The next import of a list that contains it adds it again."
	}
	for _, m := range f.matches {
		if m.covered {
			description += fmt.Sprintf(" It stays covered by %s.", m.entry.Observable.Value)
			break
		}
	}
	return []relay.Action{f.action(removeAction, "Remove from the watchlist", description, time.Time{})}
}

// isImported reports whether one of the observable's entries is not the mark.
func (f offer) isImported() bool {
	return slices.ContainsFunc(f.entries, func(e entry.Entry) bool { return !e.IsMark() })
}

func (f offer) action(id, title, description string, until time.Time) relay.Action {
	params := map[string]string{stateParam: stateOf(f.entries)}
	if !until.IsZero() {
		params[untilParam] = until.Format(time.RFC3339)
	}
	return relay.Action{ID: id, Title: title, Description: description, Categories: []string{"Watchlist"}, Params: params}
}

func day(t time.Time) string { return t.UTC().Format(time.DateOnly) }

// Why a trigger is refused.
var (
	errChanged   = relay.Errorf(relay.CodeInvalidArgument, "This action no longer applies: the watchlist's entries for the observable have changed. Open the menu again.")
	errNotListed = relay.Errorf(relay.CodeInvalidArgument, "This action no longer applies: the watchlist has no entry to extend. Open the menu again.")
	errPast      = relay.Errorf(relay.CodeInvalidArgument, "This action no longer applies: the entry's end has passed. Open the menu again.")
	errNoState   = relay.Errorf(relay.CodeInvalidArgument, "%s is missing. Send the action's query-params as /respond/observables returned them.", stateParam)
	errNoUntil   = relay.Errorf(relay.CodeInvalidArgument, "%s is not a time such as 2026-12-31T00:00:00Z. Send the action's query-params as /respond/observables returned them.", untilParam)
)

// Trigger implements relay.Responder. Repeating a trigger has no effect and succeeds.
func (s *session) Trigger(ctx context.Context, t relay.Trigger) error {
	chosen := slices.IndexFunc(marks, func(m mark) bool { return m.id == t.ActionID })
	if chosen < 0 && t.ActionID != extendAction && t.ActionID != removeAction {
		return relay.ErrUnsupportedAction
	}
	o, err := normalize.Observable(t.Observable)
	if err != nil {
		return relay.Errorf(relay.CodeInvalidArgument, "The value is not a valid %s: %w.", t.Observable.Type.Noun(), err)
	}
	state := t.Params[stateParam]
	if state == "" {
		return errNoState
	}
	var until time.Time
	if t.ActionID != removeAction {
		until, err = time.Parse(time.RFC3339, strings.TrimSpace(t.Params[untilParam]))
		switch {
		case err != nil || until.After(latestEnd()):
			return errNoUntil
		case !until.After(s.now):
			return errPast
		}
		until = until.UTC()
	}
	switch t.ActionID {
	case extendAction:
		err = s.change(ctx, o, state, "extended until "+day(until), func(before []entry.Entry) ([]entry.Entry, error) {
			return extended(before, s.now, until)
		})
	case removeAction:
		err = s.remove(ctx, o, state)
	default:
		disposition := marks[chosen].disposition
		err = s.change(ctx, o, state, "marked as "+strings.ToLower(disposition.String()), func(before []entry.Entry) ([]entry.Entry, error) {
			after, _ := entry.Merge(before, []entry.Entry{marked(before, o, disposition, until)})
			return after, nil
		})
	}
	var refused *relay.Error
	if err == nil || errors.As(err, &refused) {
		return err
	}
	return unavailable(err)
}

// extended returns the entries with later ends, if they can be extended.
func extended(before []entry.Entry, now, until time.Time) ([]entry.Entry, error) {
	after := slices.Clone(before)
	which := extensible(after, now)
	if len(which) == 0 {
		return nil, errNotListed
	}
	for _, e := range which {
		if e.ValidUntil.Before(until) {
			e.ValidUntil = until
		}
	}
	return after, nil
}

// remove removes the observable's entries. It first removes the other parts of their
// groups, which can't be found without them.
func (s *session) remove(ctx context.Context, o ctim.Observable, state string) error {
	const what = "removed"
	found, err := s.store.Get(ctx, []entry.Key{entry.KeyOf(o)})
	if err != nil {
		return err
	}
	if state == stateOf(found[0]) {
		if _, err := entry.RemoveRest(ctx, s.store, found[0], entry.Note{Who: s.who, What: what}); err != nil {
			return err
		}
	}
	return s.change(ctx, o, state, what, func([]entry.Entry) ([]entry.Entry, error) { return nil, nil })
}

// change edits the observable's entries. It returns errChanged unless they are as they
// were when the action was offered, or the edit changes nothing.
func (s *session) change(ctx context.Context, o ctim.Observable, state, what string, edit func([]entry.Entry) ([]entry.Entry, error)) error {
	_, err := s.store.Change(ctx, entry.KeyOf(o), entry.Note{Who: s.who, What: what}, func(before []entry.Entry) ([]entry.Entry, error) {
		after, err := edit(before)
		if err == nil && state != stateOf(before) && stateOf(before) != stateOf(after) {
			err = errChanged
		}
		return after, err
	})
	return err
}

// stateOf returns a hash of the entries under a key, or "none" for no entries.
func stateOf(entries []entry.Entry) string {
	if len(entries) == 0 {
		return "none"
	}
	raw, _ := json.Marshal(entries) // entries were stored as JSON
	sum := sha256.Sum256(raw)
	return hex.EncodeToString(sum[:8])
}
