package defender

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/serverless-relay/relay/shared/lenient"
	"github.com/serverless-relay/relay/shared/lookup"
	"github.com/serverless-relay/relay/shared/relay"
	"github.com/serverless-relay/relay/shared/upstream"
)

// machine is a device: https://learn.microsoft.com/defender-endpoint/api/machine
type machine struct {
	ID, ComputerDNSName, OnboardingStatus lenient.Text
}

// machineAction is an action that was requested for a device:
// https://learn.microsoft.com/defender-endpoint/api/machineaction
type machineAction struct {
	ID, Type, Scope, Status, Requestor lenient.Text
	CreationDateTimeUTC                lenient.Time
}

func (a machineAction) isRunning() bool { return a.Status == "Pending" || a.Status == "InProgress" }

// order is an action that the relay offers for a device.
type order struct {
	id, title, what, path string
	// kind and scope are those of the machineAction that it becomes.
	kind, scope string
	// body is sent with the comment.
	body string
	// undoes is the kind that it undoes, and opposite the kind that undoes it.
	undoes, opposite string
}

func orders() []order {
	return []order{
		{id: "defender-isolate-full", title: "Isolate the device", what: "Disconnect it from the network, except from Defender.", path: "isolate", kind: "Isolate", scope: "Full", body: "IsolationType", opposite: "Unisolate"},
		{id: "defender-isolate-selective", title: "Isolate the device, but not Outlook and Teams", what: "Disconnect it from the network, except from Defender, Outlook, Teams and Skype.", path: "isolate", kind: "Isolate", scope: "Selective", body: "IsolationType", opposite: "Unisolate"},
		{id: "defender-release", title: "Release the device from isolation", what: "Connect it to the network again.", path: "unisolate", kind: "Unisolate", undoes: "Isolate"},
		{id: "defender-restrict", title: "Restrict the device's apps", what: "Let it run only programs that Microsoft has signed.", path: "restrictCodeExecution", kind: "RestrictCodeExecution", opposite: "UnrestrictCodeExecution"},
		{id: "defender-unrestrict", title: "Remove the restriction of the device's apps", what: "Let it run all programs again.", path: "unrestrictCodeExecution", kind: "UnrestrictCodeExecution", undoes: "RestrictCodeExecution"},
		{id: "defender-scan-quick", title: "Scan the device quickly", what: "Run a quick antivirus scan.", path: "runAntiVirusScan", kind: "RunAntiVirusScan", scope: "Quick", body: "ScanType"},
		{id: "defender-scan-full", title: "Scan the device fully", what: "Run a full antivirus scan.", path: "runAntiVirusScan", kind: "RunAntiVirusScan", scope: "Full", body: "ScanType"},
		{id: "defender-collect", title: "Collect an investigation package", what: "Collect data about its state for an investigation.", path: "collectInvestigationPackage", kind: "CollectInvestigationPackage"},
	}
}

// newest returns the newest action that is of the order's kind, or undoes or is undone
// by it. Those that failed don't count. It is zero if there is none.
func (o order) newest(history []machineAction) machineAction {
	for _, a := range history {
		kind := string(a.Type)
		if (kind == o.kind || kind == o.undoes || kind == o.opposite) && kind != "" && (a.isRunning() || a.Status == "Succeeded") {
			return a
		}
	}
	return machineAction{}
}

// fits reports whether the order makes sense after the newest action.
func (o order) fits(newest machineAction) bool {
	switch {
	case o.undoes != "":
		return string(newest.Type) == o.undoes
	case o.opposite != "":
		return string(newest.Type) != o.kind
	default:
		return !newest.isRunning()
	}
}

// stateParam is the ID of the newest action when an order was offered, or noAction. An
// order is carried out only if it still is the newest, so a repeat does nothing.
const (
	stateParam = "defender-after"
	noAction   = "none"
)

func (a machineAction) state() string { return cmp.Or(string(a.ID), noAction) }

var errNoDevice = relay.Errorf(relay.CodeNotFound, "%s knows no device with this ID, or the app may not see it.", title)

