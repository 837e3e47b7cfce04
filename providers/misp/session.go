package misp

import (
	"context"
	"time"

	"github.com/serverless-relay/relay/providers/misp/internal/client"
	"github.com/serverless-relay/relay/shared/ctim"
	"github.com/serverless-relay/relay/shared/misp"
	"github.com/serverless-relay/relay/shared/relay"
)

// session answers one request.
type session struct {
	provider *Provider
	client   *client.Client
	caller   string
	// limit is how many events are wanted for an observable.
	limit int
	now   time.Time
}

var (
	_ relay.HealthChecker = (*session)(nil)
	_ relay.Deliberator   = (*session)(nil)
	_ relay.Observer      = (*session)(nil)
	_ relay.Referrer      = (*session)(nil)
	_ relay.Responder     = (*session)(nil)
)

// Health implements relay.HealthChecker.
func (s *session) Health(ctx context.Context) error {
	_, err := s.client.Version(ctx)
	return err
}

// Deliberate implements relay.Deliberator.
func (s *session) Deliberate(ctx context.Context, o ctim.Observable) (ctim.Verdict, bool, error) {
	findings, err := s.find(ctx, o, false)
	if err != nil {
		return ctim.Verdict{}, false, err
	}
	judgements := make([]ctim.Judgement, len(findings))
	for i, f := range findings {
		judgements[i] = f.judgement()
	}
	verdict, ok := ctim.Decide(o, judgements, s.now)
	return verdict, ok, nil
}

// Observe implements relay.Observer.
func (s *session) Observe(ctx context.Context, o ctim.Observable) (ctim.Bundle, error) {
	findings, err := s.find(ctx, o, false)
	if err != nil {
		return ctim.Bundle{}, err
	}
	var found ctim.Bundle
	for _, f := range findings {
		f.addTo(&found)
	}
	if verdict, ok := ctim.Decide(o, found.Judgements, s.now); ok {
		found.Verdicts = []ctim.Verdict{verdict}
	}
	return found, nil
}

// find finds the events in which an observable is. A value that can't be one of
// its type is in none. fresh wants what MISP says now, and no kept answer.
func (s *session) find(ctx context.Context, o ctim.Observable, fresh bool) ([]finding, error) {
	wanted, err := newTarget(o)
	if err != nil {
		return nil, nil
	}
	events, err := s.client.Search(ctx, client.Search{
		Values: wanted.spellings(),
		Limit:  s.limit,
		Keep:   func(a misp.Attribute) bool { return ofTheEvent(a) || s.counts(wanted, a) },
		Fresh:  fresh,
	})
	if err != nil {
		return nil, err
	}
	var findings []finding
	for i := range events {
		f := finding{event: &events[i], target: wanted, page: s.eventPage(&events[i]), now: s.now}
		for _, a := range f.event.Attributes {
			if part, ok := wanted.in(a); ok && s.counts(wanted, a) {
				f.matches = append(f.matches, match{a, part})
			}
		}
		if len(f.matches) > 0 {
			findings = append(findings, f)
		}
	}
	return findings, nil
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
