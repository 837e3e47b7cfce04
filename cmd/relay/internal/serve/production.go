package serve

import (
	"context"
	"errors"
	"fmt"
	"time"

	"go.uber.org/zap"

	"github.com/serverless-relay/relay/providers"
	"github.com/serverless-relay/relay/shared/config"
	"github.com/serverless-relay/relay/shared/console"
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
func (s *Command) runProduction(ctx context.Context, c console.Console, extensions Extensions) error {
	settings, err := loadSettings()
	if err != nil {
		return err
	}
	log := logging.New(c.Out, settings.LogLevel)
	selected, err := providers.Selected(settings.Provider, providers.Find)
	if err != nil {
		return fmt.Errorf("setting RELAY_PROVIDER: %w", err)
	}
	if err := checkTokens(&settings, selected, log); err != nil {
		return err
	}
	security, err := s.tlsConfig(log)
	if err != nil {
		return err
	}
	modules, err := providers.Open(settings, log)
	if err != nil {
		return err
	}
	var names []string
	for _, module := range modules {
		names = append(names, module.Declaration.Name)
		if extension := extensions[module.Declaration.Name]; extension != nil {
			if err := extension.Ready(module.Service); err != nil {
				log.Error("a provider can't answer yet", zap.String("provider", module.Declaration.Name), zap.Error(err))
			}
		}
	}
	listener, err := s.listen()
	if err != nil {
		return err
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

// checkTokens returns an error if the settings are unsafe for a server on a network, or
// if one of the providers would refuse every token.
//
// RS256 tokens need an audience. In Lambda it is the URL of the request. Here clients
// choose the Host header, so without RELAY_URL checkTokens turns RS256 off.
func checkTokens(settings *config.Relay, selected []relay.Provider, log *zap.Logger) error {
	hasKey := settings.SecretKey != ""
	if len(settings.JWKSHosts) > 0 && settings.URL == "" {
		switch {
		case !hasKey:
			return errors.New("no token can be verified: set SECRET_KEY (relay jwt STAGE --save makes one). For tokens that XDR signs (RS256), set RELAY_URL to the URL that XDR calls")
		case len(settings.Organizations) > 0:
			return errors.New("setting RELAY_ORGANIZATIONS is for tokens that XDR signs (RS256), which need RELAY_URL too: set it to the URL that XDR calls, such as https://relay.example.com")
		}
		settings.JWKSHosts = nil
		log.Info("tokens that XDR signs (RS256) are refused, because RELAY_URL is not set")
	}
	if hasKey {
		return nil
	}
	if len(settings.JWKSHosts) == 0 {
		return errors.New("no token can be verified: JWKS_HOSTS is none, so set SECRET_KEY (relay jwt STAGE --save makes one)")
	}
	for _, provider := range selected {
		d := provider.Declaration()
		if len(d.RequiredCredentials()) == 0 && len(settings.Organizations) == 0 {
			return fmt.Errorf("provider %s would refuse every token: it needs no credentials, so set RELAY_ORGANIZATIONS to the ids of the XDR organizations that may call, or set SECRET_KEY", d.Name)
		}
	}
	return nil
}
