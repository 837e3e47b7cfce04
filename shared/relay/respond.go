package relay

import "context"

// triggerData is the data of /respond/trigger.
type triggerData struct {
	// Status is "success" or "failure".
	Status string `json:"status"`
}

// Respond are the routes of the function "respond": the actions that an
// analyst may take on an observable, and taking one. No provider offers any
// yet, so the list is empty and every action is unsupported.
func (r *Relay) Respond() Routes {
	return Routes{
		"/respond/observables": r.handle("/respond/observables", func(ctx context.Context, req *request) []byte {
			if _, err := req.observables(ctx); err != nil {
				return req.refuse(ctx, nil, err)
			}
			return envelope{Data: []struct{}{}}.marshal()
		}),
		"/respond/trigger": r.handle("/respond/trigger", func(ctx context.Context, req *request) []byte {
			if err := req.authenticate(); err != nil {
				return req.refuse(ctx, nil, err)
			}
			if err := checkForm(req.http, true, "action-id", "observable_type", "observable_value"); err != nil {
				return req.refuse(ctx, nil, err)
			}
			return req.refuse(ctx, triggerData{"failure"}, Errorf(CodeInvalidArgument, "Unsupported action."))
		}),
	}
}
