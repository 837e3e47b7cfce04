package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"strconv"
	"time"

	"github.com/google/uuid"

	"github.com/serverless-relay/relay/providers"
	"github.com/serverless-relay/relay/providers/watchlist"
	"github.com/serverless-relay/relay/providers/watchlist/sample"
	"github.com/serverless-relay/relay/providers/watchlist/stores"
	"github.com/serverless-relay/relay/shared/auth"
	"github.com/serverless-relay/relay/shared/config"
	"github.com/serverless-relay/relay/shared/logging"
	"github.com/serverless-relay/relay/shared/relay"
)

// How long the server waits: for a request's headers, for its body and answer,
// and for requests under way when it is told to stop.
const (
	headerTimeout   = 10 * time.Second
	requestTimeout  = 30 * time.Second
	shutdownTimeout = 26 * time.Second
)

// tokenLifetime is how long the printed token is good for.
const tokenLifetime = 24 * time.Hour

// serveCommand is `relay serve`.
type serveCommand struct {
	Addr     string `help:"Address to listen on. Default: 127.0.0.1 and the port in PORT, or 9000." placeholder:"HOST:PORT"`
	NoSample bool   `help:"Leave an empty watchlist empty."`
}

// Help implements kong.HelpProvider.
func (serveCommand) Help() string {
	return `The same handlers answer as in Lambda. Settings come from the environment:

  SECRET_KEY      verifies tokens; without it, one is made for this run
  RELAY_PROVIDER  who is asked: watchlist
  WATCHLIST_FILE  the watchlist; see relay watchlist --help
  LOG_LEVEL       debug, info, warn or error

A question that you can paste is printed at the start, with a token that is good for a day. The log
goes to standard error. Ctrl-C finishes the requests under way and stops.`
}

// Run serves until the context ends.
func (s *serveCommand) Run(ctx context.Context, c console) error {
	settings, err := config.Load()
	if err != nil {
		return err
	}
	madeKey := settings.SecretKey == ""
	if madeKey {
		if settings.SecretKey, err = auth.NewSecretKey(); err != nil {
			return err
		}
	}
	address, err := s.address()
	if err != nil {
		return err
	}
	about := ""
	if settings.Provider == "watchlist" {
		if about, err = s.prepareWatchlist(ctx); err != nil {
			return err
		}
	}
	r, err := providers.NewRelay(settings, logging.New(c.err, settings.LogLevel))
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return fmt.Errorf("can't listen on %s: %w (--addr or PORT chooses another)", address, err)
	}
	token, err := auth.Sign(settings.SecretKey, map[string]any{"exp": time.Now().Add(tokenLifetime).Unix()})
	if err != nil {
		return err
	}
	url := "http://" + listener.Addr().String()
	fmt.Fprintf(c.out, "relay %s on %s%s\n", relay.Version, url, about)
	if madeKey {
		fmt.Fprintln(c.out, "SECRET_KEY is not set: this run has a key of its own.")
	}
	fmt.Fprintf(c.out, `
Ask it:

  curl -s %s/observe/observables \
    -H 'Authorization: Bearer %s' \
    -d '[{"type":"domain","value":"%s"}]'

Ctrl-C stops it.

`, url, token, sample.Domain)
	return serve(ctx, listener, r.Routes())
}

// address is where to listen: the flag, or the port in PORT, or 9000.
func (s *serveCommand) address() (string, error) {
	if s.Addr != "" {
		return s.Addr, nil
	}
	port := os.Getenv("PORT")
	if port == "" {
		port = "9000"
	}
	if _, err := strconv.ParseUint(port, 10, 16); err != nil {
		return "", errors.New("setting PORT is not a port from 0 to 65535")
	}
	return net.JoinHostPort("127.0.0.1", port), nil
}

// prepareWatchlist loads the sample into an empty watchlist, and says what is
// in it.
func (s *serveCommand) prepareWatchlist(ctx context.Context) (about string, err error) {
	settings, err := watchlist.LoadSettings()
	if err != nil {
		return "", err
	}
	store, err := stores.Open(settings)
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	count, err := store.Count(ctx)
	if err != nil {
		return "", err
	}
	kind := ""
	if count == 0 && !s.NoSample && !settings.ReadOnly {
		loaded, err := sample.Load(ctx, store)
		if err != nil {
			return "", fmt.Errorf("load the sample: %w", err)
		}
		count, kind = loaded.Added, "sample "
	}
	return fmt.Sprintf(", watchlist of %s in %s", plural(count, kind+"entry", kind+"entries"), settings.File), nil
}

// serve answers requests until the context ends, and then finishes those that
// are under way.
func serve(ctx context.Context, listener net.Listener, routes http.Handler) error {
	server := &http.Server{
		Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			routes.ServeHTTP(w, r.WithContext(logging.WithRequestID(r.Context(), uuid.NewString())))
		}),
		ReadHeaderTimeout: headerTimeout,
		ReadTimeout:       requestTimeout,
		WriteTimeout:      requestTimeout,
	}
	stopped := make(chan error, 1)
	go func() {
		<-ctx.Done()
		grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), shutdownTimeout)
		defer cancel()
		stopped <- server.Shutdown(grace)
	}()
	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return <-stopped
}
