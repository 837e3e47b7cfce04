package upstream

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"io"
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
	// by is who asks, and userGiven says that the address came from a user.
	by        identity
	userGiven bool
}

// question makes the question of a request.
func (c *Caller) question(r Request) (*question, error) {
	q := &question{method: r.Method, header: c.credential.Clone(), by: c.identity, userGiven: c.userGiven}
	if q.method == "" {
		q.method = http.MethodGet
	}
	q.repeatable = r.Repeatable || q.method == http.MethodGet || q.method == http.MethodHead
	u := c.address.join(r.Path)
	u.RawQuery = r.Query.Encode()
	q.url = u.String()
	q.header.Set("Accept", "application/json")
	q.header.Set("User-Agent", "serverless-relay/"+relay.Version)
	if r.Body != nil {
		body, err := json.Marshal(r.Body)
		if err != nil {
			return nil, relay.Errorf(relay.CodeInternal, "The question to %s could not be written as JSON.", c.client.title)
		}
		q.body = body
		q.header.Set("Content-Type", "application/json")
	}
	return q, nil
}

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
	if q.userGiven {
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
	return r, nil
}
