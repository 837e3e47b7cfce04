package server

import (
	"context"
	"errors"
	"maps"
	"slices"

	"github.com/serverless-relay/relay/shared/ctim"
	"github.com/serverless-relay/relay/shared/relay"
	"github.com/serverless-relay/relay/shared/text"
	"github.com/serverless-relay/relay/shared/upstream"
)

// The fields of an action form.
const (
	actionIDField        = "action-id"
	observableTypeField  = "observable_type"
	observableValueField = "observable_value"
)

// triggerData is the data of /respond/trigger.
type triggerData struct {
	// Status is "success" or "failure".
	Status string `json:"status"`
}

// Respond returns the routes of the function "respond": the actions available for
// observables, and the one that runs an action. They depend on the present state, so they
// don't use cached responses.
func (s *Server) Respond() Routes {
	routes := perObservable(s, "/respond/observables",
		func(ctx context.Context, _ *request, session relay.Responder, o ctim.Observable) ([]relay.Action, error) {
			actions, err := session.Actions(upstream.Fresh(ctx), o)
			for i, a := range actions {
				params := map[string]string{observableTypeField: string(o.Type), observableValueField: o.Value}
				maps.Copy(params, a.Params)
				actions[i].Params = params
				actions[i].Title, actions[i].Description = ctim.Plain(a.Title), ctim.Plain(a.Description)
			}
			return actions, err
		},
		func(results [][]relay.Action) content { return list(slices.Concat(results...)) })
	routes["/respond/trigger"] = s.handle("/respond/trigger", func(ctx context.Context, req *request) (any, error) {
		t, err := req.readTrigger()
		if err != nil {
			return nil, err
		}
		err = req.run(ctx, t)
		var known *relay.Error
		if err == nil || errors.As(err, &known) && known.Type == relay.Warning {
			return triggerData{"success"}, err
		}
		return triggerData{"failure"}, err
	})
	return routes
}

// readTrigger reads an action form.
func (req *request) readTrigger() (relay.Trigger, error) {
	form, err := readForm(req.http, true, actionIDField, observableTypeField, observableValueField)
	if err != nil {
		return relay.Trigger{}, err
	}
	req.requested, req.observed = 1, []string{form[observableValueField]}
	return relay.Trigger{
		ActionID:   form[actionIDField],
		Observable: ctim.Observable{Type: ctim.ObservableType(form[observableTypeField]), Value: form[observableValueField]},
		Params:     form,
	}, nil
}

// run runs an action.
func (req *request) run(ctx context.Context, t relay.Trigger) error {
	if !req.supports(t.Observable.Type) {
		return relay.Errorf(relay.CodeInvalidArgument, "Unsupported observable type %s.", text.Shorten(string(t.Observable.Type), maxFieldName))
	}
	req.supported = 1
	if err := req.connect(ctx, []ctim.Observable{t.Observable}); err != nil {
		return err
	}
	responder, ok := req.session.(relay.Responder)
	if !ok {
		return relay.ErrUnsupportedAction
	}
	_, err := await(ctx, func(ctx context.Context) (struct{}, error) {
		return struct{}{}, responder.Trigger(upstream.Fresh(ctx), t)
	})
	return err
}
