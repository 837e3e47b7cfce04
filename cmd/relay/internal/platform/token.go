package platform

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"time"
)

const (
	// usualLifetime is how long a token is good where the platform doesn't say.
	usualLifetime = 10 * time.Minute
	// renewal is how long before its end a token is replaced: a request must
	// not arrive with one that has just ended.
	renewal = time.Minute
)

// accessToken is a token for the API.
type accessToken struct {
	text string
	// until is when it should no longer be used.
	until time.Time
}

// bearer gives a token that is good for a while yet. refused is one that the
// platform did not take; empty for none.
func (c *Client) bearer(ctx context.Context, refused string) (string, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.token.text != "" && c.token.text != refused && time.Now().Before(c.token.until) {
		return c.token.text, nil
	}
	fetched, err := c.fetchToken(ctx)
	if err != nil {
		return "", err
	}
	c.token = fetched
	return fetched.text, nil
}

// fetchToken gets a token by client credentials (RFC 6749, section 4.4). To do
// so twice does no harm.
func (c *Client) fetchToken(ctx context.Context) (accessToken, error) {
	r := request{
		method:     http.MethodPost,
		path:       tokenPath,
		body:       []byte(url.Values{"grant_type": {"client_credentials"}}.Encode()),
		form:       true,
		repeatable: true,
		authorize:  func(hr *http.Request) { hr.SetBasicAuth(c.options.ClientID, c.options.Password) },
	}
	start := time.Now()
	var answer struct {
		AccessToken string  `json:"access_token"`
		ExpiresIn   float64 `json:"expires_in"` // seconds
	}
	if err := c.exchange(ctx, r, &answer); err != nil {
		return accessToken{}, explainToken(err)
	}
	if answer.AccessToken == "" {
		return accessToken{}, errors.New("POST " + tokenPath + ": the platform answered without a token")
	}
	lifetime := time.Duration(answer.ExpiresIn * float64(time.Second))
	if lifetime <= 0 {
		lifetime = usualLifetime
	}
	return accessToken{answer.AccessToken, start.Add(lifetime - renewal)}, nil
}
