package misp

import (
	"context"

	"golang.org/x/sync/singleflight"

	"github.com/serverless-relay/relay/providers/misp/internal/client"
	"github.com/serverless-relay/relay/shared/ctim"
	"github.com/serverless-relay/relay/shared/relay"
	"github.com/serverless-relay/relay/shared/upstream"
)

// Provider is MISP.
var Provider provider

type provider struct{}

// service asks the MISP servers that its callers name.
type service struct {
	settings Settings
	third    *upstream.Client
	// triggers are those under way: the same one twice is taken once.
	triggers singleflight.Group
}

// Open implements relay.Provider.
func (provider) Open(o relay.OpenOptions) (relay.Service, error) {
	settings, err := LoadSettings()
	if err != nil {
		return nil, err
	}
	third, err := upstream.LoadSettings()
	if err != nil {
		return nil, err
	}
	return New(settings, upstream.Options{Settings: third, Transport: o.Transport})
}

// New makes the service. Of the options, those that depend on MISP are set by
// it: the title, the timeout, and how errors are read.
func New(settings Settings, o upstream.Options) (relay.Service, error) {
	o.Title, o.Timeout, o.Explain = client.Title, settings.Timeout, client.Explain
	third, err := upstream.New(o)
	if err != nil {
		return nil, err
	}
	return &service{settings: settings, third: third}, nil
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
		Settings: Settings{},
	}
}

// maxFindings is how many events an answer can hold: with all that belongs to
// one, it is some 6 KB of the 6 MB that can be sent.
const maxFindings = 1000

// Connect implements relay.Service.
func (p *service) Connect(_ context.Context, r relay.Request) (relay.Session, error) {
	claims := r.Claims
	c, err := client.Connect(p.third, claims)
	if err != nil {
		return nil, err
	}
	limit := claims.EntitiesLimit()
	return &session{
		provider: p,
		client:   c,
		// What tells this caller's triggers from others', without the key.
		caller: ctim.NewExternalID("misp", "caller", claims.Get(client.HostClaim), claims.Get(client.KeyClaim)),
		limit:  limit,
		share:  min(limit, max(1, maxFindings/max(1, len(r.Observables)))),
		now:    r.Time,
	}, nil
}
