package upstream

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"sync"
	"time"

	"golang.org/x/oauth2"

	"github.com/serverless-relay/relay/shared/logging"
)

// errNoToken is a token endpoint's response without a token.
var errNoToken = errors.New("upstream: the token endpoint returned no token")

// errNoTokenEndpoint is a 404 of the token endpoint. It is no StatusError, because a
// provider would take that for the answer that nothing is known.
var errNoTokenEndpoint = errors.New("upstream: the token endpoint was not found")

// maxTokens is how many credentials have a cached token.
const maxTokens = 1000

// tokens caches OAuth2 tokens by credential.
type tokens struct {
	mu   sync.Mutex
	byID map[identity]*cachedToken
}

// cachedToken is the token of one credential. lock guards it while it is fetched,
// so that concurrent calls fetch one token. It is a channel because a wait for it
// ends with the context.
type cachedToken struct {
	lock  chan struct{}
	token *oauth2.Token
}

func (t *tokens) get(id identity) *cachedToken {
	t.mu.Lock()
	defer t.mu.Unlock()
	cached := t.byID[id]
	if cached == nil {
		if t.byID == nil || len(t.byID) >= maxTokens {
			t.byID = map[identity]*cachedToken{}
		}
		cached = &cachedToken{lock: make(chan struct{}, 1)}
		t.byID[id] = cached
	}
	return cached
}

// token returns a valid token other than the refused one. fresh is true if it
// didn't come from the cache.
func (c *Client) token(ctx context.Context, r *request, refused string) (token string, fresh bool, err error) {
	cached := c.tokens.get(r.caller.identity)
	select {
	case cached.lock <- struct{}{}:
	case <-ctx.Done():
		return "", false, ctx.Err()
	}
	defer func() { <-cached.lock }()
	if cached.token.Valid() && cached.token.AccessToken != refused {
		return cached.token.AccessToken, false, nil
	}
	if r.caller.credential.fromUser || r.caller.credential.tokenFromUser {
		ctx = fromUser(ctx)
	}
	client := &http.Client{Transport: c.http.Transport, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	defer logging.StartCall(ctx, r.caller.title)()
	issued, err := r.caller.credential.oauth2.Token(context.WithValue(ctx, oauth2.HTTPClient, client))
	if err != nil {
		return "", false, tokenError(err)
	}
	cached.token = issued
	return issued.AccessToken, true, nil
}

// tokenError returns an error without the response, which the text of err may quote.
// A 400 becomes a 401: a token endpoint may send either for a wrong credential (RFC
// 6749, section 5.2).
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
		if status.Status == http.StatusNotFound {
			return errNoTokenEndpoint
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
