// Package client speaks MISP's API, as far as the provider needs it:
// https://www.misp-project.org/openapi/.
package client

import (
	"cmp"
	"context"
	"encoding/json"

	"github.com/serverless-relay/relay/shared/lenient"
	"github.com/serverless-relay/relay/shared/relay"
	"github.com/serverless-relay/relay/shared/upstream"
)

// Title is MISP's name in messages.
const Title = "MISP"

// Client asks one MISP server with one user's key. It is for several
// goroutines at once.
type Client struct{ caller *upstream.Caller }

// The claims that contain a caller's credentials.
const (
	HostClaim = "HOST"
	KeyClaim  = "AuthKey"
)

// Connect returns a Client of the caller's server with its automation key. A
// host that is no address, or a key that can't be sent, is a *relay.Error.
func Connect(third *upstream.Client, claims relay.Claims) (*Client, error) {
	caller, err := third.Caller(upstream.AddressFrom(HostClaim, upstream.Header("Authorization", KeyClaim)), claims)
	if err != nil {
		return nil, err
	}
	return &Client{caller}, nil
}

// Page is the address of a page for people. Escape the variable parts of its
// path with url.PathEscape.
func (c *Client) Page(path string) string { return c.caller.URL(path) }

// Version is the server's version. Any user may ask for it, and nobody without
// a key.
func (c *Client) Version(ctx context.Context) (string, error) {
	var answer struct {
		Version lenient.Text `json:"version"`
	}
	if err := c.caller.Do(ctx, upstream.Request{Path: "/servers/getVersion"}, &answer); err != nil {
		return "", err
	}
	if answer.Version == "" {
		return "", relay.Errorf(relay.CodeServiceUnavailable,
			"What answers at the address of %s doesn't tell a version as %s does. Check the address in the module's settings.", Title, Title)
	}
	return string(answer.Version), nil
}

// Explain finds MISP's own words in the body of an error.
func Explain(body []byte) string {
	var answer struct {
		Name    lenient.Text `json:"name"`
		Message lenient.Text `json:"message"`
	}
	if json.Unmarshal(body, &answer) != nil {
		return ""
	}
	return string(cmp.Or(answer.Message, answer.Name))
}
