package upstream

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"

	"github.com/serverless-relay/relay/shared/relay"
)

// Request is a request to a third party.
type Request struct {
	// Method is GET if it is empty.
	Method string
	// Path is below the third party's address. Escape its variable parts with
	// url.PathEscape.
	Path string
	// Query is added to the path.
	Query url.Values
	// Body is sent as JSON; nil is none.
	Body any
	// Form is sent URL-encoded instead of a Body.
	Form url.Values
	// Repeatable marks a POST that changes nothing, such as a search. Like a GET, it
	// may be retried, and equal ones share a response.
	Repeatable bool
	// Members are the names of the members that are needed of the object in the
	// response; nil is all. The others are skipped while reading, so that a response of
	// many megabytes takes little memory. It may have up to 32 MB instead of 8 MB.
	Members []string
}

type freshKey struct{}

// Fresh returns a context for requests that must not get a cached response.
func Fresh(ctx context.Context) context.Context { return context.WithValue(ctx, freshKey{}, true) }

// key identifies a request with a credential. Equal keys have the same response.
type key [sha256.Size]byte

// request is a Request that is ready to be sent, several times if need be.
type request struct {
	caller     *Caller
	method     string
	url        string
	header     http.Header
	body       []byte
	repeatable bool
	members    []string
}

// prepare adds the address and the credential to a Request.
func (c *Caller) prepare(in Request) (*request, error) {
	if c.address.url == nil {
		return nil, relay.Errorf(relay.CodeInvalidArgument, "The address of %s is not set.", c.title)
	}
	r := &request{caller: c, method: cmp.Or(in.Method, http.MethodGet), header: http.Header{}, members: in.Members}
	maps.Copy(r.header, c.credential.header)
	r.repeatable = in.Repeatable || r.method == http.MethodGet || r.method == http.MethodHead
	u := c.address.join(in.Path)
	query := url.Values{}
	maps.Copy(query, in.Query)
	maps.Copy(query, c.credential.query)
	u.RawQuery = query.Encode()
	r.url = u.String()
	r.header.Set("Accept", "application/json")
	r.header.Set("User-Agent", "serverless-relay/"+relay.Version)
	if in.Form != nil {
		r.body = []byte(in.Form.Encode())
		r.header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	if in.Body != nil {
		body, err := json.Marshal(in.Body)
		if err != nil {
			return nil, relay.Errorf(relay.CodeInternal, "The request to %s could not be written as JSON.", c.title)
		}
		r.body = body
		r.header.Set("Content-Type", "application/json")
	}
	return r, nil
}

// errNotSigned replaces the error of a Signer, which may quote the credential.
var errNotSigned = errors.New("upstream: the request could not be signed")

func (r *request) key() *key {
	h := sha256.New()
	h.Write(r.caller.identity[:])
	fmt.Fprintf(h, "%q%q%q", r.method, r.url, r.members)
	h.Write(r.body)
	return (*key)(h.Sum(nil))
}

// newHTTPRequest returns a signed request to send.
func (r *request) newHTTPRequest(ctx context.Context) (*http.Request, error) {
	if r.caller.credential.fromUser {
		ctx = fromUser(ctx)
	}
	var body io.Reader
	if r.body != nil {
		body = bytes.NewReader(r.body)
	}
	out, err := http.NewRequestWithContext(ctx, r.method, r.url, body)
	if err != nil {
		return nil, err
	}
	out.Header = r.header.Clone()
	if r.caller.credential.sign != nil {
		if err := r.caller.credential.sign(out, r.body); err != nil {
			return nil, errNotSigned
		}
	}
	return out, nil
}