// history returns a device and the actions on it, the newest first.
func history(ctx context.Context, api *upstream.Caller, id string) (m machine, all []machineAction, err error) {
	err = api.Do(ctx, upstream.Request{Path: "/api/machines/" + url.PathEscape(id), Fresh: true}, &m)
	if isUnknown(err) || err == nil && m.ID == "" {
		return m, nil, errNoDevice
	}
	if err != nil {
		return m, nil, err
	}
	var found collection[machineAction]
	query := url.Values{"$filter": {"machineId eq " + quoteOData(id)}, "$top": {"100"}}
	if err := api.Do(ctx, upstream.Request{Path: "/api/machineactions", Query: query, Fresh: true}, &found); err != nil {
		return m, nil, err
	}
	slices.SortStableFunc(found.Value, func(a, b machineAction) int { return b.CreationDateTimeUTC.Compare(a.CreationDateTimeUTC.Time) })
	return m, found.Value, nil
}

// machineActions offers what can be done about a device as it is. Nothing can be done
// about one that Defender doesn't know or manage.
func machineActions(ctx context.Context, call *lookup.Call, id string) ([]relay.Action, error) {
	api, err := endpoint(call)
	if err != nil {
		return nil, err
	}
	m, past, err := history(ctx, api, id)
	if errors.Is(err, errNoDevice) || m.OnboardingStatus != "" && !strings.EqualFold(string(m.OnboardingStatus), "Onboarded") {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var all []relay.Action
	for _, o := range orders() {
		if newest := o.newest(past); o.fits(newest) {
			all = append(all, relay.Action{ID: o.id, Title: o.title, Categories: []string{title},
				Description: fmt.Sprintf("%s (%s)", o.what, cmp.Or(m.ComputerDNSName, m.ID)), Params: map[string]string{stateParam: newest.state()}})
		}
	}
	return all, nil
}

var errNotOffered = relay.Errorf(relay.CodeInvalidArgument, "The action's state is missing. Send its query-params as /respond/observables gave them.")

// run carries out an order, unless the device has changed since it was offered.
func run(ctx context.Context, call *lookup.Call, id string, t relay.Trigger) error {
	i := slices.IndexFunc(orders(), func(o order) bool { return o.id == t.ActionID })
	if i < 0 {
		return relay.ErrUnsupportedAction
	}
	if t.Params[stateParam] == "" {
		return errNotOffered
	}
	api, err := endpoint(call)
	if err != nil {
		return err
	}
	o := orders()[i]
	if err := o.checkUnchanged(ctx, api, id, t.Params[stateParam]); err != nil {
		return err
	}
	body := map[string]string{"Comment": "An analyst requested this in Cisco XDR."}
	if o.body != "" {
		body[o.body] = o.scope
	}
	err = api.Do(ctx, upstream.Request{Method: http.MethodPost, Path: "/api/machines/" + url.PathEscape(id) + "/" + o.path, Body: body}, &machineAction{})
	if upstream.IsStatus(err, http.StatusBadRequest) { // perhaps because somebody was faster
		return cmp.Or(o.checkUnchanged(ctx, api, id, t.Params[stateParam]), err)
	}
	return err
}

// checkUnchanged fails if the newest action is not the one when the order was offered.
// The error is a warning if the newest one is what was ordered.
func (o order) checkUnchanged(ctx context.Context, api *upstream.Caller, id, offered string) error {
	_, past, err := history(ctx, api, id)
	newest := o.newest(past)
	switch {
	case err != nil || newest.state() == offered:
		return err
	case string(newest.Type) == o.kind && (o.scope == "" || string(newest.Scope) == o.scope):
		return relay.Warningf(relay.CodeInvalidArgument, "This was already requested (%s, %s). Nothing was changed.", newest.Type, newest.Status)
	default:
		return relay.Errorf(relay.CodeInvalidArgument,
			"The device has changed since this was offered: its newest action is %s (%s). Nothing was done. Open the menu again.", cmp.Or(newest.Type, "none"), cmp.Or(newest.Status, "none"))
	}
}
