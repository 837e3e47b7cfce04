package serve

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/serverless-relay/relay/shared/logging"
)

// Timeouts of the server: for reading a request, for its response, for the next
// request on a connection, and for the requests in progress when it stops. A proxy
// must be the first to close an idle connection: it may already be sending the next
// request. idleTimeout is longer than the usual proxies', 60 to 120 seconds.
const (
	readTimeout     = 10 * time.Second
	answerTimeout   = 40 * time.Second
	idleTimeout     = 150 * time.Second
	shutdownTimeout = 26 * time.Second
)

// maxHeader is the size of the largest header in bytes. net/http adds 4 KB to it. API
// Gateway allows 10 KB.
const maxHeader = 16 << 10

// newServer returns a server that gives each request an id.
func newServer(routes http.Handler) *http.Server {
	return &http.Server{
		Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			routes.ServeHTTP(w, r.WithContext(logging.WithRequestID(r.Context(), uuid.NewString(), "")))
		}),
		ReadTimeout:    readTimeout,
		WriteTimeout:   answerTimeout,
		IdleTimeout:    idleTimeout,
		MaxHeaderBytes: maxHeader,
	}
}

// serve answers requests until the context ends. Then it finishes those in
// progress. It serves TLS if the server has a configuration for it.
func serve(ctx context.Context, listener net.Listener, server *http.Server) error {
	stopped := make(chan error, 1)
	go func() {
		<-ctx.Done()
		grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), shutdownTimeout)
		defer cancel()
		stopped <- server.Shutdown(grace)
	}()
	run := server.Serve
	if server.TLSConfig != nil {
		run = func(l net.Listener) error { return server.ServeTLS(l, "", "") }
	}
	if err := run(listener); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return <-stopped
}

// listen opens the address of the flag, or the port in PORT, or 9000. A port alone is
// one of this machine's loopback address or, in production, of all addresses.
func (s *Command) listen() (net.Listener, error) {
	address := s.Addr
	if !strings.Contains(address, ":") {
		port := cmp.Or(s.Addr, os.Getenv("PORT"), "9000")
		if _, err := strconv.ParseUint(port, 10, 16); err != nil && s.Addr == "" {
			return nil, errors.New("setting PORT is not a port from 0 to 65535")
		}
		host := "127.0.0.1"
		if s.Production {
			host = ""
		}
		address = net.JoinHostPort(host, port)
	}
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return nil, fmt.Errorf("can't listen on %s: %w (--addr or PORT chooses another)", address, err)
	}
	return listener, nil
}

// homeURL returns the URL of a server for clients on this machine.
func homeURL(address net.Addr) string {
	host, port, err := net.SplitHostPort(address.String())
	if ip := net.ParseIP(host); err == nil && ip != nil && ip.IsUnspecified() {
		return "http://127.0.0.1:" + port
	}
	return "http://" + address.String()
}
