package watchlist

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/serverless-relay/relay/shared/ctim"
	"github.com/serverless-relay/relay/shared/relay"
)

// Provider serves the entries of a Store.
type Provider struct {
	settings Settings
	open     func(Settings) (Store, error)
	now      func() time.Time

	mu    sync.Mutex
	store Store
}

var _ relay.Provider = (*Provider)(nil)

// FromEnvironment makes the provider from the settings in the environment.
func FromEnvironment(open func(Settings) (Store, error)) (*Provider, error) {
	settings, err := LoadSettings()
	if err != nil {
		return nil, err
	}
	return New(settings, open), nil
}

// New makes the provider. It opens the store at once, so that a Lambda does
// that before its first request; where that fails, each request tries again
// and says why it can't be answered.
func New(settings Settings, open func(Settings) (Store, error)) *Provider {
	p := &Provider{settings: settings, open: open, now: time.Now}
	_, _ = p.opened()
	return p
}

// Declaration implements relay.Provider.
func (p *Provider) Declaration() relay.Declaration {
	return relay.Declaration{
		Name:  "watchlist",
		Title: "Watchlist",
		ObservableTypes: []ctim.ObservableType{
			ctim.TypeIP, ctim.TypeIPv6, ctim.TypeDomain, ctim.TypeHostname, ctim.TypeURL,
			ctim.TypeMD5, ctim.TypeSHA1, ctim.TypeSHA256,
			ctim.TypeEmail, ctim.TypeEmailSubject, ctim.TypeFileName, ctim.TypeFilePath,
			ctim.TypeMutex, ctim.TypeRegistryKey, ctim.TypeMACAddress, ctim.TypeUser, ctim.TypeUserAgent,
		},
	}
}

// Connect implements relay.Provider. The watchlist needs no credentials.
func (p *Provider) Connect(_ context.Context, _ relay.Claims, all []ctim.Observable) (relay.Session, error) {
	store, err := p.opened()
	if err != nil {
		return nil, unavailable(err)
	}
	return &session{
		provider: p,
		store:    store,
		now:      p.now(),
		asked:    sync.OnceValue(func() map[Key]bool { return keysOf(all) }),
	}, nil
}

// Close closes the store, if it is open.
func (p *Provider) Close() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.store == nil {
		return nil
	}
	err := p.store.Close()
	p.store = nil
	return err
}

func (p *Provider) opened() (Store, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.store == nil {
		store, err := p.open(p.settings)
		if err != nil {
			return nil, err
		}
		p.store = store
	}
	return p.store, nil
}

// unavailable is the platform's error for a store that can't be used. Its
// path is the operator's business, so the message leaves it out.
func unavailable(err error) error {
	for _, known := range []error{ErrMissing, ErrLocked, ErrDamaged, ErrForeign} {
		if errors.Is(err, known) {
			return relay.Errorf(relay.CodeServiceUnavailable, "The relay can't read its watchlist: %w. The person who runs the relay can find out more with `relay watchlist list`.", known)
		}
	}
	if errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled) {
		return err
	}
	return relay.Errorf(relay.CodeServiceUnavailable, "The relay can't read its watchlist. Its operator can find out more with `relay watchlist list`.")
}
