package upstream

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"net/http"
	"net/url"
	"strconv"

	"github.com/serverless-relay/relay/shared/relay"
)

// Request is what a third party is asked.
type Request struct {
	// Method is GET where it is empty.
	Method string
	// Path is below the third party's address. Escape its variable parts with
	// url.PathEscape.
	Path string
	// Query is written after the path.
	Query url.Values
	// Body is sent as JSON, nil for none.
	Body any
	// Form is sent as a URL-encoded form, in place of a Body.
	Form url.Values
	// Repeatable says that a POST only asks, such as a search. As a GET does by
	// itself, it may then be sent again when it fails, and one answer serves all
	// who ask the same.
	Repeatable bool
}

// key stands for a question by one credential: two of one key have the same
// answer.
type key [sha256.Size]byte

// question is a Request with all that is needed to send it, as often as it
// takes.
type question struct {
	method     string
	url        string
	header     http.Header
	body       []byte
	repeatable bool
	credential credential
	by         identity // who asks
}

// question makes the question of a request.
func (c *Caller) question(r Request) (*question, error) {
	if c.address.url == nil {
		return nil, relay.Errorf(relay.CodeInvalidArgument, "The address of %s is not set.", c.title)
	}
	q := &question{method: r.Method, header: http.Header{}, credential: c.credential, by: c.identity}
	maps.Copy(q.header, c.credential.header)
	if q.method == "" {
		q.method = http.MethodGet
	}
	q.repeatable = r.Repeatable || q.method == http.MethodGet || q.method == http.MethodHead
	u := c.address.join(r.Path)
	query := url.Values{}
	maps.Copy(query, r.Query)
	maps.Copy(query, c.credential.query)
	u.RawQuery = query.Encode()
	q.url = u.String()
	q.header.Set("Accept", "application/json")
	q.header.Set("User-Agent", "serverless-relay/"+relay.Version)
	if r.Form != nil {
		q.body = []byte(r.Form.Encode())
		q.header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	if r.Body != nil {
		body, err := json.Marshal(r.Body)
		if err != nil {
			return nil, relay.Errorf(relay.CodeInternal, "The question to %s could not be written as JSON.", c.title)
		}
		q.body = body
		q.header.Set("Content-Type", "application/json")
	}
	return q, nil
}

// errUnsigned is a request that a Signer could not sign. Its own error may quote
// the credential.
var errUnsigned = errors.New("upstream: the request could not be signed")

// key is the question's key.
func (q *question) key() key {
	h := sha256.New()
	h.Write(q.by[:])
	h.Write([]byte(strconv.Quote(q.method) + strconv.Quote(q.url)))
	h.Write(q.body)
	return key(h.Sum(nil))
}

// http is the question as it is sent.
func (q *question) http(ctx context.Context) (*http.Request, error) {
	if q.credential.fromUser {
		ctx = fromUser(ctx)
	}
	var body io.Reader
	if q.body != nil {
		body = bytes.NewReader(q.body)
	}
	r, err := http.NewRequestWithContext(ctx, q.method, q.url, body)
	if err != nil {
		return nil, err
	}
	r.Header = q.header.Clone()
	if q.credential.sign != nil {
		if err := q.credential.sign(r, q.body); err != nil {
			return nil, errUnsigned
		}
	}
	return r, nil
}
