package relay

import (
	"context"
	"slices"

	"github.com/serverless-relay/relay/shared/ctim"
)

// Provider connects a relay to one third party. It is built once per process
// and used by many requests at the same time.
type Provider interface {
	// Declaration says what the provider is. It is the same at every call.
	Declaration() Declaration

	// Connect opens a session for one request with the credentials in its
	// claims; those that the Declaration names are there and not blank. all
	// are the observables that the session will be asked about, for one that
	// wants to look them up together. Connect must not call the third party
	// yet: the request's deadline doesn't end it.
	//
	// The session implements those of HealthChecker, Deliberator, Observer,
	// Referrer, Responder and Dashboard that the third party can serve; the
	// routes of the others answer empty. An error that the caller should
	// understand is an *Error.
	Connect(ctx context.Context, claims Claims, all []ctim.Observable) (Session, error)
}

// A Starter is a Provider that has something to prepare before the first
// request, such as opening a file. Start is called once, by New; making the
// Provider doesn't do it yet, for it is also made to read its Declaration.
type Starter interface {
	Start()
}

// Declaration says what a provider is: its name, what it knows about and what
// it needs. The module's settings and the documentation are checked against it.
type Declaration struct {
	// Name is the provider's folder and the value of RELAY_PROVIDER.
	Name string
	// Title is the name that people read, such as "AbuseIPDB".
	Title string
	// ObservableTypes are those it answers about. All others are left out
	// before it is asked.
	ObservableTypes []ctim.ObservableType
	// Credentials are the claims that the third party needs.
	Credentials []Credential
	// Session is one without content, such as session{}: the capabilities that
	// its type has are those that are registered with the platform.
	Session Session
}

// Capabilities are those that the provider's sessions have.
func (d Declaration) Capabilities() []Capability {
	return slices.DeleteFunc(Capabilities(), func(c Capability) bool { return !c.Of(d.Session) })
}

// CredentialNames are the names of the claims that the third party needs.
func (d Declaration) CredentialNames() []string {
	names := make([]string, len(d.Credentials))
	for i, c := range d.Credentials {
		names[i] = c.Name
	}
	return names
}

// Credential is a claim that must be in the caller's token.
type Credential struct {
	// Name is the claim's name.
	Name string
	// Prompt asks a person for it.
	Prompt string
}

// Session serves one request. It is asked about one observable at a time, by
// several goroutines at once, and never sees HTTP, tokens or envelopes.
type Session any

// A HealthChecker can tell whether the third party answers and accepts the
// credentials. It must make a real call.
type HealthChecker interface {
	Health(ctx context.Context) error
}

// A Deliberator gives a quick verdict. None is an answer too: ok is false.
type Deliberator interface {
	Deliberate(ctx context.Context, o ctim.Observable) (verdict ctim.Verdict, ok bool, err error)
}

// An Observer tells all that is known about an observable. What it returns
// beside an error is kept: a part is better than nothing.
type Observer interface {
	Observe(ctx context.Context, o ctim.Observable) (ctim.Bundle, error)
}

// A Referrer gives links to pages about an observable.
type Referrer interface {
	Refer(ctx context.Context, o ctim.Observable) ([]Link, error)
}

// Link leads an analyst from an observable to a page about it.
type Link struct {
	// ID names the link, the same at every call.
	ID          string   `json:"id"`
	Title       string   `json:"title"`
	Description string   `json:"description"`
	URL         string   `json:"url"`
	Categories  []string `json:"categories,omitempty"`
}
