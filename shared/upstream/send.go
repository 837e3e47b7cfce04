package upstream

import (
	"bytes"
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

// firstPause is about how long the first retry waits without a Retry-After. Each
// further one waits twice as long.
const firstPause = 250 * time.Millisecond

// errTimeout is the error of an attempt that took longer than the Client's timeout.
var errTimeout = errors.New("upstream: no response in time")

// fetch sends a request. If it is repeatable, fetch retries on transient failures
// as long as the call has time.
func (c *Client) fetch(ctx context.Context, r *request, call *call) response {
	for attempt := 0; ; attempt++ {
		resp := c.attempt(ctx, r)
		if resp.err == nil || !r.repeatable || attempt >= c.options.Retries || !isTransient(resp.err) {
			return resp
		}
		wait := pause(attempt)
		var status *StatusError
		if errors.As(resp.err, &status) {
			wait += status.RetryAfter
		}
		if !call.hasTime(wait) {
			return resp
		}
		timer := time.NewTimer(wait)
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return resp
		}
	}
}

// pause returns the time before the next retry after n retries. It doubles each
// time, and is random so that calls that failed together are not retried together.
func pause(n int) time.Duration {
	longest := firstPause << min(n, 10)
	return longest/2 + rand.N(longest/2)
}

// isTransient reports whether the same request may succeed in a moment.
func isTransient(err error) bool {
	var (
		status  *StatusError
		dns     *net.DNSError
		cert    *tls.CertificateVerificationError
		noTLS   tls.RecordHeaderError
		network net.Error
	)
	switch {
	case errors.As(err, &status):
		return status.Status == http.StatusTooManyRequests || status.Status >= 500 && status.Status != http.StatusNotImplemented
	case errors.Is(err, errTimeout), errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return false // retries make a slow third party slower
	case errors.Is(err, errPrivate), errors.As(err, &cert), errors.As(err, &noTLS):
		return false
	case errors.As(err, &dns):
		return !dns.IsNotFound
	default:
		return errors.As(err, &network) || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF)
	}
}

// attempt sends a request once, within the limits of concurrency and time.
func (c *Client) attempt(ctx context.Context, r *request) response {
	release, err := c.limits.acquire(ctx, r.caller.identity)
	if err != nil {
		return response{err: err}
	}
	defer release()
	ctx, cancel := context.WithTimeoutCause(ctx, c.options.Timeout, errTimeout)
	defer cancel()
	resp := c.authorize(ctx, r)
	if resp.err != nil && errors.Is(context.Cause(ctx), errTimeout) {
		resp.err = errTimeout
	}
	return resp
}

// authorize sends a request with an OAuth2 token if it needs one. If a cached
// token is refused, the request is sent once more with a new one.
func (c *Client) authorize(ctx context.Context, r *request) response {
	if r.caller.credential.oauth2 == nil {
		return c.send(ctx, r, "")
	}
	token, fresh, err := c.token(ctx, r, "")
	if err != nil {
		return response{err: err}
	}
	resp := c.send(ctx, r, token)
	if !fresh && IsStatus(resp.err, http.StatusUnauthorized) {
		if token, _, err = c.token(ctx, r, token); err != nil {
			return response{err: err}
		}
		resp = c.send(ctx, r, token)
	}
	return resp
}

func (c *Client) send(ctx context.Context, r *request, token string) response {
	req, err := r.newHTTPRequest(ctx)
	if err != nil {
		return response{err: err}
	}
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	// The id is random. It only shows the third party which calls belong to one request.
	// Signatures don't cover it.
	if id := logging.RequestID(ctx); id != "" {
		req.Header.Set("X-Request-Id", id)
	}
	defer logging.StartCall(ctx, r.caller.title)()
	resp, err := c.http.Do(req)
	if err != nil {
		var wrapped *url.Error
		if errors.As(err, &wrapped) {
			err = wrapped.Err // without the URL, which contains the observable
		}
		return response{err: err}
	}
	defer func() { _ = resp.Body.Close() }()
	quota := quotas(resp.Header)
	if resp.StatusCode < 200 || resp.StatusCode > 299 {
		body, _ := io.ReadAll(io.LimitReader(resp.Body, maxErrorBody)) // optional: the status is enough
		if token != "" {
			body = bytes.ReplaceAll(body, []byte(token), []byte("[redacted]")) // it is not among the credential's secrets
		}
		return response{quota: quota, err: &StatusError{Status: resp.StatusCode, Body: body, RetryAfter: retryAfter(resp.Header, time.Now())}}
	}
	if r.members != nil {
		body, err := keepMembers(resp.Body, r.members)
		return response{body: body, err: err, quota: quota}
	}
	body, free, err := c.buffers.read(ctx, resp)
	return response{body: body, free: free, err: err, quota: quota}
}
