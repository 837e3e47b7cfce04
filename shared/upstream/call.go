package upstream

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/url"
	"time"

	"github.com/serverless-relay/relay/shared/logging"
)

// firstPause is about how long the first retry waits, if it isn't told. Each
// further one waits twice as long.
const firstPause = 250 * time.Millisecond

// errSlow is an attempt that ran out of its time.
var errSlow = errors.New("upstream: no answer in time")

// call asks a question, again where it failed in passing and may be repeated,
// as long as somebody waits for it.
func (c *Client) call(ctx context.Context, q *question, f *flight) answer {
	for attempt := 0; ; attempt++ {
		a := c.attempt(ctx, q)
		if a.err == nil || !q.repeatable || attempt >= c.retries || !passing(a.err) {
			return a
		}
		wait := pause(attempt)
		var status *StatusError
		if errors.As(a.err, &status) {
			wait += status.RetryAfter
		}
		if !f.hasTime(wait) {
			return a
		}
		timer := time.NewTimer(wait)
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return a
		}
	}
}

// pause is how long to wait before the retry after that many: twice as long
// each time, and at random, so that those that failed together don't come back
// together.
func pause(retries int) time.Duration {
	most := firstPause << min(retries, 10)
	return most/2 + rand.N(most/2)
}

// passing says whether a failure may be over in a moment.
func passing(err error) bool {
	var (
		status  *StatusError
		name    *net.DNSError
		cert    *tls.CertificateVerificationError
		noTLS   tls.RecordHeaderError
		network net.Error
	)
	switch {
	case errors.As(err, &status):
		return status.Status == http.StatusTooManyRequests || status.Status >= 500 && status.Status != http.StatusNotImplemented
	case errors.Is(err, errSlow), errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return false // a third party that is slow gets slower by more questions
	case errors.Is(err, errLocal), errors.As(err, &cert), errors.As(err, &noTLS):
		return false
	case errors.As(err, &name):
		return !name.IsNotFound
	default:
		return errors.As(err, &network) || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF)
	}
}

// attempt sends a question once.
func (c *Client) attempt(ctx context.Context, q *question) answer {
	release, err := c.limits.acquire(ctx, q.by)
	if err != nil {
		return answer{err: err}
	}
	defer release()
	ctx, cancel := context.WithTimeoutCause(ctx, c.timeout, errSlow)
	defer cancel()
	a := c.authorized(ctx, q)
	if a.err != nil && errors.Is(context.Cause(ctx), errSlow) {
		a.err = errSlow
	}
	return a
}

// authorized sends a question with the token that it needs, if any, and once more
// with a new one if the third party refuses one that was kept.
func (c *Client) authorized(ctx context.Context, q *question) answer {
	if q.credential.oauth2 == nil {
		return c.send(ctx, q, "")
	}
	token, fresh, err := c.token(ctx, q, "")
	if err != nil {
		return answer{err: err}
	}
	a := c.send(ctx, q, token)
	if !fresh && IsStatus(a.err, http.StatusUnauthorized) {
		if token, _, err = c.token(ctx, q, token); err != nil {
			return answer{err: err}
		}
		a = c.send(ctx, q, token)
	}
	return a
}

func (c *Client) send(ctx context.Context, q *question, token string) answer {
	req, err := q.http(ctx)
	if err != nil {
		return answer{err: err}
	}
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	logging.AddCall(ctx)
	resp, err := c.http.Do(req)
	if err != nil {
		var wrapped *url.Error
		if errors.As(err, &wrapped) {
			err = wrapped.Err // without the URL: it holds what is asked about
		}
		return answer{err: err}
	}
	defer func() { _ = resp.Body.Close() }()
	quota := quotas(resp.Header)
	if resp.StatusCode < 200 || resp.StatusCode > 299 {
		body, _ := io.ReadAll(io.LimitReader(resp.Body, maxErrorBody)) // the status says enough
		return answer{quota: quota, err: &StatusError{Status: resp.StatusCode, Body: body, RetryAfter: retryAfter(resp.Header, time.Now())}}
	}
	body, free, err := c.buffers.read(ctx, resp)
	return answer{body: body, free: free, err: err, quota: quota}
}
