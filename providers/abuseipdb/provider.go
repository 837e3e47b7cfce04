package abuseipdb

import (
	"context"

	"github.com/serverless-relay/relay/providers/abuseipdb/internal/client"
	"github.com/serverless-relay/relay/shared/ctim"
	"github.com/serverless-relay/relay/shared/relay"
	"github.com/serverless-relay/relay/shared/upstream"
)

// title is the third party's name for people, and the source of all that it
// says.
const title = "AbuseIPDB"

// Provider is AbuseIPDB.
var Provider provider

type provider struct{}

// service is AbuseIPDB with the settings of the environment.
type service struct {
	client *upstream.Client
	maxAge int
}

// Open implements relay.Provider.
func (provider) Open(o relay.OpenOptions) (relay.Service, error) {
	settings, err := LoadSettings()
	if err != nil {
		return nil, err
	}
	options := settings.Upstream()
	options.Transport = o.Transport
	c, err := upstream.FromEnvironment(options)
	if err != nil {
		return nil, err
	}
	return New(settings, c), nil
}

// Upstream are the options of the client that the provider calls AbuseIPDB
// with.
func (s Settings) Upstream() upstream.Options {
	return upstream.Options{Title: title, Address: s.URL, Timeout: s.Timeout, Explain: client.Explain}
}

// New makes the provider with a client made of Settings.Upstream.
func New(settings Settings, c *upstream.Client) relay.Service {
	return &service{client: c, maxAge: settings.MaxAge}
}

// Declaration implements relay.Provider.
func (provider) Declaration() relay.Declaration {
	return relay.Declaration{
		Name:            "abuseipdb",
		Title:           title,
		ObservableTypes: []ctim.ObservableType{ctim.TypeIP, ctim.TypeIPv6},
		Credentials:     []relay.Credential{{Name: "key", Prompt: "Your AbuseIPDB API key (APIv2)"}},
		Session:         (*session)(nil),
		Settings:        Settings{},
	}
}

// maxReports is how many reports an answer can hold: with all that belongs to
// one, it is some 4 KB of the 6 MB that can be sent. Much-reported addresses
// have thousands, and to put together what can't be sent takes more memory than
// a Lambda has.
const maxReports = 1500

// Connect implements relay.Service.
func (p *service) Connect(_ context.Context, r relay.Request) (relay.Session, error) {
	c, err := client.New(p.client, r.Claims, p.maxAge)
	if err != nil {
		return nil, err
	}
	s := &session{client: c, limit: r.Claims.EntitiesLimit(), maxAge: p.maxAge, now: r.Time}
	if share := max(1, maxReports/max(1, len(r.Observables))); share < s.limit {
		s.limit, s.crowded = share, true
	}
	return s, nil
}
