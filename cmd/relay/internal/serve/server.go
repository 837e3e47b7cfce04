package serve

import (
	"context"
	"errors"
	"net"
	"net/http"
	"time"

	"github.com/google/uuid"

	"github.com/serverless-relay/relay/shared/logging"
)

// Timeouts of the server: for reading a request, for its response, and for the
// requests in progress when it stops.
const (
	readTimeout     = 10 * time.Second
	answerTimeout   = 40 * time.Second
	shutdownTimeout = 26 * time.Second
)

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
