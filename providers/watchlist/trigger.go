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

	"github.com/serverless-relay/relay/providers/watchlist/entry"
	"github.com/serverless-relay/relay/shared/ctim"
	"github.com/serverless-relay/relay/shared/normalize"
	"github.com/serverless-relay/relay/shared/relay"
)

// The reasons for which a trigger is refused.
var (
	errChanged   = relay.Errorf(relay.CodeInvalidArgument, "This action no longer applies: the watchlist's entries for it have changed since it was offered. Open the menu again.")
	errNotListed = relay.Errorf(relay.CodeInvalidArgument, "This action no longer applies: there is nothing on the watchlist to extend. Open the menu again.")
	errNoState   = relay.Errorf(relay.CodeInvalidArgument, "%s is missing. Send the action's query-params as /respond/observables returned them.", stateParam)
	errNoUntil   = relay.Errorf(relay.CodeInvalidArgument, "%s is not a time such as 2026-12-31T00:00:00Z. Send the action's query-params as /respond/observables returned them.", untilParam)
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
	if t.Params[stateParam] == "" {
		return errNoState
	}
	a := action{store: s.store, now: s.now, who: s.who, on: o, state: t.Params[stateParam]}
	if t.ActionID != removeAction {
		if a.until, err = time.Parse(time.RFC3339, strings.TrimSpace(t.Params[untilParam])); err != nil {
			return errNoUntil
		}
		switch {
		case !a.until.After(s.now):
			return errPast
		case a.until.After(latestEnd()):
			return errNoUntil
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
	store entry.Store
	now   time.Time
	who   string
	on    ctim.Observable
	state string
	until time.Time
}

// mark adds the analyst's entry, or changes what it says.
func (a action) mark(ctx context.Context, disposition ctim.Disposition) error {
	what := "marked as " + strings.ToLower(disposition.String())
	return a.change(ctx, what, func(before []entry.Entry) ([]entry.Entry, error) {
		after, _ := entry.Place(before, []entry.Entry{marked(before, a.on, disposition, a.until)})
		return after, nil
	})
}

// extend moves the ends of those entries that have one and can be extended.
func (a action) extend(ctx context.Context) error {
	return a.change(ctx, "extended until "+day(a.until), func(before []entry.Entry) ([]entry.Entry, error) {
		after := slices.Clone(before)
		which := extensible(before, a.now)
		if len(which) == 0 {
			return nil, errNotListed
		}
		for _, i := range which {
			if after[i].ValidUntil.Before(a.until) {
				after[i].ValidUntil = a.until.UTC()
			}
		}
		return after, nil
	})
}

// remove takes all of the observable's own entries off the list, and first the
// other halves of groups, which can't be found without them.
func (a action) remove(ctx context.Context) error {
	by := entry.Note{Who: a.who, What: "removed"}
	found, err := a.store.Get(ctx, []entry.Key{entry.KeyOf(a.on)})
	if err != nil {
		return err
	}
	if a.check(found[0], nil) == nil {
		if _, err := entry.RemoveRest(ctx, a.store, found[0], by); err != nil {
			return err
		}
	}
	return a.change(ctx, by.What, func([]entry.Entry) ([]entry.Entry, error) { return nil, nil })
}

// change edits the observable's entries, if they are as they were when the
// action was offered, or as the action makes them.
func (a action) change(ctx context.Context, what string, edit func([]entry.Entry) ([]entry.Entry, error)) error {
	_, err := a.store.Change(ctx, entry.KeyOf(a.on), entry.Note{Who: a.who, What: what}, func(before []entry.Entry) ([]entry.Entry, error) {
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
func (a action) check(before, after []entry.Entry) error {
	if a.state == stateOf(before) || stateOf(before) == stateOf(after) {
		return nil
	}
	return errChanged
}

// stateOf stands for the entries under a key as they are.
func stateOf(entries []entry.Entry) string {
	if len(entries) == 0 {
		return "none"
	}
	raw, _ := json.Marshal(entries) // what came from JSON can be written as JSON
	sum := sha256.Sum256(raw)
	return hex.EncodeToString(sum[:8])
}
