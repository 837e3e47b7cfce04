package defender

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/serverless-relay/relay/shared/ctim"
	"github.com/serverless-relay/relay/shared/lenient"
	"github.com/serverless-relay/relay/shared/lookup"
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

// indicators returns the active indicators of an observable that the app may see.
func indicators(ctx context.Context, call *lookup.Call, o ctim.Observable) ([]indicator, error) {
	kind := indicatorType(o.Type)
	if kind == "" {
		return nil, nil
	}
	var all struct{ Value lenient.List[indicator] }
	filter := "indicatorValue eq " + quoteOData(o.Value) + " and indicatorType eq " + quoteOData(kind)
	err := read(ctx, call, upstream.Request{Path: "/api/indicators", Query: url.Values{"$filter": {filter}}}, &all)
	return all.Value, err
}

// findIndicators returns the judgement that an indicator is.
func findIndicators(ctx context.Context, call *lookup.Call, o ctim.Observable) (ctim.Finding, error) {
	all, err := indicators(ctx, call, o)
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

// indicatorKind is the kind of the record that an indicator is.
const indicatorKind = "Indicator"

// indicatorOrders returns the orders that add an indicator or remove it. Files that are
// blocked are removed from devices too.
func indicatorOrders(o ctim.Observable) []order {
	kind := indicatorType(o.Type)
	if kind == "" {
		return nil
	}
	block := "Block"
	if strings.HasPrefix(kind, "File") {
		block = "BlockAndRemediate"
	}
	add := func(id, name, effect, action string) order {
		return order{
			id: id, title: name + title, what: fmt.Sprintf("Add an indicator, so that %s %s this %s on all devices.", title, effect, o.Type.Noun()),
			kind: indicatorKind, scope: action, once: true,
			request: upstream.Request{Method: http.MethodPost, Path: "/api/indicators", Body: map[string]any{
				"indicatorValue": o.Value, "indicatorType": kind, "action": action,
				"title": "Added in Cisco XDR", "description": "An analyst added this indicator in Cisco XDR.",
				"severity": "High", "generateAlert": action != "Allowed",
			}},
		}
	}
	return []order{
		add("defender-indicator-alert", "Alert on it in ", "raises an alert when it sees", "Audit"),
		add("defender-indicator-block", "Block it in ", "blocks, and raises an alert when it sees,", block),
		add("defender-indicator-allow", "Allow it in ", "doesn't block or raise alerts about", "Allowed"),
		{id: "defender-indicator-remove", title: "Remove its indicator from " + title, what: fmt.Sprintf("Remove the indicator of this %s.", o.Type.Noun()),
			kind: "un" + indicatorKind, undoes: indicatorKind, request: upstream.Request{Method: http.MethodDelete, Path: "/api/indicators/"}},
	}
}
