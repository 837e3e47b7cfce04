package lookup

import (
	"context"
	"slices"
	"time"

	"github.com/serverless-relay/relay/shared/ctim"
	"github.com/serverless-relay/relay/shared/relay"
	"github.com/serverless-relay/relay/shared/upstream"
)

// Source describes a third party and how to call it. It is a relay.Provider. All
// fields except URL, Types, Timeout, Credentials, Refusal, Internal and Settings are
// required. Find and Page are not, if the sessions (With) have none of the capabilities that need them.
type Source struct {
	// Name is the provider's folder and its value in RELAY_PROVIDER. In upper case it is
	// the prefix of its settings.
	Name string
	// Title is the third party's name for people, and the source of all entities.
	Title string
	// URL is the third party's address. The setting <NAME>_URL replaces it, and
	// <NAME>_TIMEOUT bounds one call. It is empty if the address is a claim
	// (upstream.AddressFrom) or one of the Settings (Call.At).
	URL string
	// Timeout is the default of <NAME>_TIMEOUT; 0 means upstream.DefaultTimeout.
	Timeout time.Duration
	// Types are the supported observable types; nil means all.
	Types []ctim.ObservableType
	// Credentials are the claims that Auth uses.
	Credentials []relay.Credential
	// Auth makes the credential that is sent.
	Auth upstream.Auth
	// Refusal is another status than 401 with which the third party always refuses the
	// credential, such as 403; 0 means none.
	Refusal int
	// Check makes a cheap call that fails if the credential is wrong. It must decode the
	// response, because a login page has status 200 too.
	Check func(context.Context, *Call) error
	// Find looks up one observable in canonical form (package normalize). A zero Finding
	// means that the observable is unknown, which is neither an error nor a clean one.
	Find func(context.Context, *Call, ctim.Observable) (ctim.Finding, error)
	// Internal is true if the third party watches the caller's own network. It is then
	// asked about private addresses and names too.
	Internal bool
	// Page returns the URL of the page about the observable, or "". It must not call the
	// third party.
	Page func(*Call, ctim.Observable) string
	// Settings is a struct of further settings, such as Settings{}, with the tags
	// envconfig, doc, default and expected. If it has a method Validate() error, that
	// is called. Call.Settings has the values.
	Settings any
}

// Call is one request's access to the third party.
type Call struct {
	*upstream.Caller
	// Claims are the claims of the caller's token.
	Claims relay.Claims
	// Time is when the request arrived.
	Time time.Time
	// Observables are all of the request that can be looked up, in canonical form, for
	// third parties that are asked about several in one call. Equal calls are sent once.
	Observables []ctim.Observable
	// Limit is how many sightings of an observable fit into the answer. Older ones are
	// dropped.
	Limit int
	// Brief is true if only judgements are needed: the finding's, and those of sightings.
	// All else is dropped.
	Brief bool
	// Settings has the type of Source.Settings, and the values of the environment.
	Settings any
}

// Declaration implements relay.Provider.
func (s Source) Declaration() relay.Declaration {
	types := s.Types
	if types == nil {
		types = ctim.Words[ctim.ObservableType]()
	}
	return relay.Declaration{
		Name:            s.Name,
		Title:           s.Title,
		ObservableTypes: types,
		Credentials:     s.Credentials,
		Session:         (*Session)(nil),
		Describe:        s.describe,
	}
}

func (s Source) supports(t ctim.ObservableType) bool {
	return s.Types == nil && t.Known() || slices.Contains(s.Types, t)
}

// Open implements relay.Provider.
func (s Source) Open(o relay.OpenOptions) (relay.Service, error) {
	service, err := s.open(o)
	if err != nil {
		return nil, err
	}
	return service, nil
}

// With returns a provider with the sessions that wrap returns. Usually that is a struct
// that embeds the Session and adds methods, such as Actions and Trigger. wrap must
// accept nil, for the declaration.
func (s Source) With(wrap func(*Session) relay.Session) relay.Provider { return wrapped{s, wrap} }

type wrapped struct {
	Source
	wrap func(*Session) relay.Session
}

func (w wrapped) Declaration() relay.Declaration {
	d := w.Source.Declaration()
	d.Session = w.wrap(nil)
	return d
}

func (w wrapped) Open(o relay.OpenOptions) (relay.Service, error) {
	service, err := w.open(o)
	if err != nil {
		return nil, err
	}
	service.wrap = w.wrap
	return service, nil
}
