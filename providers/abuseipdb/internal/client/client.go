package client

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/netip"
	"net/url"
	"strconv"

	"github.com/serverless-relay/relay/shared/relay"
	"github.com/serverless-relay/relay/shared/upstream"
)

// Client asks with one key.
type Client struct {
	caller *upstream.Caller
	maxAge int
}

// New makes a Client. maxAge is how old a report may be that counts, in days
// from 1 to 365.
func New(c *upstream.Client, claims relay.Claims, maxAge int) (Client, error) {
	caller, err := c.Caller(upstream.Header("Key", "key"), claims)
	return Client{caller, maxAge}, err
}

// Check asks what is known about an address, with the newest reports, so many
// of them. Without reports the answer is a lot smaller. ok is false where
// AbuseIPDB can't say anything about such an address.
func (c Client) Check(ctx context.Context, a netip.Addr, reports int) (check Check, ok bool, err error) {
	query := url.Values{"ipAddress": {a.String()}, "maxAgeInDays": {strconv.Itoa(c.maxAge)}}
	if reports > 0 {
		query.Set("verbose", "true")
	}
	var answer struct{ Data *Check }
	answer.Data = &Check{Reports: Reports{most: reports}}
	err = c.caller.Do(ctx, upstream.Request{Path: "/api/v2/check", Query: query}, &answer)
	var status *upstream.StatusError
	switch {
	case errors.As(err, &status) && status.Status == http.StatusUnprocessableEntity:
		return Check{}, false, nil
	case err != nil:
		return Check{}, false, err
	case answer.Data == nil || answer.Data.Score == nil:
		return Check{}, false, relay.Errorf(relay.CodeServiceUnavailable, "AbuseIPDB answers in a form that the relay doesn't know.")
	default:
		return *answer.Data, true, nil
	}
}

// Explain finds what AbuseIPDB says of an error in the error's body.
func Explain(body []byte) string {
	var answer struct {
		Errors []struct{ Detail string }
	}
	if json.Unmarshal(body, &answer) != nil || len(answer.Errors) == 0 {
		return ""
	}
	return answer.Errors[0].Detail
}
