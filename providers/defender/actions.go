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

	"github.com/serverless-relay/relay/shared/ctim"
	"github.com/serverless-relay/relay/shared/lenient"
	"github.com/serverless-relay/relay/shared/lookup"
	"github.com/serverless-relay/relay/shared/relay"
	"github.com/serverless-relay/relay/shared/upstream"
)

// session adds actions to the lookups.
type session struct{ *lookup.Session }

// order is an action that the relay offers.
type order struct {
	id, title, what string
	// kind and scope are those of the record that it becomes, in any case.
	kind, scope string
	// undoes is the kind that it undoes, or "".
	undoes string
	// once is true if a repeat makes no sense until it is undone.
	once bool
	// request is sent to carry it out. A DELETE is sent to the newest record's path.
	request upstream.Request
}

// record is an action that was requested for a device
// (https://learn.microsoft.com/defender-endpoint/api/machineaction), or an indicator.
type record struct {
	ID, Type, Scope, Status lenient.Text
	CreationDateTimeUTC     lenient.Time
}

func (r record) is(kind string) bool { return strings.EqualFold(string(r.Type), kind) }

func (r record) isRunning() bool { return r.Status == "Pending" || r.Status == "InProgress" }

// stateParam is the ID of the newest record when an order was offered. An order is
// carried out only if it still is the newest, so a repeat does nothing.
const stateParam = "defender-after"

// noRecord is the newest record if there is none.
var noRecord = record{ID: "none"}

// newest returns the newest record that is of the order's kind, or undoes or is undone by
// it, or noRecord. Failed ones don't count.
func (o order) newest(history []record) record {
	for _, r := range history {
		related := r.is(o.kind) || r.is("un"+o.kind) || r.is(o.undoes)
		if related && r.Type != "" && (r.isRunning() || r.Status == "Succeeded") {
			return r
		}
	}
	return noRecord
}

// fits reports whether the order makes sense after the newest record.
func (o order) fits(newest record) bool {
	switch {
	case o.undoes != "":
		return newest.is(o.undoes)
	case o.once:
		return !newest.is(o.kind)
	default:
		return !newest.isRunning()
	}
}

// check fails if the order was offered after another record than the newest. The error is
// a warning if nothing is left to do.
func (o order) check(ctx context.Context, call *lookup.Call, about ctim.Observable, offered string) error {
	past, _, err := history(ctx, call, about)
	newest := o.newest(past)
	isDone := newest.is(o.kind) && (o.scope == "" || o.scope == string(newest.Scope))
	switch {
	case err != nil || string(newest.ID) == offered && o.fits(newest):
		return err
	case isDone || o.undoes != "" && !o.fits(newest):
		return relay.Warningf(relay.CodeInvalidArgument, "Nothing was changed, because this was already done or requested in %s.", title)
	default:
		return relay.Errorf(relay.CodeInvalidArgument, "Something else was done in %s since this action was offered (%s). Nothing was changed. Open the menu again.",
			title, cmp.Or(strings.TrimSpace(fmt.Sprint(newest.Type, " ", newest.Scope)), "nothing is in effect"))
	}
}

// Actions implements relay.Responder.
func (s session) Actions(ctx context.Context, requested ctim.Observable) ([]relay.Action, error) {
	o, ok := s.Normalize(requested)
	if !ok || len(orders(o)) == 0 {
		return nil, nil
	}
	past, more, err := history(ctx, s.Call(), o)
	if errors.Is(err, errNoDevice) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var all []relay.Action
	for _, order := range orders(o) {
		if newest := order.newest(past); order.fits(newest) {
			all = append(all, relay.Action{ID: order.id, Title: order.title, Categories: []string{title},
				Description: order.what + more, Params: map[string]string{stateParam: string(newest.ID)}})
		}
	}
	return all, nil
}

// Trigger implements relay.Responder. It does nothing if something else was done since
// the action was offered.
func (s session) Trigger(ctx context.Context, t relay.Trigger) error {
	o, ok := s.Normalize(t.Observable)
	if !ok {
		return relay.Errorf(relay.CodeInvalidArgument, "%s can't act on this value of the type %s.", title, t.Observable.Type)
	}
	all := orders(o)
	i := slices.IndexFunc(all, func(order order) bool { return order.id == t.ActionID })
	if i < 0 {
		return relay.ErrUnsupportedAction
	}
	order, offered := all[i], t.Params[stateParam]
	if offered == "" {
		return relay.Errorf(relay.CodeInvalidArgument, "The action's state is missing. Send its query-params as /respond/observables returned them.")
	}
	if err := order.check(ctx, s.Call(), o, offered); err != nil {
		return err
	}
	var into any = &struct{}{} // fails on a web page
	if order.request.Method == http.MethodDelete {
		order.request.Path += url.PathEscape(offered)
		into = nil // the response is empty
	}
	err := do(ctx, s.Call(), order.request, into)
	if upstream.IsStatus(err, http.StatusBadRequest, http.StatusNotFound) { // perhaps because of a concurrent change
		return cmp.Or(order.check(ctx, s.Call(), o, offered), err)
	}
	return err
}

