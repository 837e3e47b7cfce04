package misp

import (
	"context"
	"strings"

	"github.com/serverless-relay/relay/providers/misp/internal/client"
	"github.com/serverless-relay/relay/shared/ctim"
	"github.com/serverless-relay/relay/shared/misp"
	"github.com/serverless-relay/relay/shared/relay"
)

// The reasons for which a trigger is refused.
var (
	errNotOffered = relay.Errorf(relay.CodeInvalidArgument,
		"%s is not that of an action. Send the action's query-params as /respond/observables gave them.", stateParam)
	errNotThere = relay.Errorf(relay.CodeNotFound,
		"%s has no attribute with this value that the key's user may see, so there is nothing to add to.", client.Title)
)

// Trigger implements relay.Responder. A trigger that was taken already succeeds
// again and changes nothing: see the package's comment for how, and its limits.
func (s *session) Trigger(ctx context.Context, t relay.Trigger) error {
	kind, ok := sightingTypes()[t.ActionID]
	if !ok {
		return relay.ErrUnsupportedAction
	}
	wanted, err := newTarget(t.Observable)
	if err != nil {
		return relay.Errorf(relay.CodeInvalidArgument, "This can't be the value of an observable of the type %s: %w.", t.Observable.Type, err)
	}
	state := strings.TrimSpace(t.Params[stateParam])
	if !isState(state) {
		return errNotOffered
	}
	added := client.NewSighting{
		Values: wanted.spellings(),
		Type:   kind,
		Source: "Cisco XDR " + state,
		Time:   s.now,
	}
	key := ctim.NewExternalID(s.caller, string(kind), string(wanted.normal.Type), wanted.normal.Value, added.Source)
	_, err, _ = s.provider.triggers.Do(key, func() (any, error) { return nil, s.addOnce(ctx, t.Observable, added) })
	return err
}

// addOnce adds a sighting unless it is there.
func (s *session) addOnce(ctx context.Context, o ctim.Observable, added client.NewSighting) error {
	found, err := s.find(ctx, o, s.limit, true)
	if err != nil {
		return err
	}
	if len(found.findings) == 0 {
		return errNotThere
	}
	for _, f := range found.findings {
		for _, m := range f.matches {
			if has(m.attribute, added) {
				return nil
			}
		}
	}
	return s.client.AddSighting(ctx, added)
}

// has says whether an attribute has a sighting already.
func has(a misp.Attribute, added client.NewSighting) bool {
	for _, s := range a.Sightings {
		if s.Type == added.Type && string(s.Source) == added.Source {
			return true
		}
	}
	return false
}
