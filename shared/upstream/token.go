package upstream

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"sync"
	"time"

	"golang.org/x/oauth2"
)

// errNoToken is an answer of a token endpoint that contains no token.
var errNoToken = errors.New("upstream: the token endpoint returned no token")

// maxTokens is how many credentials have their OAuth2 token kept.
const maxTokens = 1000

// tokens are the OAuth2 tokens by credential.
type tokens struct {
	mu  sync.Mutex
	all map[identity]*heldToken
}

// heldToken is one credential's. Whoever gets it holds the turn, so that many
// calls fetch one token.
type heldToken struct {
	turn  chan struct{}
	token *oauth2.Token
}

func (t *tokens) of(by identity) *heldToken {
	t.mu.Lock()
	defer t.mu.Unlock()
	held := t.all[by]
	if held == nil {
		if t.all == nil || len(t.all) >= maxTokens {
			t.all = map[identity]*heldToken{}
		}
		held = &heldToken{turn: make(chan struct{}, 1)}
		t.all[by] = held
	}
	return held
}

// token returns a credential's OAuth2 token. refused is one that the third party
// has refused, and which is not returned again. fresh says that it was fetched
// now.
func (c *Client) token(ctx context.Context, q *question, refused string) (token string, fresh bool, err error) {
	held := c.tokens.of(q.by)
	select {
	case held.turn <- struct{}{}:
	case <-ctx.Done():
		return "", false, ctx.Err()
	}
	defer func() { <-held.turn }()
	if held.token.Valid() && held.token.AccessToken != refused {
		return held.token.AccessToken, false, nil
	}
	if q.credential.fromUser || q.credential.tokenFromUser {
		ctx = fromUser(ctx)
	}
	client := &http.Client{Transport: c.http.Transport, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	got, err := q.credential.oauth2.Token(context.WithValue(ctx, oauth2.HTTPClient, client))
	if err != nil {
		return "", false, tokenError(err)
	}
	held.token = got
	return got.AccessToken, true, nil
}

// tokenError keeps what can be told of an error: its text may quote the whole
// answer. A credential that a token endpoint doesn't know is a 400 or 401 there
// (RFC 6749, section 5.2).
func tokenError(err error) error {
	var (
		refused *oauth2.RetrieveError
		network *url.Error
	)
	switch {
	case errors.As(err, &refused) && refused.Response != nil:
		status := &StatusError{Status: refused.Response.StatusCode, Body: refused.Body, RetryAfter: retryAfter(refused.Response.Header, time.Now())}
		if status.Status == http.StatusBadRequest {
			status.Status = http.StatusUnauthorized
		}
		if status.Status >= 200 && status.Status < 300 {
			return errNoToken
		}
		return status
	case errors.As(err, &network):
		return network.Err
	default:
		return errNoToken
	}
}
