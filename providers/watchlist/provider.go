package watchlist

import (
	"context"
	"errors"
	"fmt"
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
	// failed is why the store could not be opened, and until when nobody tries
	// again: opening may take a second, and requests would queue for it.
	failed error
	until  time.Time
}

// reopenAfter is how long a store that could not be opened is left alone.
const reopenAfter = time.Second

var (
	_ relay.Provider = (*Provider)(nil)
	_ relay.Starter  = (*Provider)(nil)
)

// FromEnvironment makes the provider from the settings in the environment.
func FromEnvironment(open func(Settings) (Store, error)) (*Provider, error) {
	settings, err := LoadSettings()
	if err != nil {
		return nil, err
	}
	return New(settings, open), nil
}

// New makes the provider.
func New(settings Settings, open func(Settings) (Store, error)) *Provider {
	return &Provider{settings: settings, open: open, now: time.Now}
}

// Start implements relay.Starter by opening the store, so that a Lambda does
// that before its first request. Where that fails, each request tries again
// and says why it can't be answered.
func (p *Provider) Start() { _, _ = p.opened() }

// Declaration implements relay.Provider.
func (p *Provider) Declaration() relay.Declaration {
	return relay.Declaration{
		Name:            "watchlist",
		Title:           "Watchlist",
		ObservableTypes: ObservableTypes(),
		Session:         (*session)(nil),
	}
}

// ObservableTypes are the types of observables that the watchlist answers about.
func ObservableTypes() []ctim.ObservableType {
	return []ctim.ObservableType{
		ctim.TypeIP, ctim.TypeIPv6, ctim.TypeDomain, ctim.TypeHostname, ctim.TypeURL,
		ctim.TypeMD5, ctim.TypeSHA1, ctim.TypeSHA256,
		ctim.TypeEmail, ctim.TypeEmailSubject, ctim.TypeFileName, ctim.TypeFilePath,
		ctim.TypeMutex, ctim.TypeRegistryKey, ctim.TypeMACAddress, ctim.TypeUser, ctim.TypeUserAgent,
	}
}

// Connect implements relay.Provider. The watchlist needs no credentials.
func (p *Provider) Connect(_ context.Context, claims relay.Claims, all []ctim.Observable) (relay.Session, error) {
	store, err := p.opened()
	if err != nil {
		return nil, unavailable(err)
	}
	return &session{
		provider: p,
		store:    store,
		now:      p.now(),
		who:      claims.Get(p.settings.WhoClaim),
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
	if p.store != nil {
		return p.store, nil
	}
	if p.failed != nil && p.now().Before(p.until) {
		return nil, p.failed
	}
	p.store, p.failed = p.open(p.settings)
	if p.failed != nil {
		p.store, p.until = nil, p.now().Add(reopenAfter)
		return nil, p.failed
	}
	return p.store, nil
}

// unavailable is the platform's error for a store that can't be used. Where it
// lies and what the system says are the operator's business: they go to the log.
func unavailable(err error) error {
	if errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled) {
		return err
	}
	reason := errors.New("it can't be opened, read or written")
	for _, known := range []error{ErrMissing, ErrLocked, ErrDamaged, ErrForeign, ErrReadOnly, ErrFull, ErrDenied, ErrBusy, ErrUnreachable} {
		if errors.Is(err, known) {
			reason = known
		}
	}
	return fmt.Errorf("%w (%v)", relay.Errorf(relay.CodeServiceUnavailable,
		"The relay can't use its watchlist: %w. The relay's log has the details.", reason), err)
}
