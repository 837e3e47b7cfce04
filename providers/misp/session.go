package misp

import (
	"context"
	"time"

	"github.com/serverless-relay/relay/providers/misp/internal/client"
	"github.com/serverless-relay/relay/shared/ctim"
	"github.com/serverless-relay/relay/shared/relay"
)

// session answers one request.
type session struct {
	service *service
	client  *client.Client
	// caller identifies the key and server, without revealing them.
	caller  string
	batches map[ctim.Observable]*batch
	// limit is how many events of an observable the caller needs. share is how many
	// the response to all observables has room for.
	limit, share int
	now          time.Time
}

var (
	_ relay.HealthChecker = (*session)(nil)
	_ relay.Deliberator   = (*session)(nil)
	_ relay.Observer      = (*session)(nil)
	_ relay.Referrer      = (*session)(nil)
	_ relay.Responder     = (*session)(nil)
)

// Health implements relay.HealthChecker.
func (s *session) Health(ctx context.Context) (relay.Quotas, error) {
	_, err := s.client.Version(ctx)
	return nil, err
}

// Deliberate implements relay.Deliberator. All events decide.
func (s *session) Deliberate(ctx context.Context, o ctim.Observable) ([]ctim.Judgement, error) {
	found, err := s.find(ctx, o)
	if found == nil || err != nil {
		return nil, err
	}
	var judgements []ctim.Judgement
	for _, f := range newest(found.of(o), s.share) {
		judgements = append(judgements, f.judgement())
	}
	return judgements, found.warning(nil, 0)
}

// Observe implements relay.Observer. All events decide. The newest are returned.
func (s *session) Observe(ctx context.Context, o ctim.Observable) (ctim.Bundle, error) {
	found, err := s.find(ctx, o)
	if found == nil || err != nil {
		return ctim.Bundle{}, err
	}
	findings := found.of(o)
	if len(findings) == 0 {
		return ctim.Bundle{}, nil
	}
	undescribed := found.describe(ctx)
	var all ctim.Bundle
	for _, f := range newest(findings, s.share) {
		f.addTo(&all)
	}
	return all, found.warning(undescribed, min(len(findings), s.limit)-s.share)
}
