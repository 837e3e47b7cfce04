package defender

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"

	"github.com/serverless-relay/relay/shared/ctim"
	"github.com/serverless-relay/relay/shared/lenient"
	"github.com/serverless-relay/relay/shared/lookup"
	"github.com/serverless-relay/relay/shared/relay"
	"github.com/serverless-relay/relay/shared/upstream"
)

// indicator is the organization's instruction to Defender about a value:
// https://learn.microsoft.com/defender-endpoint/api/ti-indicator
type indicator struct {
	ID, IndicatorType, Action, Title, Description, Severity lenient.Text
	CreationTimeDateTimeUTC, ExpirationTime                 lenient.Time
}

// indicatorType returns Defender's name of an observable's type, or "" if there can be
// no indicator.
func indicatorType(t ctim.ObservableType) string {
	return map[ctim.ObservableType]string{
		ctim.TypeIP: "IpAddress", ctim.TypeIPv6: "IpAddress", ctim.TypeDomain: "DomainName", ctim.TypeURL: "Url",
		ctim.TypeMD5: "FileMd5", ctim.TypeSHA1: "FileSha1", ctim.TypeSHA256: "FileSha256",
	}[t]
}

// indicators returns the active indicators of an observable that the app may see. If
// fresh is false, they may be cached.
func indicators(ctx context.Context, call *lookup.Call, o ctim.Observable, fresh bool) ([]indicator, error) {
	kind := indicatorType(o.Type)
	if kind == "" {
		return nil, nil
	}
	api, err := endpoint(call)
	if err != nil {
		return nil, err
	}
	var all collection[indicator]
	filter := "indicatorValue eq " + quoteOData(o.Value) + " and indicatorType eq " + quoteOData(kind)
	err = api.Do(ctx, upstream.Request{Path: "/api/indicators", Query: url.Values{"$filter": {filter}}, Fresh: fresh}, &all)
	return all.Value, unlessUnknown(err)
}

// findIndicators returns the judgement that an indicator is.
func findIndicators(ctx context.Context, call *lookup.Call, o ctim.Observable) (ctim.Finding, error) {
	all, err := indicators(ctx, call, o, false)
	var f ctim.Finding
	for _, i := range all {
		f.Add(ctim.Finding{
			Disposition: i.disposition(), Severity: severity(i.Severity), Confidence: ctim.ConfidenceHigh, Priority: ctim.PriorityCurated,
			Reason: fmt.Sprintf("Custom indicator (%s): %s", i.Action, i.Title), Key: []string{"indicator", string(i.ID)},
			Since: i.CreationTimeDateTimeUTC.Time, Until: i.ExpirationTime.Time,
		})
	}
	return f, err
}

func (i indicator) disposition() ctim.Disposition {
	return map[lenient.Text]ctim.Disposition{
		"Block": ctim.Malicious, "BlockAndRemediate": ctim.Malicious, "AlertAndBlock": ctim.Malicious,
		"Warn": ctim.Suspicious, "Audit": ctim.Suspicious, "Alert": ctim.Suspicious, "Allowed": ctim.Clean,
	}[i.Action]
}

// change is an action that adds an indicator.
type change struct{ id, title, what, action string }

// changes returns the actions that add an indicator of a type. Files that are blocked
// are removed from devices too.
func changes(kind string) []change {
	block := "Block"
	if kind != "IpAddress" && kind != "DomainName" && kind != "Url" {
		block = "BlockAndRemediate"
	}
	return []change{
		{"defender-indicator-alert", "Alert on it in " + title, "raises an alert when it sees", "Audit"},
		{"defender-indicator-block", "Block it in " + title, "blocks, and raises an alert when it sees,", block},
		{"defender-indicator-allow", "Allow it in " + title, "doesn't block or raise alerts about", "Allowed"},
	}
}

const (
	removeIndicator = "defender-indicator-remove"
	// indicatorParam is the ID of the indicator to remove.
	indicatorParam = "defender-indicator"
)

// indicatorActions offers to remove the indicator, or else to add one.
func indicatorActions(ctx context.Context, call *lookup.Call, o ctim.Observable) ([]relay.Action, error) {
	existing, err := indicators(ctx, call, o, true)
	if err != nil || indicatorType(o.Type) == "" {
		return nil, err
	}
	var all []relay.Action
	for _, i := range existing {
		all = append(all, relay.Action{
			ID: removeIndicator, Title: fmt.Sprintf("Remove its indicator (%s) from %s", i.Action, title), Categories: []string{title},
			Description: fmt.Sprintf("%s's indicator %q of this %s has the action %s.", title, i.Title, o.Type.Noun(), i.Action),
			Params:      map[string]string{indicatorParam: string(i.ID)},
		})
	}
	if len(all) > 0 {
		return all, nil
	}
	for _, c := range changes(indicatorType(o.Type)) {
		all = append(all, relay.Action{ID: c.id, Title: c.title, Categories: []string{title},
			Description: fmt.Sprintf("Add an indicator, so that %s %s this %s on all devices.", title, c.what, o.Type.Noun())})
	}
	return all, nil
}

// changeIndicator adds or removes an indicator.
func changeIndicator(ctx context.Context, call *lookup.Call, o ctim.Observable, t relay.Trigger) error {
	all := changes(indicatorType(o.Type))
	i := slices.IndexFunc(all, func(c change) bool { return c.id == t.ActionID })
	if indicatorType(o.Type) == "" || i < 0 && t.ActionID != removeIndicator {
		return relay.ErrUnsupportedAction
	}
	existing, err := indicators(ctx, call, o, true)
	switch {
	case err != nil:
		return err
	case i < 0:
		return remove(ctx, call, existing, t.Params[indicatorParam])
	case len(existing) == 0:
		return add(ctx, call, o, all[i])
	case string(existing[0].Action) == all[i].action:
		return relay.Warningf(relay.CodeInvalidArgument, "%s already has an indicator with the action %s. Nothing was changed.", title, all[i].action)
	default:
		return relay.Errorf(relay.CodeInvalidArgument,
			"%s has an indicator with the action %s by now, so nothing was changed. Remove that one first.", title, existing[0].Action)
	}
}

func add(ctx context.Context, call *lookup.Call, o ctim.Observable, c change) error {
	api, err := endpoint(call)
	if err != nil {
		return err
	}
	return api.Do(ctx, upstream.Request{Method: http.MethodPost, Path: "/api/indicators", Body: map[string]any{
		"indicatorValue": o.Value, "indicatorType": indicatorType(o.Type), "action": c.action,
		"title": "Added in Cisco XDR", "description": "An analyst added this indicator in Cisco XDR.",
		"severity": "High", "generateAlert": c.action != "Allowed",
	}}, &indicator{})
}

func remove(ctx context.Context, call *lookup.Call, existing []indicator, id string) error {
	gone := relay.Warningf(relay.CodeInvalidArgument, "%s has no such indicator any more. Nothing was changed.", title)
	switch {
	case id == "":
		return errNotOffered
	case len(existing) == 0:
		return gone
	}
	for _, i := range existing {
		if string(i.ID) != id {
			continue
		}
		api, err := endpoint(call)
		if err != nil {
			return err
		}
		err = api.Do(ctx, upstream.Request{Method: http.MethodDelete, Path: "/api/indicators/" + url.PathEscape(id)}, nil)
		if isUnknown(err) {
			return gone
		}
		return err
	}
	return relay.Errorf(relay.CodeInvalidArgument, "%s has another indicator by now, so nothing was changed. Open the menu again.", title)
}
