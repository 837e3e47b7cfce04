package check

import (
	"context"
	"fmt"
	"slices"

	"github.com/serverless-relay/relay/shared/ctim"
	"github.com/serverless-relay/relay/shared/relay"
)

const (
	actionsPath = "/respond/observables"
	triggerPath = "/respond/trigger"
)

// noAction is the id of an action that no relay has.
const noAction = "relay-check-no-such-action"

// trigger checks that a relay refuses actions that don't exist, and runs those that
// the options name.
func (r *runner) trigger(ctx context.Context) {
	noEffect := form(noAction, r.Observables[0])
	if !r.isServed(ctx, triggerPath, encode(noEffect)) {
		return
	}
	r.refusesBodies(ctx, triggerPath, badForms(form(noAction, ctim.Observable{Type: ctim.TypeIP, Value: "192.0.2.1"})))
	r.refusesActions(ctx, noEffect)
	for _, id := range r.Trigger {
		r.runAction(ctx, id)
	}
}

// form returns the body that runs an action.
func form(action string, o ctim.Observable) map[string]any {
	return map[string]any{"action-id": action, "observable_type": string(o.Type), "observable_value": o.Value}
}

// refusesActions checks that a relay refuses an action that doesn't exist. A relay
// may check the type of the observable first, so one is used that it supports. If it
// seems to support none, another response is only a warning.
func (r *runner) refusesActions(ctx context.Context, body map[string]any) {
	unsupported := refused(relay.CodeInvalidArgument, exactly(relay.ErrUnsupportedAction.Message))
	if !r.knows {
		unsupported = unsupported.optional()
	}
	for _, o := range r.Observables {
		supported := form(noAction, o)
		a := r.send(ctx, r.authorized(triggerPath, encode(supported)))
		if found := a.errors(); len(found) > 0 && found[0].Message == relay.ErrUnsupportedAction.Message {
			body = supported
			break
		}
	}
	r.check(ctx, "an unknown action", r.authorized(triggerPath, encode(body)), unsupported)
	r.check(ctx, "with a slash at the end", r.authorized(triggerPath+"/", encode(body)), unsupported)
	body["relay-check"] = "x"
	r.check(ctx, "with an additional field", r.authorized(triggerPath, encode(body)), unsupported)
}

// runAction runs an action for every observable for which it is offered, and then
// again: the platform may send a trigger twice.
func (r *runner) runAction(ctx context.Context, id string) {
	success := answeredStatus(triggerPath, "success")
	name := "run the action " + id
	offered := r.offers(ctx, id)
	for _, body := range offered {
		r.check(ctx, name, r.timed(triggerPath, body), success)
		r.check(ctx, name+" again", r.timed(triggerPath, body), success)
	}
	if len(offered) == 0 {
		r.report.Results = append(r.report.Results, Result{
			Route: triggerPath, Check: name, Status: Failed, Sent: "nothing", Expected: "the action among those of " + actionsPath,
			Got: "it is offered for none of the observables",
		})
	}
}

// offers returns the bodies that run an action, one for each observable for which it
// is offered.
func (r *runner) offers(ctx context.Context, id string) (bodies []string) {
	for _, o := range r.Observables {
		actions := objects(r.send(ctx, r.authorized(actionsPath, encode([]any{o}))).data())
		i := slices.IndexFunc(actions, func(action map[string]any) bool { return action["id"] == id })
		if i < 0 {
			continue
		}
		body := form(id, o)
		params, _ := actions[i]["query-params"].(map[string]any)
		for name, value := range params {
			body[name] = fmt.Sprint(value)
		}
		bodies = append(bodies, encode(body))
	}
	return bodies
}
