package server

import (
	"context"
	"errors"

	"github.com/serverless-relay/relay/shared/relay"
	"github.com/serverless-relay/relay/shared/upstream"
)

// healthData is the data of /health.
type healthData struct {
	// Status is "ok", "error" or "unknown".
	Status string       `json:"status"`
	Quotas relay.Quotas `json:"quotas,omitempty"`
}

// Health returns the route of the function "health". It checks that the third party
// responds and accepts the caller's credentials, and returns the caller's quotas if
// they are known. It doesn't use cached responses. The status of a provider without a
// check is "unknown".
func (s *Server) Health() Routes {
	return Routes{"/health": s.handle("/health", func(ctx context.Context, req *request) (any, error) {
		if err := req.connect(ctx, nil); err != nil {
			return healthData{Status: "error"}, err
		}
		checker, ok := req.session.(relay.HealthChecker)
		if !ok {
			return healthData{Status: "unknown"}, nil
		}
		quotas, err := await(upstream.Fresh(ctx), checker.Health)
		if err != nil {
			return healthData{"error", quotas}, req.unhealthy(ctx, err)
		}
		return healthData{"ok", quotas}, nil
	})}
}

// unhealthy returns a relay.Error with CodeHealthCheck for errors without a code.
func (req *request) unhealthy(ctx context.Context, err error) error {
	var known *relay.Error
	if errors.As(err, &known) || errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	req.explain(ctx, err)
	return relay.Errorf(relay.CodeHealthCheck, "The health check failed. The relay's log has the details.")
}
