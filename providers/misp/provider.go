package misp

import (
	"context"

	"golang.org/x/sync/singleflight"

	"github.com/serverless-relay/relay/providers/misp/internal/client"
	"github.com/serverless-relay/relay/shared/config"
	"github.com/serverless-relay/relay/shared/ctim"
	"github.com/serverless-relay/relay/shared/relay"
	"github.com/serverless-relay/relay/shared/upstream"
)

// Provider is MISP.
var Provider provider

type provider struct{}

// service calls the MISP servers that its callers name.
type service struct {
	settings Settings
	server   *upstream.Client
	// triggers are the triggers in progress. A repeated one waits for the first.
	triggers singleflight.Group
}

// Open implements relay.Provider.
func (provider) Open(o relay.OpenOptions) (relay.Service, error) {
	settings, err := loadSettings()
	if err != nil {
		return nil, err
	}
	options, err := upstream.FromEnvironment(o.Transport)
	if err != nil {
		return nil, err
	}
	return New(settings, options)
}

// New returns the service. It sets the options that depend on MISP: Title, Timeout
// and Explain.
func New(settings Settings, o upstream.Options) (relay.Service, error) {
	o.Title, o.Timeout, o.Explain = client.Title, settings.Timeout, client.Explain
	server, err := upstream.New(o)
	if err != nil {
		return nil, err
	}
	return &service{settings: settings, server: server}, nil
}

// Declaration implements relay.Provider.
func (provider) Declaration() relay.Declaration {
	return relay.Declaration{
		Name:  "misp",
		Title: client.Title,
		ObservableTypes: []ctim.ObservableType{
			ctim.TypeIP, ctim.TypeIPv6, ctim.TypeDomain, ctim.TypeHostname, ctim.TypeURL,
			ctim.TypeMD5, ctim.TypeSHA1, ctim.TypeSHA256, ctim.TypeEmail, ctim.TypeFileName,
		},
		Credentials: []relay.Credential{
			{Name: client.HostClaim, Prompt: "The address of your MISP server, such as https://misp.example.com"},
			{Name: client.KeyClaim, Prompt: "Your automation key (in MISP under My Profile, Auth keys)"},
		},
		Session:  (*session)(nil),
		Describe: func() []relay.Setting { return config.Describe(Settings{}) },
	}
}

// maxFindings is how many events a response has room for. Each takes about 6 KB of the
// largest response, 6 MB.
const maxFindings = 1000

// Connect implements relay.Service.
func (p *service) Connect(_ context.Context, r relay.Request) (relay.Session, error) {
	c, err := client.Connect(p.server, r.Claims)
	if err != nil {
		return nil, err
	}
	limit := r.Claims.EntitiesLimit()
	s := &session{
		service: p,
		client:  c,
		caller:  ctim.NewExternalID("misp", "caller", r.Claims.Get(client.HostClaim), r.Claims.Get(client.KeyClaim)),
		limit:   limit,
		share:   min(limit, max(1, maxFindings/max(1, len(r.Observables)))),
		now:     r.Time,
	}
	s.batches = s.newBatches(r.Observables)
	return s, nil
}
