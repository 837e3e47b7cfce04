package relay

import (
	"context"
	"errors"
)

// healthData is the data of /health.
type healthData struct {
	// Status is "ok", "error" or "unknown".
	Status string `json:"status"`
}

// Health are the routes of the function "health": whether the third party
// answers and accepts the caller's credentials. A provider without a check
// gives "unknown".
func (r *Relay) Health() Routes {
	return Routes{"/health": r.handle("/health", func(ctx context.Context, req *request) []byte {
		if err := req.authenticate(); err != nil {
			return req.refuse(ctx, nil, err)
		}
		if err := req.connect(ctx, nil); err != nil {
			return req.refuse(ctx, healthData{"error"}, err)
		}
		checker, ok := req.session.(HealthChecker)
		if !ok {
			return envelope{Data: healthData{"unknown"}}.marshal()
		}
		if err := await(ctx, checker.Health); err != nil {
			return req.refuse(ctx, healthData{"error"}, req.unhealthy(ctx, err))
		}
		return envelope{Data: healthData{"ok"}}.marshal()
	})}
}

// unhealthy gives an error that nobody gave a code the health check's own.
func (req *request) unhealthy(ctx context.Context, err error) error {
	var known *Error
	if errors.As(err, &known) || errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	req.explain(ctx, err)
	return Errorf(CodeHealthCheck, "The health check failed. The relay's log has the details.")
}
