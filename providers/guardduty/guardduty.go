// Package guardduty reports the findings of Amazon GuardDuty about an address or a
// domain, and shows the account's findings on tiles. Its API:
// https://docs.aws.amazon.com/guardduty/latest/APIReference
package guardduty

import (
	"context"
	"net/http"
	"net/url"

	"github.com/serverless-relay/relay/shared/ctim"
	"github.com/serverless-relay/relay/shared/lookup"
	"github.com/serverless-relay/relay/shared/relay"
	"github.com/serverless-relay/relay/shared/upstream"
)

const title = "Amazon GuardDuty"

// Provider is Amazon GuardDuty.
var Provider = lookup.Source{
	Name: "guardduty", Title: title,
	Types: []ctim.ObservableType{ctim.TypeIP, ctim.TypeIPv6, ctim.TypeDomain},
	Credentials: []relay.Credential{
		{Name: "region", Prompt: "Your AWS region, such as eu-west-1; the relay's own by default", Optional: true},
		{Name: "access_key_id", Prompt: "Your AWS access key ID", Optional: true},
		{Name: "secret_access_key", Prompt: "Your AWS secret access key", Optional: true},
		{Name: "detector_id", Prompt: "The ID of your GuardDuty detector; that of the region by default", Optional: true},
	},
	Auth:    upstream.Signer(sign, "access_key_id", "secret_access_key"),
	Refusal: http.StatusForbidden, // wrong keys, or keys without the right to read findings
	Check:   check, Find: find, Page: page, Settings: settings{}, Internal: true,
}.With(func(s *lookup.Session) relay.Session { return session{s} })

type settings struct {
	URL            upstream.Address `envconfig:"GUARDDUTY_URL" expected:"a URL such as https://guardduty.eu-west-1.amazonaws.com" doc:"Where GuardDuty is, for tests, proxies and private endpoints. Default: the public endpoint of the region."`
	OwnCredentials bool             `envconfig:"GUARDDUTY_OWN_CREDENTIALS" expected:"true or false" doc:"Lets tokens without keys use the relay's own AWS credentials, in Lambda those of the function's role. Everybody with a valid token then sees the findings."`
}

// session adds tiles to the lookups, and links to Amazon Detective.
type session struct{ *lookup.Session }

// page returns the page of Amazon Detective about an address. It has none about
// domains, so theirs is the list of findings in GuardDuty's console.
func page(call *lookup.Call, o ctim.Observable) string {
	region, err := regionOf(call.Claims)
	switch {
	case err != nil:
		return ""
	case o.Type == ctim.TypeDomain:
		return consoleURL(region, "guardduty", "/findings?macros=all&search="+url.QueryEscape(domainAttribute+"="+o.Value))
	default:
		return consoleURL(region, "detective", "entities/IpAddress/"+url.PathEscape(o.Value))
	}
}

// Refer implements relay.Referrer.
func (s session) Refer(ctx context.Context, o ctim.Observable) ([]relay.Link, error) {
	links, err := s.Session.Refer(ctx, o)
	if len(links) > 0 && o.Type != ctim.TypeDomain {
		links[0].Title, links[0].Categories = "Open Amazon Detective", []string{"Search", "Amazon Detective"}
		links[0].Description = "Look up this " + o.Type.Noun() + " at Amazon Detective"
	}
	return links, err
}
