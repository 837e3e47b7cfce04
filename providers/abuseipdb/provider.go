package abuseipdb

import (
	"context"
	"time"

	"github.com/serverless-relay/relay/providers/abuseipdb/internal/client"
	"github.com/serverless-relay/relay/shared/ctim"
	"github.com/serverless-relay/relay/shared/relay"
	"github.com/serverless-relay/relay/shared/upstream"
)

// title is the third party's name for people, and the source of all that it
// says.
const title = "AbuseIPDB"

// Provider asks AbuseIPDB.
type Provider struct {
	client *upstream.Client
	maxAge int
	now    func() time.Time
}

var _ relay.Provider = (*Provider)(nil)

// FromEnvironment makes the provider from the settings in the environment.
func FromEnvironment() (*Provider, error) {
	settings, err := LoadSettings()
	if err != nil {
		return nil, err
	}
	c, err := upstream.FromEnvironment(settings.Upstream())
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
func New(settings Settings, c *upstream.Client) *Provider {
	return &Provider{client: c, maxAge: settings.MaxAge, now: time.Now}
}

// Declaration implements relay.Provider.
func (p *Provider) Declaration() relay.Declaration {
	return relay.Declaration{
		Name:            "abuseipdb",
		Title:           title,
		ObservableTypes: []ctim.ObservableType{ctim.TypeIP, ctim.TypeIPv6},
		Credentials:     []relay.Credential{{Name: "key", Prompt: "Your AbuseIPDB API key (APIv2)"}},
		Session:         (*session)(nil),
	}
}

// maxReports is how many reports an answer can hold: with all that belongs to
// one, it is some 4 KB of the 6 MB that can be sent. Much-reported addresses
// have thousands, and to put together what can't be sent takes more memory than
// a Lambda has.
const maxReports = 1500

// Connect implements relay.Provider.
func (p *Provider) Connect(_ context.Context, claims relay.Claims, all []ctim.Observable) (relay.Session, error) {
	c, err := client.New(p.client, claims.Get("key"), p.maxAge)
	if err != nil {
		return nil, err
	}
	s := &session{client: c, limit: claims.EntitiesLimit(), maxAge: p.maxAge, now: p.now()}
	if share := max(1, maxReports/max(1, len(all))); share < s.limit {
		s.limit, s.crowded = share, true
	}
	return s, nil
}
