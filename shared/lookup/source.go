package lookup

import (
	"context"
	"time"

	"github.com/serverless-relay/relay/shared/ctim"
	"github.com/serverless-relay/relay/shared/relay"
	"github.com/serverless-relay/relay/shared/upstream"
)

// Source describes a third party and how it is asked. It is a relay.Provider.
// All fields but URL, Credentials and Settings are required.
type Source struct {
	// Name is the provider's folder, its value in RELAY_PROVIDER, and in upper
	// case the prefix of its settings.
	Name string
	// Title is the third party's name for people. It is the source of all
	// entities.
	Title string
	// URL is where the third party is. The setting <NAME>_URL overrides it,
	// <NAME>_TIMEOUT bounds one call. It is empty if the address is a claim
	// (upstream.AddressFrom), or one of the Settings (Call.At).
	URL string
	// Types are the observable types that it is asked about.
	Types []ctim.ObservableType
	// Credentials are the claims that Auth reads.
	Credentials []relay.Credential
	// Auth says how the credentials are sent.
	Auth upstream.Auth
	// Check makes a cheap call that fails with a wrong credential. It decodes the
	// answer, since a login page has status 200 too.
	Check func(context.Context, *Call) error
	// Find asks about one observable, whose value is in its normal form (package
	// normalize). A zero Finding means that nothing is known; that is no error,
	// and neither is it clean.
	Find func(context.Context, *Call, ctim.Observable) (ctim.Finding, error)
	// Page returns the URL of the page where a person looks the observable up,
	// or an empty text. It must not call the third party.
	Page func(*Call, ctim.Observable) string
	// Settings is a struct of further settings with envconfig, doc, default and
	// expected tags, such as Settings{}. If it has a method Validate() error,
	// that is called. Call.Settings has the values.
	Settings any
}

// Call is one request's access to the third party.
type Call struct {
	*upstream.Caller
	// Claims are the caller's: for more than the credentials that Auth sends.
	Claims relay.Claims
	// Time is when the request arrived.
	Time time.Time
	// Limit is how many sightings of an observable the answer has room for. What
	// is more is cut, the oldest first.
	Limit int
	// Brief says that only the judgement is needed: sightings and indicators
	// are dropped.
	Brief bool
	// Settings are the values of Source.Settings, of the same type.
	Settings any
}

// Declaration implements relay.Provider.
func (s Source) Declaration() relay.Declaration {
	return relay.Declaration{
		Name:            s.Name,
		Title:           s.Title,
		ObservableTypes: s.Types,
		Credentials:     s.Credentials,
		Session:         (*Session)(nil),
		Settings:        s.newSettings().Interface(),
	}
}

// Open implements relay.Provider.
func (s Source) Open(o relay.OpenOptions) (relay.Service, error) {
	service, err := s.open(o)
	if err != nil {
		return nil, err
	}
	return service, nil
}

// With returns a provider whose sessions are those that wrap returns: usually a
// struct that embeds the Session and adds methods, such as Actions and Trigger.
// wrap must accept nil, for the declaration.
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
