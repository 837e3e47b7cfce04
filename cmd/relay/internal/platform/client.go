package platform

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"sync"
	"time"
)

// Options are what a Client needs. They print as "[platform options]", for they
// hold a password.
type Options struct {
	// BaseURL is where the API is, such as https://visibility.amp.cisco.com.
	BaseURL string
	// ClientID and Password are those of an API client of the organisation. It
	// needs the scope "integration".
	ClientID string
	Password string `json:"-"`
	// Transport sends the requests; nil means http.DefaultTransport.
	Transport http.RoundTripper
}

// Format keeps the password out of every fmt verb.
func (Options) Format(s fmt.State, _ rune) { _, _ = io.WriteString(s, "[platform options]") }

// Client is a client of the API for one organisation. It gets a token when it
// needs one, and keeps it until a minute before its end. It is safe for
// concurrent use, and prints as "[platform client]".
//
// A request that can be repeated without harm is, a few times, where the
// platform fails or can't be reached; one that was refused because there were
// too many is sent again after the time that the platform names, if that is
// no more than a minute.
type Client struct {
	options Options
	http    *http.Client

	mu    sync.Mutex
	token accessToken
}

// Format keeps the password and the token out of every fmt verb.
func (*Client) Format(s fmt.State, _ rune) { _, _ = io.WriteString(s, "[platform client]") }

// patience is how long one request may take.
const patience = 30 * time.Second

// New makes a Client. It sends nothing yet.
func New(o Options) *Client {
	return &Client{options: o, http: &http.Client{
		Transport: o.Transport,
		Timeout:   patience,
		// Credentials would go along.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// The paths of the API.
const (
	tokenPath    = "/iroh/oauth2/token"
	typePath     = "/iroh/iroh-int/module-type"
	instancePath = "/iroh/iroh-int/module-instance"
)

// Instances are all modules of the organisation that the client may see.
func (c *Client) Instances(ctx context.Context) ([]Instance, error) {
	return list(ctx, c, instancePath, func(i Instance) string { return i.ID })
}

// Types are all types of modules that the organisation can use.
func (c *Client) Types(ctx context.Context) ([]ListedType, error) {
	return list(ctx, c, typePath, func(t ListedType) string { return t.ID })
}

// Send makes a change. What the platform answers is decoded into the value,
// which may be nil. Where an error wraps ErrUncertain, the change may have been
// made all the same.
func (c *Client) Send(ctx context.Context, change Change, into any) error {
	body, err := change.encode()
	if err != nil {
		return err
	}
	r := request{method: change.Method, path: change.Path, body: body, secrets: change.secrets(), repeatable: change.repeatable()}
	return c.call(ctx, r, into)
}

// How lists are read: so many at a time, and no more often than that.
const (
	pageSize = 100
	maxPages = 200
)

// list reads a list page by page. It ends with a page that isn't full, or has
// nothing new: a server may overlook the offset.
func list[T any](ctx context.Context, c *Client, path string, id func(T) string) ([]T, error) {
	var all []T
	seen := map[string]bool{}
	for range maxPages {
		query := url.Values{"limit": {strconv.Itoa(pageSize)}, "offset": {strconv.Itoa(len(all))}}
		var page []T
		if err := c.call(ctx, request{method: http.MethodGet, path: path, query: query, repeatable: true}, &page); err != nil {
			return nil, err
		}
		fresh := 0
		for _, item := range page {
			if !seen[id(item)] {
				seen[id(item)] = true
				all = append(all, item)
				fresh++
			}
		}
		if len(page) < pageSize || fresh == 0 {
			return all, nil
		}
	}
	return nil, fmt.Errorf("GET %s: the list has more than %d items", path, maxPages*pageSize)
}
