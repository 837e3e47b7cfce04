package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
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

// How long the server waits: for a request with its body, for the answer, and
// for the requests under way when it is told to stop.
const (
	readTimeout     = 10 * time.Second
	answerTimeout   = 40 * time.Second
	shutdownTimeout = 26 * time.Second
)

// tokenLifetime is how long the printed token is good for.
const tokenLifetime = 24 * time.Hour

// serveCommand is `relay serve`.
type serveCommand struct {
	Addr     string            `help:"Address or port to listen on. Default: 127.0.0.1 and the port in PORT, or 9000." placeholder:"HOST:PORT"`
	Claim    map[string]string `help:"Claims of the token that is printed: the provider's credentials." placeholder:"NAME=VALUE"`
	NoSample bool              `help:"Leave an empty watchlist empty."` // with providers/watchlist
}

// Help implements kong.HelpProvider.
func (serveCommand) Help() string {
	return `The same handlers answer as in Lambda. Settings come from the environment, among them:

  SECRET_KEY      verifies tokens; without it, one is made for this run
  RELAY_PROVIDER  who is asked: ` + strings.Join(providers.Names(), ", ") + "\n" +
		"  WATCHLIST_FILE  the watchlist; see relay watchlist --help\n" + // with providers/watchlist
		`  LOG_LEVEL       debug, info, warn or error

A question that you can paste is printed at the start, with a token that is good for a day. The log
goes to standard error. Ctrl-C finishes the requests under way and stops; once more, and it stops at
once.`
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
		settings.URL = home // and not what a client says in its Host header
	}
	r, err := providers.NewServer(settings, logging.New(c.err, settings.LogLevel))
	if err != nil {
		return errors.Join(err, listener.Close())
	}
	fmt.Fprintf(c.out, "relay %s on %s%s\n", relay.Version, home, ready.about)
	if madeKey {
		fmt.Fprintln(c.out, "SECRET_KEY is not set: this run has a key of its own.")
	}
	if err := s.printQuestion(c.out, home, settings.SecretKey, r.Declaration, ready.question); err != nil {
		return err
	}
	return serve(ctx, listener, r.Routes())
}

// readiness is what a provider tells after it was made ready to be served.
type readiness struct {
	// about goes after the relay's address.
	about string
	// question is one to which there is an answer. Zero is none.
	question ctim.Observable
}

// preparations make providers ready to be served, by name. Most need nothing.
func (s *serveCommand) preparations() map[string]func(context.Context) (readiness, error) {
	return map[string]func(context.Context) (readiness, error){
		"watchlist": s.prepareWatchlist, // with providers/watchlist
	}
}

// printQuestion prints a command line that asks the relay something.
func (s *serveCommand) printQuestion(w io.Writer, home, key string, d relay.Declaration, question ctim.Observable) error {
	claims := map[string]any{"exp": time.Now().Add(tokenLifetime).Unix()}
	for name, value := range s.Claim {
		claims[name] = value
	}
	for _, credential := range d.Credentials {
		switch {
		case claims[credential.Name] != nil:
		case credential.Optional:
			fmt.Fprintf(w, "%s takes a credential: --claim %s=... (%s)\n", d.Title, credential.Name, credential.Prompt)
		default:
			fmt.Fprintf(w, "%s wants a credential, or it refuses: --claim %s=... (%s)\n", d.Title, credential.Name, credential.Prompt)
		}
	}
	token, err := auth.Sign(key, claims)
	if err != nil {
		return err
	}
	if question.Value == "" && len(d.ObservableTypes) > 0 {
		question = examples.Observables(d.ObservableTypes[0])[0]
	}
	body, err := json.Marshal([]ctim.Observable{question})
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(w, `
Ask it:

  curl -s '%s/observe/observables' \
    -H 'Authorization: Bearer %s' \
    -d '%s'

Ctrl-C stops it.

`, home, token, strings.ReplaceAll(string(body), "'", `\u0027`))
	return err
}

// homeURL is the URL under which a server on this machine is reached.
func homeURL(address net.Addr) string {
	host, port, err := net.SplitHostPort(address.String())
	if ip := net.ParseIP(host); err == nil && ip != nil && ip.IsUnspecified() {
		return "http://127.0.0.1:" + port
	}
	return "http://" + address.String()
}

// address is where to listen: the flag, or the port in PORT, or 9000.
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

// serve answers requests until the context ends, and then finishes those that
// are under way.
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
