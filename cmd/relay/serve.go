package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/serverless-relay/relay/cmd/relay/internal/examples"
	"github.com/serverless-relay/relay/providers"
	"github.com/serverless-relay/relay/shared/auth"
	"github.com/serverless-relay/relay/shared/config"
	"github.com/serverless-relay/relay/shared/ctim"
	"github.com/serverless-relay/relay/shared/logging"
	"github.com/serverless-relay/relay/shared/relay"
)

// Timeouts of the server: for reading a request, for its response, and for the
// requests in progress when it stops.
const (
	readTimeout     = 10 * time.Second
	answerTimeout   = 40 * time.Second
	shutdownTimeout = 26 * time.Second
)

// tokenLifetime is how long the printed token is valid.
const tokenLifetime = 24 * time.Hour

// serveCommand is `relay serve`.
type serveCommand struct {
	Addr     string   `help:"Address or port to listen on. Default: 127.0.0.1 and the port in PORT, or 9000." placeholder:"HOST:PORT"`
	Claim    []string `sep:"none" help:"A claim of the printed token: a credential of the provider." placeholder:"NAME=@FILE"`
	Token    bool     `help:"Print a token that is valid for a day, wherever standard output goes and whoever made the key."`
	NoSample bool     `help:"Leave an empty watchlist empty."` // with providers/watchlist
}

// Help implements kong.HelpProvider.
func (serveCommand) Help() string {
	return `The handlers are the same as in Lambda. Settings are environment variables, among them:

  SECRET_KEY      verifies tokens; default: a new key for this run
  RELAY_PROVIDER  the provider: ` + strings.Join(providers.Names(), ", ") + "\n" +
		"  WATCHLIST_FILE  the watchlist; see relay watchlist --help\n" + // with providers/watchlist
		`  LOG_LEVEL       debug, info, warn or error

At the start, a request to paste is printed. On a terminal, a new key's token goes with it, valid for a
day. A token for the key in SECRET_KEY is printed only with --token; relay jwt makes one too. The log
goes to standard error. Ctrl-C finishes the requests in progress and stops. Ctrl-C again stops
immediately.
` + claimHelp
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
	claims, err := readClaims(ctx, c, s.Claim)
	if err != nil {
		return err
	}
	address, err := s.address()
	if err != nil {
		return err
	}
	var ready readiness
	if settings.Provider == "" {
		settings.Provider = providers.Default
	}
	if prepare, ok := s.preparations()[settings.Provider]; ok {
		if ready, err = prepare(ctx); err != nil {
			return err
		}
	}
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return fmt.Errorf("can't listen on %s: %w (--addr or PORT chooses another)", address, err)
	}
	home := homeURL(listener.Addr())
	if settings.URL == "" {
		settings.URL = home // a client chooses its Host header
	}
	r, err := providers.NewServer(settings, logging.New(c.err, settings.LogLevel))
	if err != nil {
		return errors.Join(err, listener.Close())
	}
	fmt.Fprintf(c.out, "relay %s on %s%s\n", relay.Version, home, ready.about)
	if madeKey {
		fmt.Fprintln(c.out, "SECRET_KEY is not set: this run has a new key.")
	}
	token := ""
	if s.Token || madeKey && isTerminal(c.out) {
		if token, err = signFor(r.Declaration, settings, claims); err != nil {
			return errors.Join(err, listener.Close())
		}
	}
	if err := printRequest(c.out, home, token, r.Declaration, claims, ready.question); err != nil {
		return errors.Join(err, listener.Close())
	}
	return serve(ctx, listener, r.Routes())
}

// readiness describes a provider that is ready to be served.
type readiness struct {
	// about is printed after the relay's address.
	about string
	// question is an observable that the provider knows. Zero is none.
	question ctim.Observable
}

// preparations returns functions that make a provider ready to be served, by name.
// Most providers need none.
func (s *serveCommand) preparations() map[string]func(context.Context) (readiness, error) {
	return map[string]func(context.Context) (readiness, error){
		"watchlist": s.prepareWatchlist, // with providers/watchlist
	}
}

// signFor returns a token with the claims that is valid for a day at this relay
// alone.
func signFor(d relay.Declaration, settings config.Relay, claims map[string]any) (string, error) {
	claims = maps.Clone(claims)
	claims["exp"], claims[auth.ProviderClaim] = time.Now().Add(tokenLifetime).Unix(), d.Name
	if settings.Stage != "" {
		claims[auth.StageClaim] = settings.Stage
	}
	return auth.Sign(settings.SecretKey, claims)
}

// printRequest prints a command line that asks the relay about an observable.
// Without a token, it prints how to get one.
func printRequest(w io.Writer, home, token string, d relay.Declaration, claims map[string]any, question ctim.Observable) error {
	if question.Value == "" && len(d.ObservableTypes) > 0 {
		question = examples.Observables(d.ObservableTypes[0])[0]
	}
	body, err := json.Marshal([]ctim.Observable{question})
	if err != nil {
		return err
	}
	authorization := `"Authorization: Bearer $TOKEN"`
	if token != "" {
		authorization = "'Authorization: Bearer " + token + "'"
		for _, name := range d.RequiredCredentials() {
			if claims[name] == nil {
				fmt.Fprintf(w, "The token lacks a credential that %s needs: pass --claim %s\n", d.Title, name)
			}
		}
	} else {
		fmt.Fprintln(w, "TOKEN is a token for this relay. --token prints one; relay jwt makes one for the key in SECRET_KEY.")
	}
	_, err = fmt.Fprintf(w, `
Ask it:

  curl -s '%s/observe/observables' \
    -H %s \
    -d '%s'

Ctrl-C stops it.

`, home, authorization, strings.ReplaceAll(string(body), "'", `\u0027`))
	return err
}

// homeURL returns the URL of a server for clients on this machine.
func homeURL(address net.Addr) string {
	host, port, err := net.SplitHostPort(address.String())
	if ip := net.ParseIP(host); err == nil && ip != nil && ip.IsUnspecified() {
		return "http://127.0.0.1:" + port
	}
	return "http://" + address.String()
}

// address returns the address to listen on: the flag, or the port in PORT, or 9000.
func (s *serveCommand) address() (string, error) {
	if s.Addr != "" && !strings.Contains(s.Addr, ":") {
		return net.JoinHostPort("127.0.0.1", s.Addr), nil
	}
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

// serve answers requests until the context ends. Then it finishes those in
// progress.
func serve(ctx context.Context, listener net.Listener, routes http.Handler) error {
	server := &http.Server{
		Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			routes.ServeHTTP(w, r.WithContext(logging.WithRequestID(r.Context(), uuid.NewString())))
		}),
		ReadTimeout:  readTimeout,
		WriteTimeout: answerTimeout,
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
