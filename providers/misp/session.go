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
	provider *service
	client   *client.Client
	caller   string
	// limit is how many events are wanted for an observable. share is how many
	// of them an answer has room for, about as many observables as there are.
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

// Deliberate implements relay.Deliberator.
func (s *session) Deliberate(ctx context.Context, o ctim.Observable) ([]ctim.Judgement, error) {
	found, err := s.find(ctx, o, s.limit, false)
	if err != nil {
		return nil, err
	}
	judgements := make([]ctim.Judgement, len(found.findings))
	for i, f := range found.findings {
		judgements[i] = f.judgement()
	}
	return judgements, found.warning()
}

// Observe implements relay.Observer.
func (s *session) Observe(ctx context.Context, o ctim.Observable) (ctim.Bundle, error) {
	found, err := s.find(ctx, o, s.share, false)
	if err != nil {
		return ctim.Bundle{}, err
	}
	var all ctim.Bundle
	for _, f := range found.findings {
		f.addTo(&all)
	}
	return all, found.warning()
}
