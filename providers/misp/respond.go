package misp

import (
	"cmp"
	"context"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/sync/errgroup"

	"github.com/serverless-relay/relay/shared/ctim"
	"github.com/serverless-relay/relay/shared/lenient"
	"github.com/serverless-relay/relay/shared/mispevent"
	"github.com/serverless-relay/relay/shared/relay"
	"github.com/serverless-relay/relay/shared/upstream"
)

// The ids of the actions. The platform may store them: don't change them.
const (
	addSighting      = "misp-add-sighting"
	addFalsePositive = "misp-add-false-positive"
	addExpiration    = "misp-add-expiration"
)

// sightingTypes are the types of the sightings that the actions add.
var sightingTypes = map[string]mispevent.SightingType{
	addSighting: mispevent.Seen, addFalsePositive: mispevent.FalsePositive, addExpiration: mispevent.Expiration,
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
	found, err := s.findAlone(ctx, o)
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
	offer := func(id, label, what string) relay.Action {
		return relay.Action{
			ID:          id,
			Title:       label,
			Description: fmt.Sprintf("Record in %s that this %s %s. %s", title, o.Type.Noun(), what, where),
			Categories:  []string{title},
			Params:      map[string]string{stateParam: state},
		}
	}
	return []relay.Action{
		offer(addSighting, "Add a sighting in "+title, "was seen just now"),
		offer(addFalsePositive, "Report a false positive to "+title, "is harmless"),
		offer(addExpiration, "Expire it in "+title, "is no threat from now on"),
	}, nil
}

// Errors of triggers.
var (
	errNotOffered = relay.Errorf(relay.CodeInvalidArgument,
		"The parameter %s is missing or invalid. Send the action's query-params as /respond/observables returned them.", stateParam)
	errNotThere = relay.Errorf(relay.CodeNotFound,
		"%s has no attribute with this value that the key's user may see, so no sighting was added.", title)
)

// Trigger implements relay.Responder. MISP doesn't detect repeats. So an action contains
// a hash of the sightings when it was offered, and of the caller. The hash is part of the
// new sighting's source, and an attribute with a sighting of that type and source gets no
// other. Adding it changes the hash, so the next offer is another action.
//
// This has limits. Two relays that receive the same trigger concurrently may both add the
// sighting. If two people with one key open the menu before either acts, they add one
// sighting together. An expiration replaces the organisation's previous one, so a repeat
// of the previous one isn't noticed.
func (s *session) Trigger(ctx context.Context, t relay.Trigger) error {
	kind, ok := sightingTypes[t.ActionID]
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
	_, err, _ = s.triggers.Do(key, func() (any, error) { return nil, s.add(ctx, t.Observable, kind, state) })
	return err
}

// add adds a sighting to each attribute with the observable that doesn't have it.
func (s *session) add(ctx context.Context, o ctim.Observable, kind mispevent.SightingType, state string) error {
	found, err := s.findAlone(ctx, o)
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
		added := sighting{kind, m.source(state)}
		if m.has(added) || failed.Err() != nil {
			continue
		}
		// A call in progress is not cancelled when another fails: MISP might complete
		// it after a repeated trigger has read the sightings.
		group.Go(func() error { return s.post(ctx, string(m.attribute.UUID), added) })
	}
	return group.Wait()
}

// sighting is a sighting to add. MISP allows 255 characters for the source.
type sighting struct {
	kind   mispevent.SightingType
	source string
}

// has reports whether the attribute has a sighting of this type and source.
func (m match) has(added sighting) bool {
	return slices.ContainsFunc(m.attribute.Sightings, func(s mispevent.Sighting) bool {
		return s.Type == added.kind && string(s.Source) == added.source
	})
}

// sourceProduct starts the source of sightings that the relay adds.
const sourceProduct = "Cisco XDR "

// source returns the source of a sighting to add. MISP can only add one to a whole
// attribute, so the source names the half: "Cisco XDR 0123456789abcdef (domain)".
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

// post adds a sighting to the attribute with this UUID, and to no other.
// (MISP can also add one by value, but then takes the value for a pattern and
// compares it with both halves of composites.) The call is never retried, because that
// would add a second sighting.
func (s *session) post(ctx context.Context, attributeUUID string, added sighting) error {
	// MISP compares the type as a string.
	body := object{"id": attributeUUID, "type": added.kind, "source": added.source, "timestamp": strconv.FormatInt(s.Time.Unix(), 10)}
	// MISP reads the UUID from the body or from the path. Proxies and servers that
	// imitate MISP may know only the documented path.
	var answer addedSighting
	for _, path := range []string{"/sightings/add", "/sightings/add/" + url.PathEscape(attributeUUID)} {
		answer = addedSighting{}
		if err := do(ctx, s.Call().Caller, upstream.Request{Method: http.MethodPost, Path: path, Body: body}, &answer); err != nil {
			return err
		}
		if answer.refusal == "" {
			return nil
		}
	}
	return fmt.Errorf("%w (%s)", relay.Errorf(relay.CodeInvalidArgument,
		"%s did not add the sighting. Check that the attribute still exists and that the key's user may see it.", title), answer.refusal)
}

// addedSighting is the response. If MISP added nothing, the status is 200 too, and
// refusal is the reason.
type addedSighting struct{ refusal string }

// UnmarshalJSON implements json.Unmarshaler.
func (a *addedSighting) UnmarshalJSON(raw []byte) error {
	var answer struct {
		Sighting json.RawMessage `json:"Sighting"`
		ID       lenient.Text    `json:"id"`
		Saved    lenient.Flag    `json:"saved"`
		Name     lenient.Text    `json:"name"`
		Message  lenient.Text    `json:"message"`
	}
	if err := json.Unmarshal(raw, &answer); err != nil {
		return err
	}
	isAdded := strings.HasPrefix(string(answer.Message), "Sighting added") // older servers say no more
	if answer.Sighting == nil && answer.ID == "" && !bool(answer.Saved) && !isAdded {
		a.refusal = string(cmp.Or(answer.Message, answer.Name, "no reason given"))
	}
	return nil
}
