package relay

import (
	"context"
	"net/http"
	"time"

	"github.com/serverless-relay/relay/shared/ctim"
)

// Provider is one third party: what it is, and how it is opened. Each folder in
// providers/ has one, in the variable Provider.
type Provider interface {
	// Declaration returns what the provider is. It is constant, and neither
	// reads settings nor opens anything.
	Declaration() Declaration

	// Open reads the provider's settings from the environment and returns a
	// service that many requests use concurrently. The error names the variable
	// that is wrong. A third party that is down is no error: each request finds
	// that out for itself.
	Open(OpenOptions) (Service, error)
}

// OpenOptions are what a process gives to a provider that it opens. The zero
// value is right for production.
type OpenOptions struct {
	// Transport is the network that the providers of a process share, an
	// *upstream.Transport. Nil opens one for the provider. Tests replace it.
	Transport http.RoundTripper
}

// Service is an opened provider. If it implements io.Closer, it is closed when
// the process that serves it ends.
type Service interface {
	// Connect returns a session for one request. It must not call the third
	// party: sessions do, and only they are bounded by the request's deadline.
	// An error that the caller should read is an *Error.
	Connect(context.Context, Request) (Session, error)
}

// Request is one request of the platform.
type Request struct {
	// Claims contain the caller's credentials. Those that the Declaration
	// requires are present and not blank.
	Claims Claims
	// Observables are all those that the session will be asked about, for a
	// provider that looks them up together. Empty for health and tiles.
	Observables []ctim.Observable
	// Time is when the request arrived. Use it instead of time.Now, so that
	// all parts of one answer agree.
	Time time.Time
}

// Session answers one request. It is asked about one observable at a time, by
// several goroutines concurrently, and never sees HTTP, tokens or envelopes.
//
// It implements those of HealthChecker, Deliberator, Observer, Referrer,
// Responder and Dashboard that the third party can serve. The routes of the
// others answer empty and are not registered with the platform.
type Session any

// A HealthChecker reports whether the third party answers and accepts the
// credentials. It makes a real call.
type HealthChecker interface {
	// Health returns the caller's quotas if the third party reports them, else
	// nil.
	Health(context.Context) (Quotas, error)
}

// Quotas are a caller's quotas at the third party by name, such as "daily".
type Quotas map[string]Quota

// Quota is how many calls a caller may make.
type Quota struct {
	// Limit is the number of calls per period, Remaining how many are left.
	Limit     int `json:"limit"`
	Remaining int `json:"remaining"`
}

// A Deliberator returns judgements without further detail; the relay decides
// the verdict from them. None means that nothing is known.
type Deliberator interface {
	Deliberate(context.Context, ctim.Observable) ([]ctim.Judgement, error)
}

// An Observer returns all that is known about an observable, except verdicts:
// the relay decides them. What comes with an error is kept.
type Observer interface {
	Observe(context.Context, ctim.Observable) (ctim.Bundle, error)
}

// A Referrer returns links to pages about an observable. What comes with an
// error is kept.
type Referrer interface {
	Refer(context.Context, ctim.Observable) ([]Link, error)
}

// Link leads an analyst from an observable to a page about it.
type Link struct {
	// ID is unique among all links and the same at every call.
	ID          string   `json:"id"`
	Title       string   `json:"title"`
	Description string   `json:"description"`
	URL         string   `json:"url"`
	Categories  []string `json:"categories,omitempty"`
}
