package misp

import (
	"context"
	"errors"

	"github.com/serverless-relay/relay/providers/misp/internal/client"
	"github.com/serverless-relay/relay/shared/ctim"
	"github.com/serverless-relay/relay/shared/misp"
	"github.com/serverless-relay/relay/shared/relay"
	"github.com/serverless-relay/relay/shared/upstream"
)

// found is what a search found.
type found struct {
	findings []finding
	// left says why there may be more, and is empty where there isn't.
	left string
}

// warning tells the platform that there is more, and is nil where there isn't.
func (f found) warning() error {
	if f.left == "" {
		return nil
	}
	warning := relay.Errorf(relay.CodeInvalidArgument, "%s", f.left)
	warning.Type = relay.Warning
	return warning
}

// find finds the events in which an observable is: at most limit, those that
// changed last. A value that can't be one of its type is in none. fresh wants
// what MISP says now, and no kept answer.
func (s *session) find(ctx context.Context, o ctim.Observable, limit int, fresh bool) (found, error) {
	wanted, err := newTarget(o)
	if err != nil {
		return found{}, nil
	}
	search := client.Search{
		Values: wanted.spellings(),
		Limit:  limit,
		Keep:   func(a misp.Attribute) bool { return ofTheEvent(a) || s.counts(wanted, a) },
		Fresh:  fresh,
	}
	events, err := s.client.Search(ctx, search)
	for errors.Is(err, upstream.ErrTooLarge) && search.Limit > 1 {
		search.Limit = max(1, search.Limit/10)
		events, err = s.client.Search(ctx, search)
	}
	if err != nil {
		return found{}, err
	}
	var out found
	switch {
	case len(events) < search.Limit:
	case search.Limit < limit:
		out.left = "The events with this value are too large to be read all: this is from those that changed last. MISP has them all."
	case limit < s.limit:
		out.left = "An answer can't hold all the events: this is from those of each observable that changed last. Ask about fewer observables at once."
	}
	for i := range events {
		f := finding{event: &events[i], target: wanted, page: s.eventPage(&events[i]), now: s.now}
		for _, a := range f.event.Attributes {
			if part, ok := wanted.in(a); ok && s.counts(wanted, a) {
				f.matches = append(f.matches, match{a, part})
			}
		}
		if len(f.matches) > 0 {
			out.findings = append(out.findings, f)
		}
	}
	return out, nil
}

// counts says whether an attribute is one that the observable is in.
func (s *session) counts(wanted target, a misp.Attribute) bool {
	if bool(a.Deleted) || s.provider.settings.ToIDsOnly && !bool(a.ToIDs) {
		return false
	}
	part, ok := wanted.in(a)
	return ok && !(s.provider.settings.ToIDsOnly && part.Weak)
}

// ofTheEvent says whether an attribute tells something about the event as a
// whole.
func ofTheEvent(a misp.Attribute) bool { return a.Type == "link" || a.Type == "vulnerability" }
