// Package defender reports the alerts, indicators and events of Microsoft Defender, and
// takes actions on devices and indicators. Its APIs:
// https://learn.microsoft.com/defender-endpoint/api/exposed-apis-list and
// https://learn.microsoft.com/graph/api/security-security-runhuntingquery
package defender

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
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

// do sends a request to Defender for Endpoint.
func do(ctx context.Context, call *lookup.Call, r upstream.Request, into any) error {
	s := call.Settings.(settings)
	api, err := call.AtWith(title, s.API, s.auth(endpointScope), call.Claims)
	if err != nil {
		return err
	}
	return api.Do(ctx, r, into)
}

// read reads from Defender for Endpoint. If it doesn't know the file, device or address in
// the path, into stays as it is. A 404 of a proxy or of the token endpoint is an error.
func read(ctx context.Context, call *lookup.Call, r upstream.Request, into any) error {
	err := do(ctx, call, r, into)
	var status *upstream.StatusError
	var body struct{ Error struct{ Code string } }
	if errors.As(err, &status) && status.Status == http.StatusNotFound && json.Unmarshal(status.Body, &body) == nil && body.Error.Code != "" {
		return nil
	}
	return err
}

func (s settings) auth(scope string) upstream.Auth {
	return upstream.OAuth2(s.Login.String()+"/{tenant_id}/oauth2/v2.0/token", "client_id", "client_secret", scope)
}

// check reads an alert. Hunting would use up a small quota.
func check(ctx context.Context, call *lookup.Call) error {
	var one struct{ Value lenient.List[alert] }
	return do(ctx, call, upstream.Request{Path: "/api/alerts", Query: url.Values{"$top": {"1"}}}, &one)
}

// find looks for alerts and indicators. Events judge nothing, so they are hunted for only
// if more than the verdict is needed.
func find(ctx context.Context, call *lookup.Call, o ctim.Observable) (ctim.Finding, error) {
	services := []lookup.Find{findAlerts, findIndicators, findEvents}
	switch {
	case o.Type == ctim.TypeMSMachineID:
		return ctim.Finding{}, nil // a device has actions only
	case call.Brief:
		services = services[:2]
	}
	return lookup.Together(ctx, call, o, services...)
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
