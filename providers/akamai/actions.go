package akamai

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"

	"github.com/serverless-relay/relay/shared/ctim"
	"github.com/serverless-relay/relay/shared/relay"
	"github.com/serverless-relay/relay/shared/upstream"
)

const (
	addAction, removeAction = "akamai-add-to-network-list", "akamai-remove-from-network-list"
	// activateAction is followed by the environment.
	activateAction      = "akamai-activate-network-list-in-"
	staging, production = "staging", "production"
	// listParam is the list's id, versionParam its version when the action was offered.
	listParam, versionParam = "network_list_id", "sync_point"
)

// Actions implements relay.Responder. The activation of a list that was never active is
// offered only for addresses in the list. That of a changed list is offered for all
// addresses, because one may have been removed.
func (s *session) Actions(ctx context.Context, o ctim.Observable) ([]relay.Action, error) {
	a, ok := address(o)
	if !ok {
		return nil, nil
	}
	lists, err := s.load(ctx)
	var actions []relay.Action
	for _, n := range lists {
		offer := func(id, title, what string) {
			actions = append(actions, relay.Action{
				ID: id, Title: fmt.Sprintf(title, cmp.Or(n.Name, n.ID)), Categories: []string{"Akamai"},
				Description: fmt.Sprintf("%s State in staging: %s, in production: %s.", what, cmp.Or(n.status(staging), "unknown"), cmp.Or(n.status(production), "unknown")),
				Params:      map[string]string{listParam: string(n.ID), versionParam: string(n.Version)},
			})
		}
		m := n.Elements.found[a]
		switch {
		case m.alone != "":
			offer(removeAction, "Remove from the Akamai network list %s", "Remove this IP address. It takes effect when the list is activated.")
		case m.around == "":
			offer(addAction, "Add to the Akamai network list %s", "Add this IP address. It takes effect when the list is activated.")
		}
		for _, environment := range []string{staging, production} {
			status := n.status(environment)
			if status == "modified" || m != (membership{}) && (status == "inactive" || status == "failed") {
				offer(activateAction+environment, "Activate the Akamai network list %s in "+environment, "Activate all of the list as it is now, with everybody's changes.")
			}
		}
	}
	slices.SortStableFunc(actions, func(a, b relay.Action) int { return cmp.Compare(a.Title, b.Title) })
	return actions, err
}

var errChanged = relay.Errorf(relay.CodeInvalidArgument,
	"The network list has changed since this action was offered. Nothing was changed now. Look the observable up again to see what applies.")

// Trigger implements relay.Responder. It reads the list first. If the list already is as
// requested, the error is a warning, and nothing is sent.
func (s *session) Trigger(ctx context.Context, t relay.Trigger) error {
	environment, activate := strings.CutPrefix(t.ActionID, activateAction)
	if t.ActionID != addAction && t.ActionID != removeAction && !(activate && (environment == staging || environment == production)) {
		return relay.ErrUnsupportedAction
	}
	a, ok := address(t.Observable)
	if !ok {
		return relay.Errorf(relay.CodeInvalidArgument, "Akamai's network lists are for public IP addresses. This value isn't one.")
	}
	n, err := s.list(ctx, strings.TrimSpace(t.Params[listParam]), a)
	if err != nil {
		return err
	}
	m := n.Elements.found[a]
	r, part, done := upstream.Request{}, "/elements", ""
	switch {
	case activate:
		if status := n.status(environment); status == "active" || status == "pending activation" {
			done = "Its state in " + environment + " is " + status + " already."
		}
		r.Method, r.Body = http.MethodPost, map[string]string{"comments": "Activated from Cisco XDR"}
		part = "/environments/" + strings.ToUpper(environment) + "/activate"
	case t.ActionID == addAction:
		if m != (membership{}) {
			done = "It contains the address already, as " + cmp.Or(m.alone, m.around) + "."
		}
		r.Method, r.Query = http.MethodPut, url.Values{"element": {a.String()}}
	case m.alone == "" && m.around != "":
		return relay.Errorf(relay.CodeInvalidArgument,
			"The network list contains the address as a part of %s. Nothing was changed. Remove that network in Akamai Control Center if you mean all of it.", m.around)
	default:
		if m.alone == "" {
			done = "It doesn't contain the address."
		}
		r.Method, r.Query = http.MethodDelete, url.Values{"element": {m.alone}}
	}
	if done != "" {
		return relay.Warningf(relay.CodeInvalidArgument, "The network list needs no change. %s", done)
	}
	if version := strings.TrimSpace(t.Params[versionParam]); version != "" && version != string(n.Version) {
		return errChanged
	}
	r.Path = listPath(string(n.ID), part)
	err = s.lookup.Call().Do(ctx, r, new(json.RawMessage)) // fails on a web page
	if upstream.IsStatus(err, http.StatusConflict) {
		return fmt.Errorf("%w (%w)", errChanged, err)
	}
	return err
}

// list requests one list.
func (s *session) list(ctx context.Context, id string, a netip.Addr) (networkList, error) {
	n := networkList{Elements: elements{wanted: []netip.Addr{a}}}
	if strings.Trim(id, ".") == "" { // would lead to another path
		return n, relay.Errorf(relay.CodeInvalidArgument,
			"The parameter %s is missing or invalid. Send the action's query-params as /respond/observables returned them.", listParam)
	}
	query := url.Values{"includeElements": {"true"}, "extended": {"true"}}
	err := s.lookup.Call().Do(ctx, upstream.Request{Path: listPath(id, ""), Query: query}, &n)
	switch {
	case upstream.IsStatus(err, http.StatusNotFound):
		return n, fmt.Errorf("%w (%w)", relay.Errorf(relay.CodeNotFound, "Akamai has no such network list any more. Look the observable up again."), err)
	case err == nil && string(n.ID) != id:
		return n, relay.Errorf(relay.CodeServiceUnavailable, "Akamai sent JSON without that network list. Check its address in the settings.")
	}
	return n, err
}
