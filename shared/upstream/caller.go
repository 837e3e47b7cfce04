package upstream

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"sync"
	"time"

	"github.com/serverless-relay/relay/shared/relay"
)

// Caller asks a third party with one credential, for one request of the
// platform. It is for several goroutines at once.
type Caller struct {
	client *Client
	// title names the third party, or one of its services, in messages.
	title      string
	address    Address
	credential credential
	identity   identity
	// answers are those of this request, so that each question goes out once.
	answers *answers

	mu sync.Mutex
	// refused is an answer that goes for all further questions too, until then.
	refused error
	until   time.Time
	quota   relay.Quotas
	// others are the Callers that At returned.
	others map[string]*Caller
}

// At returns a Caller with the same credential for another service of the same
// third party. title names the service in messages; address is from the
// operator's settings. The same title returns the same Caller, so that it keeps
// answers and remembers a refusal.
func (c *Caller) At(title string, address Address) *Caller {
	c.mu.Lock()
	defer c.mu.Unlock()
	other := c.others[title]
	if other == nil {
		other = c.client.callerAt(title, address, c.credential)
		if c.others == nil {
			c.others = map[string]*Caller{}
		}
		c.others[title] = other
	}
	return other
}

// SelfHosted reports whether the address is the caller's own (AddressFrom), so
// that private addresses mean the same there.
func (c *Caller) SelfHosted() bool { return c.credential.fromUser }

// Get asks with a GET; see Do.
func (c *Caller) Get(ctx context.Context, path string, query url.Values, into any) error {
	return c.Do(ctx, Request{Path: path, Query: query}, into)
}

// Quotas returns what the newest answer's headers said about the caller's quota,
// nil if they said nothing.
func (c *Caller) Quotas() relay.Quotas {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.quota
}

// URL is the address of a page at path below the third party's address, for a
// link. Escape its variable parts with url.PathEscape.
func (c *Caller) URL(path string) string { return c.address.join(path).String() }

// Do asks a question and decodes the JSON of the answer into what into points
// to; nil means that the answer doesn't matter. Of the fields it is as lenient
// as encoding/json: what it doesn't know is skipped.
//
// A question that may be repeated is asked again when it fails in passing, at
// the latest when the context's deadline comes, and not while the third party
// wants to be left alone. It goes out once where it is asked twice: the answer
// serves all who ask the same with the same credential at the same time or in
// one request. (Answers of more than 256 KB are not kept for those who come
// later.) After the third party refused the credential or wants to be left
// alone for longer than there is time, a Caller asks no further.
//
// An error has a *relay.Error in it, whose message names the third party and
// what to do. One that came of the answer's status has a *StatusError too.
// None has the credential, the URL or the body in its text.
func (c *Caller) Do(ctx context.Context, r Request, into any) error {
	if err := c.refusal(); err != nil {
		return err
	}
	q, err := c.question(r)
	if err != nil {
		return err
	}
	ask := func(ctx context.Context, f *flight) answer { return c.client.call(ctx, q, f) }
	var f *flight
	if q.repeatable {
		f = c.client.flights.join(ctx, q.key(), c.keep(), ask)
	} else {
		f = c.client.flights.start(ctx, ask)
	}
	defer f.leave()
	select {
	case <-f.done:
	case <-ctx.Done():
		return c.late(ctx)
	}
	if f.quota != nil {
		c.mu.Lock()
		c.quota = f.quota
		c.mu.Unlock()
	}
	if f.err != nil {
		err := c.problem(f.err)
		c.remember(f.err, err)
		return err
	}
	if into == nil {
		return nil
	}
	return c.decode(f.body, into)
}

// Fail returns the error of Do for an answer with that status, and as Do
// remembers what goes for all further questions. It is for a third party that
// reports its errors in an answer with status 200.
func (c *Caller) Fail(status int) error {
	cause := &StatusError{Status: status}
	err := c.problem(cause)
	c.remember(cause, err)
	return err
}

// keep is where answers are kept.
func (c *Caller) keep() []*answers {
	if c.client.cache == nil {
		return []*answers{c.answers}
	}
	return []*answers{c.answers, c.client.cache}
}

// remember notes an answer that all further questions would get too.
func (c *Caller) remember(cause, told error) {
	var status *StatusError
	if !errors.As(cause, &status) {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case status.Status == http.StatusUnauthorized:
		c.refused, c.until = told, time.Time{}
	case status.Status == http.StatusTooManyRequests && status.RetryAfter > 0 && c.refused == nil:
		c.refused, c.until = told, time.Now().Add(status.RetryAfter)
	}
}

// refusal is the answer that goes for all questions now, if there is one.
func (c *Caller) refusal() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.refused != nil && !c.until.IsZero() && !time.Now().Before(c.until) {
		c.refused = nil
	}
	return c.refused
}
