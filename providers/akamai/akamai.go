// Package akamai adds addresses to Akamai's network lists, removes them, and activates
// the lists. Their API: https://techdocs.akamai.com/network-lists/reference/api
package akamai

import (
	"context"
	"net/netip"
	"net/url"
	"sync"

	"github.com/serverless-relay/relay/shared/ctim"
	"github.com/serverless-relay/relay/shared/lookup"
	"github.com/serverless-relay/relay/shared/normalize"
	"github.com/serverless-relay/relay/shared/relay"
	"github.com/serverless-relay/relay/shared/upstream"
)

// Provider is Akamai. It has no verdicts, because each list has a purpose that only its
// owners know.
var Provider = lookup.Source{
	Name: "akamai", Title: "Akamai",
	Types: []ctim.ObservableType{ctim.TypeIP, ctim.TypeIPv6},
	Credentials: []relay.Credential{
		{Name: "baseUrl", Prompt: "The host of your Akamai API client, such as akab-xxxx.luna.akamaiapis.net"},
		{Name: "accessToken", Prompt: "Its access token"},
		{Name: "clientToken", Prompt: "Its client token"},
		{Name: "clientSecret", Prompt: "Its client secret"},
	},
	Auth:  upstream.AddressBelow("akamaiapis.net", "baseUrl", upstream.Signer(sign, "accessToken", "clientToken", "clientSecret")),
	Check: check,
}.With(func(s *lookup.Session) relay.Session { return &session{HealthChecker: s, lookup: s} })

// session answers one request.
type session struct {
	relay.HealthChecker
	lookup *lookup.Session
	once   sync.Once // guards the following
	lists  []networkList
	err    error
}

// check requests the lists without their elements.
func check(ctx context.Context, call *lookup.Call) error {
	_, err := request(ctx, call, nil, url.Values{"includeElements": {"false"}})
	return err
}

// load returns the lists. They are requested once for all observables, because they may
// be large.
func (s *session) load(ctx context.Context) ([]networkList, error) {
	s.once.Do(func() {
		var wanted []netip.Addr
		for _, o := range s.lookup.Observables {
			if a, ok := address(o); ok {
				wanted = append(wanted, a)
			}
		}
		s.lists, s.err = request(ctx, s.lookup.Call(), wanted, url.Values{"includeElements": {"true"}, "extended": {"true"}})
	})
	return s.lists, s.err
}

// request requests the lists of addresses, with those elements that contain a wanted one.
func request(ctx context.Context, call *lookup.Call, wanted []netip.Addr, query url.Values) ([]networkList, error) {
	query.Set("listType", "IP")
	var answer struct {
		Lists lists `json:"networkLists"`
	}
	answer.Lists.wanted = wanted
	err := call.Do(ctx, upstream.Request{Path: listsPath, Query: query}, &answer)
	if err == nil && answer.Lists.all == nil {
		err = relay.Errorf(relay.CodeServiceUnavailable, "Akamai sent JSON without network lists. Check its address in the settings.")
	}
	return answer.Lists.all, err
}

// address parses an observable. ok is false if it isn't a public address, because Akamai
// doesn't see others.
func address(o ctim.Observable) (a netip.Addr, ok bool) {
	normal, err := normalize.Observable(o)
	a, invalid := netip.ParseAddr(normal.Value)
	return a, err == nil && invalid == nil && normalize.IsPublic(normal)
}
