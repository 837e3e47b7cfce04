package check

import (
	"context"
	"fmt"
	"slices"

	"github.com/serverless-relay/relay/shared/ctim/rules"
	"github.com/serverless-relay/relay/shared/relay"
)

const (
	actionsPath = "/respond/observables"
	triggerPath = "/respond/trigger"
)

// actions checks what an analyst is offered to do.
func (r *runner) actions(ctx context.Context, wrong []wrongToken) {
	r.observablesRoute(ctx, wrong, observablesRoute{
		path:     actionsPath,
		expected: "actions, or an empty list",
		names:    listNames("id", "query-params"),
	})
}

// noAction is an action that no relay has.
const noAction = "relay-check-no-such-action"

// trigger checks that actions are refused which can't be taken, and takes those
// that the options name.
func (r *runner) trigger(ctx context.Context, wrong []wrongToken) {
	harmless := encode(form(noAction, r.Observables[0].Value, string(r.Observables[0].Type)))
	if !r.served(ctx, triggerPath, harmless) {
		return
	}
	r.refuses(ctx, triggerPath, harmless, wrong)
	r.refusesFirst(ctx, triggerPath)
	r.refusesForms(ctx, triggerPath, badForms())
	r.refusesActions(ctx, harmless)
	for _, id := range r.Trigger {
		r.take(ctx, id)
	}
}

// form is the body that takes an action.
func form(action, value, kind string) map[string]any {
	return map[string]any{"action-id": action, "observable_type": kind, "observable_value": value}
}

// badForms are bodies that take no action because a field is not as it must be.
func badForms() []badBody {
	return []badBody{
		{"no body", "", complaining("Invalid input type.")},
		{"a list for a form", "[]", complaining("Invalid input type.")},
		{"no action-id", `{"observable_type": "ip", "observable_value": "192.0.2.1"}`, complaining("Missing data for required field.", "action-id")},
		{"no observable_type", `{"action-id": "` + noAction + `", "observable_value": "192.0.2.1"}`, complaining("Missing data for required field.", "observable_type")},
		{"an empty observable_value", encode(form(noAction, "", "ip")), complaining("Field may not be blank.", "observable_value")},
		{"a number for an action-id", `{"action-id": 7, "observable_type": "ip", "observable_value": "192.0.2.1"}`, complaining("Not a valid string.", "action-id")},
	}
}

// refusesActions checks that an action which isn't there is refused. A relay
// may look at the observable's type first, so one that it knows is looked for;
// where it seems to know none, another message is only a warning.
func (r *runner) refusesActions(ctx context.Context, harmless string) {
	unsupported := refused(relay.CodeInvalidArgument, exactly(relay.ErrUnsupportedAction.Message))
	if !r.knowing {
		unsupported = unsupported.warnOnly()
	}
	for _, o := range r.Observables {
		body := encode(form(noAction, o.Value, string(o.Type)))
		a := r.ask(ctx, r.good(triggerPath, body))
		if found := a.errors(); len(found) > 0 && found[0].Message == relay.ErrUnsupportedAction.Message {
			harmless = body
			break
		}
	}
	r.check(ctx, "no such action", r.good(triggerPath, harmless), unsupported)
	r.check(ctx, "with a slash at the end", r.good(triggerPath+"/", harmless), unsupported)
	further := harmless[:len(harmless)-1] + `,"relay-check":"x"}`
	r.check(ctx, "further fields", r.good(triggerPath, further), unsupported)
}

// take takes an action for every observable for which it is offered, and takes
// it again: the platform may send a trigger twice.
func (r *runner) take(ctx context.Context, id string) {
	taken := answered(`{"data": {"status": "success"}}`, valid(triggerPath), succeeded)
	offered := r.offers(ctx, id)
	for _, body := range offered {
		r.check(ctx, "take the action "+id, r.real(triggerPath, body), taken)
		r.check(ctx, "take the action "+id+" again", r.real(triggerPath, body), taken)
	}
	if len(offered) == 0 {
		r.report.Results = append(r.report.Results, Result{
			Route: triggerPath, Check: "take the action " + id, Status: Failed, Sent: "nothing", Expected: "an offer at " + actionsPath,
			Got: "it is not offered for any of the observables",
		})
	}
}

// succeeded finds the data of an action that was not taken.
func succeeded(data any) []rules.Problem {
	if status := data.(map[string]any)["status"]; status != "success" {
		return problem("data.status", `must be "success", is %q`, status)
	}
	return nil
}

// offers are the bodies that take an action where it is offered, one for each
// observable.
func (r *runner) offers(ctx context.Context, id string) (bodies []string) {
	for _, o := range r.Observables {
		a := r.ask(ctx, r.good(actionsPath, encode([]any{o})))
		list, _ := a.data().([]any)
		actions := objects(list)
		i := slices.IndexFunc(actions, func(action map[string]any) bool { return action["id"] == id })
		if i < 0 {
			continue
		}
		body := form(id, o.Value, string(o.Type))
		params, _ := actions[i]["query-params"].(map[string]any)
		for name, value := range params {
			body[name] = fmt.Sprint(value)
		}
		bodies = append(bodies, encode(body))
	}
	return bodies
}
