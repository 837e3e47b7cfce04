package server_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/serverless-relay/relay/shared/ctim"
	"github.com/serverless-relay/relay/shared/relay"
)

// responder offers to block addresses.
type responder struct {
	trigger func(context.Context, relay.Trigger) error
}

func (responder) Actions(_ context.Context, o ctim.Observable) ([]relay.Action, error) {
	switch o.Value {
	case "192.0.2.1":
		return nil, nil
	case "192.0.2.2":
		return nil, relay.Errorf(relay.CodeServiceUnavailable, "The firewall is down.")
	default:
		return []relay.Action{
			{ID: "block", Title: "Block", Description: "Block it", Categories: []string{"Firewall"}, Params: map[string]string{"until": "2026-12-01"}},
			{ID: "allow", Title: "Allow", Description: "Allow it"},
		}, nil
	}
}

func (r responder) Trigger(ctx context.Context, t relay.Trigger) error { return r.trigger(ctx, t) }

func TestActions(t *testing.T) {
	got := ask(t.Context(), t, newRelay(responder{}), "/respond/observables", ips(4))
	var answer struct{ Data []relay.Action }
	if err := json.Unmarshal(got.raw, &answer); err != nil {
		t.Fatal(err)
	}
	var want []relay.Action
	for _, value := range []string{"192.0.2.0", "192.0.2.3"} {
		params := map[string]string{"observable_type": "ip", "observable_value": value}
		want = append(want,
			relay.Action{ID: "block", Title: "Block", Description: "Block it", Categories: []string{"Firewall"},
				Params: map[string]string{"observable_type": "ip", "observable_value": value, "until": "2026-12-01"}},
			relay.Action{ID: "allow", Title: "Allow", Description: "Allow it", Params: params})
	}
	if diff := cmp.Diff(want, answer.Data); diff != "" {
		t.Error(diff)
	}
	if len(got.Errors) != 1 || got.Errors[0].Message != "The firewall is down. (192.0.2.2)" || got.Errors[0].Type != relay.Failed {
		t.Errorf("errors %+v", got.Errors)
	}
}

// The platform's schema requires a list.
func TestNoActionsAreAnEmptyList(t *testing.T) {
	for _, body := range []string{"[]", `[{"type":"ip","value":"192.0.2.1"}]`} {
		got := ask(t.Context(), t, newRelay(responder{}), "/respond/observables", body)
		if string(got.raw) != `{"data":[]}` {
			t.Errorf("%s: got %s", body, got.raw)
		}
	}
}

func TestTrigger(t *testing.T) {
	const form = `{"action-id":" block ","observable_type":"ip","observable_value":"192.0.2.7","until":"2026-12-01","days":30,"sure":true}`
	for _, tt := range []struct {
		name string
		err  error
		want string
	}{
		{"success", nil, `{"data":{"status":"success"}}`},
		{"nothing to do", fmt.Errorf("%w (seen)", relay.Warningf(relay.CodeInvalidArgument, "It is already blocked.")),
			`{"data":{"status":"success"},"errors":[{"type":"warning","code":"invalid argument","message":"It is already blocked."}]}`},
		{"unsupported", relay.ErrUnsupportedAction, `{"data":{"status":"failure"},"errors":[{"type":"fatal","code":"invalid argument","message":"Unsupported action."}]}`},
		{"down", relay.Errorf(relay.CodeServiceUnavailable, "The firewall is down."),
			`{"data":{"status":"failure"},"errors":[{"type":"fatal","code":"service unavailable","message":"The firewall is down."}]}`},
		{"unknown error", errors.New("dial tcp: " + secret),
			`{"data":{"status":"failure"},"errors":[{"type":"fatal","code":"unknown","message":"Something unexpected happened. The relay's log has the details."}]}`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var triggered relay.Trigger
			session := responder{func(_ context.Context, trigger relay.Trigger) error {
				triggered = trigger
				return tt.err
			}}
			got := ask(t.Context(), t, newRelay(session), "/respond/trigger", form)
			if string(got.raw) != tt.want {
				t.Errorf("got %s\nwant %s", got.raw, tt.want)
			}
			if triggered.ActionID != "block" || triggered.Observable != (ctim.Observable{Type: ctim.TypeIP, Value: "192.0.2.7"}) ||
				triggered.Params["until"] != "2026-12-01" || triggered.Params["days"] != "30" || triggered.Params["sure"] != "true" {
				t.Errorf("triggered %+v", triggered)
			}
		})
	}
}

func TestATriggerThatPanics(t *testing.T) {
	session := responder{func(context.Context, relay.Trigger) error { panic("oh no") }}
	got := ask(t.Context(), t, newRelay(session), "/respond/trigger", `{"action-id":"block","observable_type":"ip","observable_value":"192.0.2.7"}`)
	if !strings.HasPrefix(string(got.raw), `{"data":{"status":"failure"},"errors":[`) {
		t.Errorf("got %s", got.raw)
	}
}
