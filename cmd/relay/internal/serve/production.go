package serve

import (
	"context"
	"errors"
	"fmt"
	"net"
	"time"

	"go.uber.org/zap"

	"github.com/serverless-relay/relay/cmd/relay/internal/console"
	"github.com/serverless-relay/relay/providers"
	"github.com/serverless-relay/relay/shared/config"
	"github.com/serverless-relay/relay/shared/logging"
	"github.com/serverless-relay/relay/shared/relay"
	"github.com/serverless-relay/relay/shared/server"
)

// drainTime is how long a process accepts connections after the signal to stop, so
// that the host has time to send requests elsewhere. Together with shutdownTimeout it
// is less than the 30 seconds after which most hosts kill the process.
const drainTime = 3 * time.Second

// Validate implements kong's validation.
func (s *Command) Validate() error {
	switch {
	case s.Production && (s.Token || len(s.Claim) > 0):
		return errors.New("--production prints no token: leave out --token and --claim")
	case s.Production && s.Page != nil && *s.Page:
		return errors.New("--production serves no page: leave out --page")
	case !s.Production && (s.TLSCert != "" || s.TLSKey != ""):
		return errors.New("--tls-cert and --tls-key need --production")
	}
	return nil
}

// runProduction serves others than this machine until the context ends. Standard output
// has the log and nothing else.
func (s *Command) runProduction(ctx context.Context, c console.Console) error {
	settings, err := config.Load()
	if err != nil {
		return err
	}
	log := logging.New(c.Out, settings.LogLevel)
	selected, err := providers.Selected(settings.Provider, providers.Find)
	if err != nil {
		return fmt.Errorf("setting RELAY_PROVIDER: %w", err)
	}
	var declarations []relay.Declaration
	var names []string
	for _, provider := range selected {
		declarations = append(declarations, provider.Declaration())
		names = append(names, provider.Declaration().Name)
	}
	if err := checkTokens(&settings, declarations, log); err != nil {
		return err
	}
	security, err := s.tlsConfig(log)
	if err != nil {
		return err
	}
	address, err := s.address()
	if err != nil {
		return err
	}
	modules, err := providers.Open(settings, log)
	if err != nil {
		return err
	}
	for _, module := range modules {
		warnWatchlist(module.Service, log) // with providers/watchlist
	}
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return fmt.Errorf("can't listen on %s: %w (--addr or PORT chooses another)", address, err)
	}
	log.Info("listening", zap.Stringer("address", listener.Addr()), zap.Bool("tls", security != nil),
		zap.String("version", relay.Version), zap.Strings("providers", names))
	checked := &probes{routes: modules.Routes((*server.Server).Routes)}
	public := newServer(checked)
	public.TLSConfig, public.ErrorLog = security, zap.NewStdLog(log)
	err = serve(drain(ctx, checked, log), listener, public)
	log.Info("stopped", zap.Error(err))
	return err
}

// drain returns a context that ends drainTime after ctx. In between, the probes tell
// the host to send no more requests.
func drain(ctx context.Context, p *probes, log *zap.Logger) context.Context {
	drained, cancel := context.WithCancel(context.WithoutCancel(ctx))
	go func() {
		<-ctx.Done()
		p.stopping.Store(true)
		log.Info("stopping")
		time.AfterFunc(drainTime, cancel)
	}()
	return drained
}
