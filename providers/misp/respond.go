package misp

import (
	"cmp"
	"context"
	"encoding/hex"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/sync/errgroup"

	"github.com/serverless-relay/relay/providers/misp/internal/client"
	"github.com/serverless-relay/relay/shared/ctim"
	"github.com/serverless-relay/relay/shared/mispevent"
	"github.com/serverless-relay/relay/shared/relay"
)

// The ids of the actions. The platform may store them: don't change them.
const (
	addSighting      = "misp-add-sighting"
	addFalsePositive = "misp-add-false-positive"
	addExpiration    = "misp-add-expiration"
)

// sightingType returns the type of sighting that an action adds.
func sightingType(actionID string) (t mispevent.SightingType, ok bool) {
	switch actionID {
	case addSighting:
		return mispevent.Seen, true
	case addFalsePositive:
		return mispevent.FalsePositive, true
	case addExpiration:
		return mispevent.Expiration, true
	default:
		return "", false
	}
}

// stateParam is the actions' parameter: a hash of the sightings at the time of the
// offer, in stateLength hexadecimal digits. It distinguishes an action from later ones
// of its kind, so that repeating one has no effect.
const (
	stateParam  = "misp-state"
	stateLength = 16
)

// maxAdditions is how many attributes an action adds to. Each needs a call.
const maxAdditions = 100

// additionConcurrency is how many of these calls are concurrent.
const additionConcurrency = 5

// additions returns the attributes that an action adds to: those with the
// observable, in the newest events. more is how many there are beyond.
func additions(findings []finding) (to []match, more int) {
	for _, f := range findings {
		for _, m := range f.matches {
			if m.attribute.UUID != "" {
				to = append(to, m)
			}
		}
	}
	kept := to[:min(len(to), maxAdditions)]
	return kept, len(to) - len(kept)
}

// Actions implements relay.Responder. MISP only takes sightings of values that it
// has, so there are no actions on others.
func (s *session) Actions(ctx context.Context, o ctim.Observable) ([]relay.Action, error) {
	found, err := s.findAlone(ctx, o, true)
	if err != nil {
		return nil, err
	}
	findings := found.of(o)
	to, more := additions(findings)
	if len(to) == 0 {
		return nil, nil
	}
	where := fmt.Sprintf("It is in %d events.", len(findings))
	switch {
	case more > 0:
		where = fmt.Sprintf("Only the newest %d of its %d attributes are changed.", len(to), len(to)+more)
	case len(findings) == 1:
		where = fmt.Sprintf("It is in the event '%s'.", findings[0].name())
	}
	state := s.stateOf(to)
	offer := func(id, title, what string) relay.Action {
		return relay.Action{
			ID:          id,
			Title:       title,
			Description: fmt.Sprintf("Record in %s that this %s %s. %s", client.Title, o.Type.Noun(), what, where),
			Categories:  []string{client.Title},
			Params:      map[string]string{stateParam: state},
		}
	}
	return []relay.Action{
		offer(addSighting, "Add a sighting in "+client.Title, "was seen just now"),
		offer(addFalsePositive, "Report a false positive to "+client.Title, "is harmless"),
		offer(addExpiration, "Expire it in "+client.Title, "is no threat from now on"),
	}, nil
}

// Errors of triggers.
var (
	errNotOffered = relay.Errorf(relay.CodeInvalidArgument,
		"%s is not that of an offered action. Send the action's query-params as /respond/observables returned them.", stateParam)
	errNotThere = relay.Errorf(relay.CodeNotFound,
		"%s has no attribute with this value that the key's user may see, so no sighting was added.", client.Title)
)

// Trigger implements relay.Responder. Repeating an action has no effect: see the
// package's comment for how, and for the limits.
func (s *session) Trigger(ctx context.Context, t relay.Trigger) error {
	kind, ok := sightingType(t.ActionID)
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
	key := ctim.NewExternalID(s.caller, string(kind), string(wanted.normal.Type), wanted.normal.Value, state)
	_, err, _ = s.service.triggers.Do(key, func() (any, error) { return nil, s.add(ctx, t.Observable, kind, state) })
	return err
}

// add adds a sighting to each attribute with the observable that doesn't have it.
func (s *session) add(ctx context.Context, o ctim.Observable, kind mispevent.SightingType, state string) error {
	found, err := s.findAlone(ctx, o, true)
	if err != nil {
		return err
	}
	to, _ := additions(found.of(o))
	if len(to) == 0 {
		return errNotThere
	}
	group, failed := errgroup.WithContext(ctx)
	group.SetLimit(additionConcurrency)
	for _, m := range to {
		added := client.NewSighting{Type: kind, Source: m.source(state), Time: s.now}
		if m.has(added) || failed.Err() != nil {
			continue
		}
		// A call in progress is not cancelled when another fails: MISP might complete
		// it after a repeated trigger has read the sightings.
		group.Go(func() error { return s.client.AddSighting(ctx, string(m.attribute.UUID), added) })
	}
	return group.Wait()
}

// has reports whether the attribute has a sighting of this type and source.
func (m match) has(added client.NewSighting) bool {
	return slices.ContainsFunc(m.attribute.Sightings, func(s mispevent.Sighting) bool {
		return s.Type == added.Type && string(s.Source) == added.Source
	})
}

// sourceProduct starts the source of sightings that the relay adds.
const sourceProduct = "Cisco XDR "

// source returns the source of a sighting to add. MISP can only add one to a whole
// attribute, so that of a half names it: "Cisco XDR 0123456789abcdef (domain)".
func (m match) source(state string) string {
	source := sourceProduct + state
	if m.isHalf() {
		source += " (" + string(class(m.part.Observable.Type)) + ")"
	}
	return source
}

// sourceHalf returns the half that a source names, or "".
func sourceHalf(source string) ctim.ObservableType {
	rest, ours := strings.CutPrefix(source, sourceProduct)
	_, half, named := strings.Cut(rest, " (")
	half, closed := strings.CutSuffix(half, ")")
	if !ours || !named || !closed {
		return ""
	}
	return ctim.ObservableType(half)
}

// stateOf returns the hash of all sightings of the observable. It differs between
// callers.
func (s *session) stateOf(matches []match) string {
	var lines []string
	for _, m := range matches {
		for _, one := range m.sightings() {
			lines = append(lines, strings.Join([]string{
				string(m.attribute.UUID), string(one.Type), strconv.FormatInt(one.Date.Unix(), 10), string(one.Source), string(cmp.Or(one.OrgID, one.Org.Name)),
			}, "\x00"))
		}
	}
	slices.Sort(lines)
	hash := ctim.NewExternalID(externalIDPrefix, "state", append(lines, s.caller)...)
	return hash[len(hash)-stateLength:]
}

// isState reports whether a text has the form of a state.
func isState(text string) bool {
	_, err := hex.DecodeString(text)
	return err == nil && len(text) == stateLength
}
