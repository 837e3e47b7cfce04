// Package urlscan asks urlscan.io for scans of web pages, and has it scan URLs. Its API:
// https://docs.urlscan.io/apis/urlscan-openapi
package urlscan

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"

	"github.com/serverless-relay/relay/shared/ctim"
	"github.com/serverless-relay/relay/shared/lenient"
	"github.com/serverless-relay/relay/shared/lookup"
	"github.com/serverless-relay/relay/shared/lucene"
	"github.com/serverless-relay/relay/shared/relay"
	"github.com/serverless-relay/relay/shared/upstream"
)

const site = "https://urlscan.io/" // where people look things up

// Provider is urlscan.io.
var Provider = lookup.Source{
	Name: "urlscan", Title: "urlscan.io", URL: "https://urlscan.io",
	Types:       []ctim.ObservableType{ctim.TypeIP, ctim.TypeIPv6, ctim.TypeDomain, ctim.TypeHostname, ctim.TypeURL},
	Credentials: []relay.Credential{{Name: "key", Prompt: "Your urlscan.io API key"}},
	Auth:        upstream.Header("API-Key", "key"),
	Check:       check, Find: find, Page: page,
}.With(func(s *lookup.Session) relay.Session { return session{s} })

// ask sends a request. Keys are refused in three ways: with status 401, with 400 if they
// have another form than urlscan.io's, and with 403 by the results of scans.
func ask(ctx context.Context, call *lookup.Call, r upstream.Request, into any) error {
	err := call.Do(ctx, r, into)
	var status *upstream.StatusError
	if errors.As(err, &status) && (status.Status == http.StatusForbidden ||
		status.Status == http.StatusBadRequest && bytes.Contains(bytes.ToLower(status.Body), []byte("api key"))) {
		return call.Fail(http.StatusUnauthorized)
	}
	return err
}

// check asks for the quotas of the key. urlscan.io answers about the address instead if
// it doesn't know the key.
func check(ctx context.Context, call *lookup.Call) error {
	var answer struct {
		Scope lenient.Text `json:"scope"` // user, team or ip-address
	}
	err := ask(ctx, call, upstream.Request{Path: "/api/v1/quotas"}, &answer)
	if err == nil && answer.Scope == "ip-address" {
		return call.Fail(http.StatusUnauthorized)
	}
	return err
}

// searchFor returns the query for scans of pages at an observable.
func searchFor(o ctim.Observable) string {
	value := lucene.Quote(o.Value)
	switch o.Type {
	case ctim.TypeIP, ctim.TypeIPv6:
		return "page.ip:" + value
	case ctim.TypeURL: // before redirects or after
		return "task.url.keyword:" + value + " OR page.url.keyword:" + value
	default:
		return "page.domain:" + value
	}
}

// page returns the page about an address or a name, or the search for a URL.
func page(_ *lookup.Call, o ctim.Observable) string {
	switch o.Type {
	case ctim.TypeIP, ctim.TypeIPv6:
		return site + "ip/" + url.PathEscape(o.Value)
	case ctim.TypeURL:
		return site + "search/#" + url.PathEscape(searchFor(o))
	default:
		return site + "domain/" + url.PathEscape(o.Value)
	}
}

// session adds actions.
type session struct{ *lookup.Session }

// The actions' ids. Public scans are not offered: everybody would read the URL.
const private, unlisted = "urlscan-scan-private", "urlscan-scan-unlisted"

// Actions implements relay.Responder.
func (s session) Actions(_ context.Context, requested ctim.Observable) ([]relay.Action, error) {
	if o, ok := s.Normalize(requested); !ok || o.Type != ctim.TypeURL {
		return nil, nil
	}
	categories := []string{"urlscan.io", "Scan"}
	return []relay.Action{
		{ID: private, Title: "Scan privately with urlscan.io", Categories: categories, Description: "Have urlscan.io open this URL. Only you see the scan."},
		{ID: unlisted, Title: "Scan unlisted with urlscan.io", Categories: categories, Description: "Have urlscan.io open this URL. You see the scan, and the customers and researchers whom urlscan.io trusts."},
	}, nil
}

// Trigger implements relay.Responder. When it is repeated, there is a second scan.
func (s session) Trigger(ctx context.Context, t relay.Trigger) error {
	if t.ActionID != private && t.ActionID != unlisted {
		return relay.ErrUnsupportedAction
	}
	o, ok := s.Normalize(t.Observable)
	if !ok || o.Type != ctim.TypeURL {
		return relay.Errorf(relay.CodeInvalidArgument, "urlscan.io scans only valid URLs on the public internet.")
	}
	var submitted struct {
		ID lenient.Text `json:"uuid"`
	}
	body := map[string]string{"url": o.Value, "visibility": strings.TrimPrefix(t.ActionID, "urlscan-scan-")}
	err := ask(ctx, s.Call(), upstream.Request{Method: http.MethodPost, Path: "/api/v1/scan", Body: body}, &submitted)
	if err == nil && submitted.ID == "" {
		err = s.Call().Fail(http.StatusBadGateway)
	}
	return err
}
