package watchlist

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/serverless-relay/relay/shared/ctim"
	"github.com/serverless-relay/relay/shared/normalize"
	"github.com/serverless-relay/relay/shared/relay"
)

// The reasons for which a trigger is refused.
var (
	errChanged   = relay.Errorf(relay.CodeInvalidArgument, "This action no longer applies: the watchlist's entries for it have changed since it was offered. Open the menu again.")
	errNotListed = relay.Errorf(relay.CodeInvalidArgument, "This action no longer applies: there is nothing on the watchlist to extend. Open the menu again.")
	errNoUntil   = relay.Errorf(relay.CodeInvalidArgument, "%s is not a time such as 2026-12-31T00:00:00Z. Send the action's query-params as /respond/observables gave them.", untilParam)
	errPast      = relay.Errorf(relay.CodeInvalidArgument, "This action no longer applies: the time until which the entry should hold is over. Open the menu again.")
)

// Trigger implements relay.Responder. A trigger that was taken already
// succeeds again and changes nothing.
func (s *session) Trigger(ctx context.Context, t relay.Trigger) error {
	disposition, marks := markings()[t.ActionID]
	if !marks && t.ActionID != extendAction && t.ActionID != removeAction {
		return relay.ErrUnsupportedAction
	}
	o, err := normalize.Observable(t.Observable)
	if err != nil {
		return relay.Errorf(relay.CodeInvalidArgument, "This can't be the value of an observable of the type %s: %w.", t.Observable.Type, err)
	}
	a := action{store: s.store, who: s.who, on: o, state: t.Params[stateParam]}
	if t.ActionID != removeAction {
		if a.until, err = time.Parse(time.RFC3339, strings.TrimSpace(t.Params[untilParam])); err != nil {
			return errNoUntil
		}
		if !a.until.After(s.now) {
			return errPast
		}
	}
	switch {
	case marks:
		err = a.mark(ctx, disposition)
	case t.ActionID == extendAction:
		err = a.extend(ctx)
	default:
		err = a.remove(ctx)
	}
	var refused *relay.Error
	if err == nil || errors.As(err, &refused) {
		return err
	}
	return unavailable(err)
}

// action is one that an analyst has chosen.
type action struct {
	store Store
	who   string
	on    ctim.Observable
	state string
	until time.Time
}

// mark adds the analyst's entry, or changes what it says.
func (a action) mark(ctx context.Context, disposition ctim.Disposition) error {
	what := "marked as " + strings.ToLower(disposition.String())
	return a.change(ctx, what, func(before []Entry) ([]Entry, error) {
		e := Entry{Observable: a.on, Source: AnalystSource}
		if i := slices.IndexFunc(before, func(other Entry) bool { return other.isAnalysts() }); i >= 0 {
			e = before[i]
		}
		e.Disposition, e.Priority, e.Confidence = disposition, ctim.PriorityHuman, ctim.ConfidenceHigh
		e.ValidFrom, e.ValidUntil = time.Time{}, a.until.UTC()
		after, _ := Place(before, []Entry{e})
		return after, nil
	})
}

// extend moves the ends of the observable's entries.
func (a action) extend(ctx context.Context) error {
	return a.change(ctx, "extended until "+day(a.until), func(before []Entry) ([]Entry, error) {
		if len(before) == 0 {
			return nil, errNotListed
		}
		after := slices.Clone(before)
		for i, e := range after {
			if !e.ValidUntil.IsZero() && e.ValidUntil.Before(a.until) {
				after[i].ValidUntil = a.until.UTC()
			}
		}
		return after, nil
	})
}

// remove takes all of the observable's entries off the list.
func (a action) remove(ctx context.Context) error {
	found, err := a.store.Get(ctx, []Key{KeyOf(a.on)})
	if err != nil {
		return err
	}
	if err := a.check(found[0], nil); err != nil {
		return err
	}
	_, err = Remove(ctx, a.store, a.on, Note{Who: a.who, What: "removed"}, func(Entry) bool { return true })
	return err
}

// change edits the observable's entries, if they are as they were when the
// action was offered, or as the action makes them.
func (a action) change(ctx context.Context, what string, edit func([]Entry) ([]Entry, error)) error {
	_, err := a.store.Change(ctx, KeyOf(a.on), Note{Who: a.who, What: what}, func(before []Entry) ([]Entry, error) {
		after, err := edit(before)
		if err != nil {
			return nil, err
		}
		return after, a.check(before, after)
	})
	return err
}

// check refuses an action that would change something other than what it was
// offered for.
func (a action) check(before, after []Entry) error {
	if a.state == "" || a.state == stateOf(before) || stateOf(before) == stateOf(after) {
		return nil
	}
	return errChanged
}

// stateOf stands for the entries under a key as they are.
func stateOf(entries []Entry) string {
	if len(entries) == 0 {
		return "none"
	}
	raw, _ := json.Marshal(entries) // what came from JSON can be written as JSON
	sum := sha256.Sum256(raw)
	return hex.EncodeToString(sum[:8])
}
