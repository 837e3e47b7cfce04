// Package platform is a client of Cisco XDR's API for modules and their types.
//
// It follows the API's published description (IROH INT, 1.0.107) and the pages on
// authentication and rate limits at developer.cisco.com/docs/cisco-xdr.
package platform

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/serverless-relay/relay/shared/relay"
	"github.com/serverless-relay/relay/shared/upstream"
)

var hosts = map[string]string{
	"us":   "visibility.amp.cisco.com",
	"eu":   "visibility.eu.amp.cisco.com",
	"apjc": "visibility.apjc.amp.cisco.com",
}

// Host returns the host of a region: us, eu or apjc. It has the API and the keys of the
// platform's tokens. It is empty for an unknown region. An organisation and its API
// clients belong to one region.
func Host(region string) string { return hosts[region] }

// Client is a client of the API for one organisation. It keeps its token until
// that expires, and retries requests that are safe to repeat. It is safe for
// concurrent use, and prints as "[platform client]".
type Client struct {
	upstream *upstream.Client
	claims   relay.Claims // with the client's id and password
}

// Format keeps the password and the token out of every fmt verb.
func (*Client) Format(s fmt.State, _ rune) { _, _ = io.WriteString(s, "[platform client]") }

// The paths of the API.
const (
	tokenPath    = "/iroh/oauth2/token"
	typePath     = "/iroh/iroh-int/module-type"
	instancePath = "/iroh/iroh-int/module-instance"
)

const (
	// attemptTimeout is how long one request may take.
	attemptTimeout = 30 * time.Second
	// retryTimeout is how long a request may take with its retries. If the
	// organisation has used up its requests, the platform asks for pauses of up
	// to an hour.
	retryTimeout = 2 * time.Minute
	retries      = 3
)

// New returns a Client of the API at a URL such as https://visibility.amp.cisco.com, for
// an API client of the organisation with the scope "integration". It sends no request.
// transport replaces the network in tests, unless it is nil.
func New(baseURL, clientID, password string, transport http.RoundTripper) (*Client, error) {
	address, err := upstream.ParseAddress(baseURL)
	if err != nil {
		return nil, err
	}
	options, err := upstream.FromEnvironment(transport)
	if err != nil {
		return nil, err
	}
	options.Title, options.Address, options.Timeout, options.Retries = "Cisco XDR", address, attemptTimeout, retries
	options.Settings.Cache = 0 // a list must contain the change before it
	client, err := upstream.New(options)
	if err != nil {
		return nil, err
	}
	return &Client{client, relay.NewClaims(map[string]any{"id": clientID, "password": password})}, nil
}

// do sends a request and decodes the response. A new Caller for each request keeps
// no earlier response.
func (c *Client) do(ctx context.Context, r upstream.Request, into any) error {
	caller, err := c.upstream.Caller(upstream.OAuth2(tokenPath, "id", "password"), c.claims)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, retryTimeout)
	defer cancel()
	return caller.Do(ctx, r, into)
}

// Instances returns all modules of the organisation that the client may see.
func (c *Client) Instances(ctx context.Context) ([]Instance, error) {
	return list(ctx, c, instancePath, func(i Instance) string { return i.ID })
}

// Types returns all types of modules that the organisation can use, as encoding/json
// decodes them. The visibility is "global" for the platform's own types, and "org" for
// those of the organisation.
func (c *Client) Types(ctx context.Context) ([]map[string]any, error) {
	return list(ctx, c, typePath, func(t map[string]any) string {
		id, _ := t["id"].(string)
		return id
	})
}

// Send makes a change, and decodes the response into a value, which may be nil. If
// the error wraps ErrUncertain, the change may have been made.
func (c *Client) Send(ctx context.Context, change Change, into any) error {
	err := c.do(ctx, change.Request, into)
	if change.Method == http.MethodDelete && upstream.IsStatus(err, http.StatusNotFound) {
		return nil // it is gone already
	}
	return explain(err, change, c.claims.Get("password"))
}

// pageSize is small, because module types contain their pictures.
const pageSize = 50

// list reads a list page by page. It ends with a page that isn't full or contains
// nothing new, in case the platform ignores the offset.
func list[T any](ctx context.Context, c *Client, path string, id func(T) string) ([]T, error) {
	var all []T
	seen := map[string]bool{}
	for {
		query := url.Values{"limit": {strconv.Itoa(pageSize)}, "offset": {strconv.Itoa(len(all))}}
		var page []T
		request := upstream.Request{Method: http.MethodGet, Path: path, Query: query, Repeatable: true}
		if err := c.do(ctx, request, &page); err != nil {
			return nil, explain(err, Change{Request: request}, c.claims.Get("password"))
		}
		before := len(all)
		for _, item := range page {
			if !seen[id(item)] {
				seen[id(item)] = true
				all = append(all, item)
			}
		}
		if len(page) < pageSize || len(all) == before {
			return all, nil
		}
	}
}
