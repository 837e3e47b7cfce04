package misp

import (
	"context"
	"fmt"

	"github.com/serverless-relay/relay/providers/misp/internal/client"
	"github.com/serverless-relay/relay/shared/ctim"
	"github.com/serverless-relay/relay/shared/misp"
	"github.com/serverless-relay/relay/shared/relay"
)

// The ids of the actions. A platform may keep them: they don't change.
const (
	addSighting      = "misp-add-sighting"
	addFalsePositive = "misp-add-false-positive"
	addExpiration    = "misp-add-expiration"
)

// sightingTypes are what the actions add.
func sightingTypes() map[string]misp.SightingType {
	return map[string]misp.SightingType{addSighting: misp.Seen, addFalsePositive: misp.FalsePositive, addExpiration: misp.Expiration}
}

// enough is how many events are looked at to offer an action.
const enough = 10

// Actions implements relay.Responder. MISP takes sightings of what it has, so
// there are none for anything else.
func (s *session) Actions(ctx context.Context, o ctim.Observable) ([]relay.Action, error) {
	found, err := s.find(ctx, o, enough, true)
	if err != nil || len(found.findings) == 0 {
		return nil, err
	}
	where := fmt.Sprintf("It is in %d events there.", len(found.findings))
	switch {
	case len(found.findings) == 1:
		where = "It is in 1 event there."
	case len(found.findings) == enough:
		where = "It is in several events there."
	}
	state := s.stateOf(found.findings)
	offer := func(id, title, what string) relay.Action {
		return relay.Action{
			ID:          id,
			Title:       title,
			Description: fmt.Sprintf("Tell %s that this %s %s. %s", client.Title, o.Type.Noun(), what, where),
			Categories:  []string{client.Title},
			Params:      map[string]string{stateParam: state},
		}
	}
	return []relay.Action{
		offer(addSighting, "Add a sighting", "was seen"),
		offer(addFalsePositive, "Report a false positive", "is harmless"),
		offer(addExpiration, "Let it expire", "is no longer valid, from now on"),
	}, nil
}
