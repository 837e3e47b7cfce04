// Package defender reports the alerts, indicators and events of Microsoft Defender, and
// takes actions on devices and indicators. Its APIs:
// https://learn.microsoft.com/defender-endpoint/api/exposed-apis-list and
// https://learn.microsoft.com/graph/api/security-security-runhuntingquery
package defender

import (
	"context"
	"errors"
	"net/url"

	"github.com/serverless-relay/relay/shared/ctim"
	"github.com/serverless-relay/relay/shared/lenient"
	"github.com/serverless-relay/relay/shared/lookup"
	"github.com/serverless-relay/relay/shared/relay"
	"github.com/serverless-relay/relay/shared/upstream"
)

const title = "Microsoft Defender"

// Provider is Microsoft Defender.
var Provider = lookup.Source{
	Name: "defender", Title: title,
	Types: []ctim.ObservableType{
		ctim.TypeIP, ctim.TypeIPv6, ctim.TypeDomain, ctim.TypeURL,
		ctim.TypeMD5, ctim.TypeSHA1, ctim.TypeSHA256, ctim.TypeFileName, ctim.TypeMSMachineID,
	},
	Credentials: []relay.Credential{
		{Name: "tenant_id", Prompt: "Your directory (tenant) ID in Microsoft Entra"},
		{Name: "client_id", Prompt: "The application (client) ID of the app registration"},
		{Name: "client_secret", Prompt: "The value of the app registration's client secret"},
	},
	Auth:  upstream.None(), // each service has a token of its own
	Check: check, Find: find, Page: page, Settings: settings{}, Internal: true,
}.With(func(s *lookup.Session) relay.Session { return session{s} })

type settings struct {
	Login upstream.Address `envconfig:"DEFENDER_LOGIN_URL" default:"https://login.microsoftonline.com" expected:"a URL such as https://login.microsoftonline.com" doc:"Where Microsoft Entra issues tokens. Government clouds have another address."`
	API   upstream.Address `envconfig:"DEFENDER_API_URL" default:"https://api.security.microsoft.com" expected:"a URL such as https://eu.api.security.microsoft.com" doc:"Where the API of Defender for Endpoint is, such as the one nearest to your tenant."`
	Graph upstream.Address `envconfig:"DEFENDER_GRAPH_URL" default:"https://graph.microsoft.com" expected:"a URL such as https://graph.microsoft.com" doc:"Where Microsoft Graph is. Government clouds have another address."`
}

// The audiences of tokens.
const (
	endpointScope = "https://api.securitycenter.microsoft.com/.default"
	graphScope    = "https://graph.microsoft.com/.default"
)

// endpoint returns the API of Defender for Endpoint.
func endpoint(call *lookup.Call) (*upstream.Caller, error) {
	s := call.Settings.(settings)
	return call.AtWith(title, s.API, s.auth(endpointScope), call.Claims)
}

// graph returns the API of Microsoft Graph, which has advanced hunting.
func graph(call *lookup.Call) (*upstream.Caller, error) {
	s := call.Settings.(settings)
	return call.AtWith(title, s.Graph, s.auth(graphScope), call.Claims)
}

func (s settings) auth(scope string) upstream.Auth {
	return upstream.OAuth2(s.Login.String()+"/{tenant_id}/oauth2/v2.0/token", "client_id", "client_secret", scope)
}

// collection is a list of OData.
type collection[T any] struct{ Value lenient.List[T] }

// check reads an alert. Hunting would use up a small quota.
func check(ctx context.Context, call *lookup.Call) error {
	api, err := endpoint(call)
	if err != nil {
		return err
	}
	var one collection[alert]
	return api.Get(ctx, "/api/alerts", url.Values{"$top": {"1"}}, &one)
}

// find adds up what the services say. Events judge nothing, so a question about the
// verdict alone doesn't hunt for them.
func find(ctx context.Context, call *lookup.Call, o ctim.Observable) (ctim.Finding, error) {
	if o.Type == ctim.TypeMSMachineID {
		return ctim.Finding{}, nil // a device has actions only
	}
	if call.Brief {
		return findKnown(ctx, call, o)
	}
	return lookup.Together(ctx, call, o, findKnown, findEvents)
}

// findKnown asks Defender for Endpoint, one after the other because a quota that is
// used up stops what comes after it.
func findKnown(ctx context.Context, call *lookup.Call, o ctim.Observable) (ctim.Finding, error) {
	f, err := findAlerts(ctx, call, o)
	more, err2 := findIndicators(ctx, call, o)
	f.Add(more)
	if err == nil || err2 == nil {
		return f, lookup.Incomplete(errors.Join(err, err2))
	}
	return f, err
}

// page returns a page of the Defender portal.
func page(_ *lookup.Call, o ctim.Observable) string {
	const portal = "https://security.microsoft.com"
	switch o.Type {
	case ctim.TypeIP, ctim.TypeIPv6:
		return portal + "/ip/" + url.PathEscape(o.Value) + "/overview"
	case ctim.TypeDomain:
		return portal + "/domains/overview?urlDomain=" + url.QueryEscape(o.Value)
	case ctim.TypeURL:
		return portal + "/url/overview?url=" + url.QueryEscape(o.Value)
	case ctim.TypeSHA1, ctim.TypeSHA256:
		return portal + "/file/" + url.PathEscape(o.Value)
	case ctim.TypeMSMachineID:
		return portal + "/machines/v2/" + url.PathEscape(o.Value) + "/overview"
	default:
		return ""
	}
}

// session adds actions to the lookups.
type session struct{ *lookup.Session }

// Actions implements relay.Responder.
func (s session) Actions(ctx context.Context, requested ctim.Observable) ([]relay.Action, error) {
	o, ok := s.Normalize(requested)
	switch {
	case !ok:
		return nil, nil
	case o.Type == ctim.TypeMSMachineID:
		return machineActions(ctx, s.Call(), o.Value)
	default:
		return indicatorActions(ctx, s.Call(), o)
	}
}

// Trigger implements relay.Responder.
func (s session) Trigger(ctx context.Context, t relay.Trigger) error {
	o, ok := s.Normalize(t.Observable)
	switch {
	case !ok:
		return relay.Errorf(relay.CodeInvalidArgument, "%s can't act on this value of the type %s.", title, t.Observable.Type)
	case o.Type == ctim.TypeMSMachineID:
		return run(ctx, s.Call(), o.Value, t)
	default:
		return changeIndicator(ctx, s.Call(), o, t)
	}
}