// orders returns the orders for an observable. For a device, the last part of their path
// is their kind.
func orders(o ctim.Observable) []order {
	if o.Type != ctim.TypeMSMachineID {
		return indicatorOrders(o)
	}
	all := []order{
		{id: "isolate-full", title: "Isolate the device", kind: "isolate", scope: "Full", once: true,
			what: "Disconnect it from the network, except from Defender."},
		{id: "isolate-selective", title: "Isolate the device, but not Outlook and Teams", kind: "isolate", scope: "Selective", once: true,
			what: "Disconnect it from the network, except from Defender, Outlook, Teams and Skype."},
		{id: "release", title: "Release the device from isolation", kind: "unisolate", undoes: "isolate",
			what: "Connect it to the network again."},
		{id: "restrict", title: "Restrict the device's apps", kind: "restrictCodeExecution", once: true,
			what: "Let it run only programs that Microsoft has signed."},
		{id: "unrestrict", title: "Remove the restriction of the device's apps", kind: "unrestrictCodeExecution", undoes: "restrictCodeExecution",
			what: "Let it run all programs again."},
		{id: "scan-quick", title: "Scan the device quickly", kind: "runAntiVirusScan", scope: "Quick", what: "Run a quick antivirus scan."},
		{id: "scan-full", title: "Scan the device fully", kind: "runAntiVirusScan", scope: "Full", what: "Run a full antivirus scan."},
		{id: "collect", title: "Collect an investigation package", kind: "collectInvestigationPackage",
			what: "Collect data about its state for an investigation."},
	}
	options := map[string]string{"isolate": "IsolationType", "runAntiVirusScan": "ScanType"} // whose value is the scope
	for i, order := range all {
		body := map[string]string{"Comment": "An analyst requested this in Cisco XDR."}
		if option := options[order.kind]; option != "" {
			body[option] = order.scope
		}
		all[i].id = "defender-" + order.id
		all[i].request = upstream.Request{Method: http.MethodPost, Path: "/api/machines/" + url.PathEscape(o.Value) + "/" + order.kind, Body: body}
	}
	return all
}

var errNoDevice = relay.Errorf(relay.CodeNotFound, "%s knows no device with this ID that it manages, or the app may not see it.", title)

// history returns the indicators of an observable or the actions on a device, the newest
// first, and more about it for descriptions.
func history(ctx context.Context, call *lookup.Call, o ctim.Observable) (all []record, more string, err error) {
	if o.Type != ctim.TypeMSMachineID {
		existing, err := indicators(ctx, call, o)
		for _, i := range existing {
			all = append(all, record{ID: i.ID, Type: indicatorKind, Scope: i.Action, Status: "Succeeded"})
			more = cmp.Or(more, fmt.Sprintf(" (%s: %s)", i.Action, i.Title))
		}
		return all, more, err
	}
	var device struct{ ID, ComputerDNSName, OnboardingStatus lenient.Text }
	if err := read(ctx, call, upstream.Request{Path: "/api/machines/" + url.PathEscape(o.Value)}, &device); err != nil {
		return nil, "", err
	}
	if device.ID == "" || device.OnboardingStatus != "" && !strings.EqualFold(string(device.OnboardingStatus), "Onboarded") {
		return nil, "", errNoDevice
	}
	var found struct{ Value lenient.List[record] }
	query := url.Values{"$filter": {"machineId eq " + quoteOData(o.Value)}, "$top": {"100"}}
	err = do(ctx, call, upstream.Request{Path: "/api/machineactions", Query: query}, &found)
	slices.SortStableFunc(found.Value, func(a, b record) int { return b.CreationDateTimeUTC.Compare(a.CreationDateTimeUTC.Time) })
	return found.Value, fmt.Sprintf(" (%s)", cmp.Or(device.ComputerDNSName, device.ID)), err
}
