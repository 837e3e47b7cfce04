package watchlist

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/serverless-relay/relay/providers/watchlist/entry"
	"github.com/serverless-relay/relay/shared/config"
	"github.com/serverless-relay/relay/shared/ctim"
	"github.com/serverless-relay/relay/shared/relay"
)

// Provider is the watchlist.
var Provider provider

type provider struct{}

// Service answers from the entries of a store.
type Service struct {
	settings Settings

	mu    sync.Mutex
	store entry.Store
	// failed is why the store could not be opened. It is not opened again before until:
	// opening may take a second, and requests would queue.
	failed error
	until  time.Time
}

// reopenAfter is the time between attempts to open the store.
const reopenAfter = time.Second

// Open implements relay.Provider. It succeeds even if the store can't be opened. Then
// requests fail with the reason, and open it as soon as they can.
func (provider) Open(relay.OpenOptions) (relay.Service, error) {
	settings, err := LoadSettings()
	if err != nil {
		return nil, err
	}
	s := &Service{settings: settings}
	_, _ = s.Store()
	return s, nil
}

// New returns a service that answers from store. Closing the service closes it.
func New(settings Settings, store entry.Store) *Service {
	return &Service{settings: settings, store: store}
}

// Declaration implements relay.Provider.
func (provider) Declaration() relay.Declaration {
	return relay.Declaration{
		Name:            "watchlist",
		Title:           "Watchlist",
		ObservableTypes: ObservableTypes(),
		Session:         (*session)(nil),
		Describe:        func() []relay.Setting { return config.Describe(Settings{}) },
	}
}

// ObservableTypes returns the types of observables that the watchlist looks up.
func ObservableTypes() []ctim.ObservableType {
	return []ctim.ObservableType{
		ctim.TypeIP, ctim.TypeIPv6, ctim.TypeDomain, ctim.TypeHostname, ctim.TypeURL,
		ctim.TypeMD5, ctim.TypeSHA1, ctim.TypeSHA256,
		ctim.TypeEmail, ctim.TypeEmailSubject, ctim.TypeFileName, ctim.TypeFilePath,
		ctim.TypeMutex, ctim.TypeRegistryKey, ctim.TypeMACAddress, ctim.TypeUser, ctim.TypeUserAgent,
	}
}

// Connect implements relay.Service. The watchlist needs no credentials.
func (s *Service) Connect(ctx context.Context, r relay.Request) (relay.Session, error) {
	store, err := s.Store()
	if err != nil {
		return nil, unavailable(err)
	}
	return &session{
		provider: s,
		store:    store,
		now:      r.Time,
		who:      r.Claims.Get(s.settings.WhoClaim),
		asked:    sync.OnceValue(func() map[entry.Key]bool { return keysOf(r.Observables) }),
		together: sync.OnceValues(func() (map[ctim.Observable][]entry.Entry, error) { return lookUp(ctx, store, r.Observables) }),
	}, nil
}

// Close closes the store, if it is open.
func (s *Service) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.store == nil {
		return nil
	}
	err := s.store.Close()
	s.store = nil
	return err
}

// Settings returns the settings.
func (s *Service) Settings() Settings { return s.settings }

// Store returns the store, and opens it if that hasn't succeeded yet.
func (s *Service) Store() (entry.Store, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.store != nil {
		return s.store, nil
	}
	if s.failed != nil && time.Now().Before(s.until) {
		return nil, s.failed
	}
	s.store, s.failed = OpenStore(s.settings)
	if s.failed != nil {
		s.store, s.until = nil, time.Now().Add(reopenAfter)
		return nil, s.failed
	}
	return s.store, nil
}

// unavailable returns the error for the platform if the store can't be used. The store's
// place and the cause are only logged.
func unavailable(err error) error {
	if errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled) {
		return err
	}
	reason := errors.New("it can't be opened, read or written")
	for _, known := range []error{entry.ErrMissing, entry.ErrLocked, entry.ErrDamaged, entry.ErrForeign, entry.ErrReadOnly, entry.ErrFull, entry.ErrDenied, entry.ErrBusy, entry.ErrUnreachable} {
		if errors.Is(err, known) {
			reason = known
		}
	}
	return fmt.Errorf("%w (%v)", relay.Errorf(relay.CodeServiceUnavailable,
		"The relay can't use its watchlist: %w. The relay's log has the details.", reason), err)
}
