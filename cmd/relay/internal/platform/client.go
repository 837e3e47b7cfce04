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

// Options are the parameters of a Client. They contain a password, so they print
// as "[platform options]".
type Options struct {
	// BaseURL is the API's URL, such as https://visibility.amp.cisco.com.
	BaseURL string
	// ClientID and Password are those of an API client of the organisation. It
	// needs the scope "integration".
	ClientID string
	Password string `json:"-"`
	// Transport replaces the network in tests.
	Transport http.RoundTripper
}

// Format keeps the password out of every fmt verb.
func (Options) Format(s fmt.State, _ rune) { _, _ = io.WriteString(s, "[platform options]") }

// Client is a client of the API for one organisation. It keeps its token until
// that expires, and retries requests that are safe to repeat. It is safe for
// concurrent use, and prints as "[platform client]".
type Client struct {
	upstream *upstream.Client
	claims   relay.Claims
	password string
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

// New returns a Client. It sends no request.
func New(o Options) (*Client, error) {
	address, err := upstream.ParseAddress(o.BaseURL)
	if err != nil {
		return nil, err
	}
	options, err := upstream.FromEnvironment(o.Transport)
	if err != nil {
		return nil, err
	}
	options.Title, options.Address, options.Timeout, options.Retries = "Cisco XDR", address, attemptTimeout, retries
	options.Settings.Cache = 0 // a list must contain the change before it
	client, err := upstream.New(options)
	if err != nil {
		return nil, err
	}
	return &Client{client, relay.NewClaims(map[string]any{"id": o.ClientID, "password": o.Password}), o.Password}, nil
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

// Types returns all types of modules that the organisation can use.
func (c *Client) Types(ctx context.Context) ([]ListedType, error) {
	return list(ctx, c, typePath, func(t ListedType) string { return t.ID })
}

// Send makes a change, and decodes the response into a value, which may be nil. If
// the error wraps ErrUncertain, the change may have been made.
func (c *Client) Send(ctx context.Context, change Change, into any) error {
	err := c.do(ctx, upstream.Request{Method: change.method, Path: change.path, Body: change.body, Repeatable: change.repeatable()}, into)
	if change.method == http.MethodDelete && upstream.IsStatus(err, http.StatusNotFound) {
		return nil // it is gone already
	}
	return explain(err, change, c.password)
}

const (
	// pageSize is small, because module types contain their pictures.
	pageSize = 50
	maxPages = 400
)

// list reads a list page by page. It ends with a page that isn't full or contains
// nothing new, in case the platform ignores the offset.
func list[T any](ctx context.Context, c *Client, path string, id func(T) string) ([]T, error) {
	var all []T
	seen := map[string]bool{}
	for range maxPages {
		query := url.Values{"limit": {strconv.Itoa(pageSize)}, "offset": {strconv.Itoa(len(all))}}
		var page []T
		if err := c.do(ctx, upstream.Request{Path: path, Query: query}, &page); err != nil {
			return nil, explain(err, Change{method: http.MethodGet, path: path}, c.password)
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
	return nil, fmt.Errorf("GET %s: the list has more than %d items", path, maxPages*pageSize)
}
