package relay

import (
	"context"
	"maps"
	"slices"

	"github.com/serverless-relay/relay/shared/ctim"
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

// Respond are the routes of the function "respond": the actions that an
// analyst may take on an observable, and taking one.
func (r *Relay) Respond() Routes {
	return Routes{
		"/respond/observables": r.handle("/respond/observables", r.actions),
		"/respond/trigger":     r.handle("/respond/trigger", r.trigger),
	}
}

func (r *Relay) actions(ctx context.Context, req *request) []byte {
	observables, err := req.observables(ctx)
	if err != nil {
		return req.refuse(ctx, nil, err)
	}
	responder, ok := req.session.(Responder)
	if !ok {
		return envelope{Data: []Action{}}.marshal()
	}
	outcomes := fanOut(ctx, r.concurrency, observables, func(ctx context.Context, o ctim.Observable) ([]Action, error) {
		actions, err := responder.Actions(ctx, o)
		for i, a := range actions {
			params := map[string]string{observableTypeField: string(o.Type), observableValueField: o.Value}
			maps.Copy(params, a.Params)
			actions[i].Params = params
		}
		return actions, err
	})
	all := append([]Action{}, slices.Concat(values(ctx, req, observables, outcomes)...)...) // "data" is a list, if an empty one
	return fit(envelope{all, req.errors}, len(all), func(k int) any { return all[:k] })
}

func (r *Relay) trigger(ctx context.Context, req *request) []byte {
	t, err := req.readTrigger()
	if err != nil {
		return req.refuse(ctx, nil, err)
	}
	if err := req.take(ctx, t); err != nil {
		return req.refuse(ctx, triggerData{"failure"}, err)
	}
	return envelope{Data: triggerData{"success"}}.marshal()
}

// readTrigger authenticates and reads an action form.
func (req *request) readTrigger() (Trigger, error) {
	if err := req.authenticate(); err != nil {
		return Trigger{}, err
	}
	form, err := readForm(req.http, true, actionIDField, observableTypeField, observableValueField)
	if err != nil {
		return Trigger{}, err
	}
	req.asked = 1
	return Trigger{
		ActionID:   form[actionIDField],
		Observable: ctim.Observable{Type: ctim.ObservableType(form[observableTypeField]), Value: form[observableValueField]},
		Params:     form,
	}, nil
}

// take has the provider take the action.
func (req *request) take(ctx context.Context, t Trigger) error {
	if !slices.Contains(req.relay.declaration.ObservableTypes, t.Observable.Type) {
		return Errorf(CodeInvalidArgument, "Unsupported observable type %s.", shorten(string(t.Observable.Type), maxFieldName))
	}
	req.supported = 1
	if err := req.connect(ctx, []ctim.Observable{t.Observable}); err != nil {
		return err
	}
	responder, ok := req.session.(Responder)
	if !ok {
		return ErrUnsupportedAction
	}
	return await(ctx, func(ctx context.Context) error { return responder.Trigger(ctx, t) })
}
