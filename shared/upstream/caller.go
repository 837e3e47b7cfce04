package upstream

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"sync"
	"time"

	"github.com/serverless-relay/relay/shared/relay"
)

// Caller calls a third party with one credential, for one request of the platform.
// It is safe for concurrent use.
type Caller struct {
	client *Client
	// title names the third party, or one of its services, in messages.
	title      string
	address    Address
	credential credential
	identity   identity
	cache      *cache // the Client's if it has one

	mu sync.Mutex
	// stopped is the error of all further calls, until the time if that is set.
	stopped error
	until   time.Time
	quota   relay.Quotas
	// services are the Callers that At and AtWith returned.
	services map[service]*Caller
}

// service identifies a service of the third party with its credential.
type service struct {
	title string
	identity
}

// At returns a Caller with the same credential for another service of the third
// party. title names the service in messages. address is from the operator's
// settings. The same title and address return the same Caller, which keeps its responses
// and remembers a refusal.
func (c *Caller) At(title string, address Address) *Caller {
	return c.at(title, address, c.credential)
}

func (c *Caller) at(title string, address Address, credential credential) *Caller {
	c.mu.Lock()
	defer c.mu.Unlock()
	at := service{title, credential.identify(address)}
	caller := c.services[at]
	if caller == nil {
		caller = c.client.callerAt(title, address, credential)
		if c.services == nil {
			c.services = map[service]*Caller{}
		}
		c.services[at] = caller
	}
	return caller
}

// AtWith is At for a service that needs another credential, such as a token for
// another audience. A credential that can't be sent is an error, as in Client.Caller.
func (c *Caller) AtWith(title string, address Address, auth Auth, claims relay.Claims) (*Caller, error) {
	credential := auth(claims)
	if err := credential.check(title); err != nil {
		return nil, err
	}
	return c.at(title, address, credential), nil
}

// SelfHosted reports whether callers host the third party (AddressFrom). Then private
// addresses mean the same to both.
func (c *Caller) SelfHosted() bool { return c.credential.fromUser && c.credential.domain == "" }

// Get sends a GET request; see Do.
func (c *Caller) Get(ctx context.Context, path string, query url.Values, into any) error {
	return c.Do(ctx, Request{Path: path, Query: query}, into)
}

// Quotas returns the caller's quotas by SetQuotas, or by the headers of the newest
// response; nil if neither reports any.
func (c *Caller) Quotas() relay.Quotas {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.quota
}

// SetQuotas sets the caller's quotas. It is for third parties that report them in the
// body of a response.
func (c *Caller) SetQuotas(quotas relay.Quotas) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.quota = quotas
}

// URL returns the address of a page at path below the third party's address, for
// a link. Escape its variable parts with url.PathEscape.
func (c *Caller) URL(path string) string { return c.address.join(path).String() }

// Do sends a request and decodes the JSON of the response into into. If into is
// nil, the body is ignored. Unknown fields are ignored, as by encoding/json.
//
// Repeatable requests are retried on transient failures until ctx's deadline.
// Retry-After is honoured. Equal requests with the same credential are sent once
// if they are concurrent or of the same Caller; responses above 256 KB are shared
// only by concurrent ones. After a 401, 429 or Options.Refusal, all further calls of the
// Caller fail with the same error; after a 429 with Retry-After, only until then.
//
// Errors contain a *relay.Error, whose message names the third party and what to
// do. Those caused by a status contain a *StatusError too, except a 404 of the token
// endpoint. No error's text has the credential, the URL or the body.
func (c *Caller) Do(ctx context.Context, r Request, into any) error {
	if err := c.stopError(); err != nil {
		return err
	}
	prepared, err := c.prepare(r)
	if err != nil {
		return err
	}
	send := func(ctx context.Context, call *call) response { return c.client.fetch(ctx, prepared, call) }
	var shared *key
	if prepared.repeatable && ctx.Value(freshKey{}) == nil {
		shared = prepared.key()
	}
	call := c.client.calls.join(ctx, shared, c.cache, send)
	defer call.release()
	select {
	case <-call.done:
	case <-ctx.Done():
		return c.deadlineError(ctx)
	}
	if call.quota != nil {
		c.SetQuotas(call.quota)
	}
	if call.err != nil {
		return c.fail(call.err)
	}
	if into == nil {
		return nil
	}
	return c.decode(call.body, into)
}

// Fail returns the error that Do returns for a response with this status and message,
// and has the same effect on further calls. It is for third parties that report errors
// with another status, such as 200. The message may be empty.
func (c *Caller) Fail(status int, message string) error {
	body, _ := json.Marshal(map[string]string{"message": message})
	return c.fail(&StatusError{Status: status, Body: body})
}

// Stop makes all further calls of the Caller fail with err. It is for refusals that
// neither a 401 nor Options.Refusal shows: a 403 may be about one object only.
func (c *Caller) Stop(err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.stopped, c.until = err, time.Time{}
}

// fail returns the error of a call, and stops further calls that would get it too.
func (c *Caller) fail(cause error) error {
	err := c.relayError(cause)
	var status *StatusError
	if !errors.As(cause, &status) {
		return err
	}
	switch status.Status {
	case http.StatusUnauthorized, c.client.options.Refusal:
		c.Stop(err)
	case http.StatusTooManyRequests:
		c.mu.Lock()
		defer c.mu.Unlock()
		if c.stopped == nil {
			c.stopped = err
			if status.RetryAfter > 0 {
				c.until = time.Now().Add(status.RetryAfter)
			}
		}
	}
	return err
}

// stopError returns the error of all calls at present, or nil.
func (c *Caller) stopError() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.until.IsZero() && !time.Now().Before(c.until) {
		c.stopped, c.until = nil, time.Time{}
	}
	return c.stopped
}
