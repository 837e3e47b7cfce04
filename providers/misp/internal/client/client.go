// Package client calls the parts of MISP's API that the provider needs:
// https://www.misp-project.org/openapi/.
package client

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/serverless-relay/relay/shared/lenient"
	"github.com/serverless-relay/relay/shared/relay"
	"github.com/serverless-relay/relay/shared/upstream"
)

// Title is MISP's name in messages.
const Title = "MISP"

// Client calls one MISP server with one user's key, for one request of the
// platform. It is safe for concurrent use.
type Client struct{ caller *upstream.Caller }

// The claims with a caller's credentials.
const (
	HostClaim = "HOST"
	KeyClaim  = "AuthKey"
)

// Connect returns a Client for the caller's server, with its automation key. A
// host that is not an address, or a key that can't be sent, is a *relay.Error.
func Connect(server *upstream.Client, claims relay.Claims) (*Client, error) {
	caller, err := server.Caller(upstream.AddressFrom(HostClaim, upstream.Header("Authorization", KeyClaim)), claims)
	if err != nil {
		return nil, err
	}
	return &Client{caller}, nil
}

// Page returns the address of a page for people. Escape the variable parts of
// path with url.PathEscape.
func (c *Client) Page(path string) string { return c.caller.URL(path) }

// Version returns the server's version. It needs a valid key, with any permissions.
func (c *Client) Version(ctx context.Context) (string, error) {
	var answer struct {
		Version lenient.Text `json:"version"`
	}
	if err := c.do(ctx, upstream.Request{Path: "/servers/getVersion"}, &answer); err != nil {
		return "", err
	}
	if answer.Version == "" {
		return "", relay.Errorf(relay.CodeServiceUnavailable,
			"The server at the address of %s reports no version, as %s does. Check the address in the module's settings.", Title, Title)
	}
	return string(answer.Version), nil
}

// do calls MISP and decodes its response into into. It distinguishes the causes of a 403:
// a wrong key, a user without the permission, or a proxy before MISP.
func (c *Client) do(ctx context.Context, r upstream.Request, into any) error {
	err := c.caller.Do(ctx, r, into)
	var status *upstream.StatusError
	if !errors.As(err, &status) {
		return err
	}
	reason := Explain(status.Body)
	switch status.Status {
	case http.StatusMethodNotAllowed:
		if reason == "" {
			return err
		}
	case http.StatusForbidden:
		if bytes.HasPrefix(bytes.TrimSpace(status.Body), []byte("<")) {
			return fmt.Errorf("%w (%w)", relay.Errorf(relay.CodeConnection,
				"A proxy or firewall before %s refused the call (403). Let the relay through there, or check the address in the module's settings.", Title), status)
		}
		if !strings.Contains(strings.ToLower(reason), "permission") {
			c.caller.Stop(err)
			return err
		}
	default:
		return err
	}
	return fmt.Errorf("%w (%w)", relay.Errorf(relay.CodePermissionDenied,
		"The key's user may not do this in %s (%d). To add sightings, use a key that is not read-only, of a user whose role may add them.",
		Title, status.Status), status)
}

// nothingFound reports whether an error is an old server's response to a search without
// results.
func nothingFound(err error) bool {
	var status *upstream.StatusError
	return errors.As(err, &status) && status.Status == http.StatusNotFound && strings.HasPrefix(Explain(status.Body), "No matches")
}

// Explain returns MISP's own message in the body of an error, or "".
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
