// Package serve is `relay serve`: it serves a relay on this machine.
package serve

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"

	"github.com/serverless-relay/relay/cmd/relay/internal/flags"
	"github.com/serverless-relay/relay/cmd/relay/internal/localkey"
	"github.com/serverless-relay/relay/cmd/relay/internal/page"
	"github.com/serverless-relay/relay/providers"
	"github.com/serverless-relay/relay/shared/auth"
	"github.com/serverless-relay/relay/shared/config"
	"github.com/serverless-relay/relay/shared/console"
	"github.com/serverless-relay/relay/shared/ctim"
	"github.com/serverless-relay/relay/shared/logging"
	"github.com/serverless-relay/relay/shared/relay"
	"github.com/serverless-relay/relay/shared/server"
)

// Command is `relay serve`.
type Command struct {
	Addr       string   `help:"Address or port to listen on. Default: the port in PORT, or 9000, on 127.0.0.1 or, with --production, on all addresses." placeholder:"HOST:PORT"`
	Claim      []string `sep:"none" help:"A claim of the printed token: a credential of the provider." placeholder:"NAME=@FILE"`
	Token      bool     `help:"Print a token that is valid for a day, even if SECRET_KEY is set or standard output is not a terminal."`
	Page       *bool    `negatable:"" help:"Serve the page that shows the relay as an analyst sees it. Default: only if no other machine can reach it."`
	NoSample   bool     `help:"Add no sample data to a provider that was never used, such as the watchlist."`
	Production bool     `help:"Serve other machines, as in a container: no sample and no token, the log on standard output. SECRET_KEY or RELAY_URL must be set."`
	TLSCert    string   `name:"tls-cert" help:"With --production: a file with the certificate and its chain, in PEM form, to serve HTTPS. It is read again when it changes." placeholder:"FILE"`
	TLSKey     string   `name:"tls-key" help:"The file with its key." placeholder:"FILE"`
}

// Help implements kong.HelpProvider.
func (Command) Help() string {
	return `The handlers are the same as in Lambda. Settings are environment variables, among them:

  SECRET_KEY      verifies tokens; default: the key in serverless-relay/secret.key in your data directory
  RELAY_PROVIDER  the provider: ` + strings.Join(providers.Names(), ", ") + `
  LOG_LEVEL       debug, info, warn or error

docs/Settings.md lists all of them, including those of the providers.

At the start, the URL of a page and a request to paste are printed. The page shows the relay as an
analyst sees it. On a terminal, both contain a token that is valid for a day.
If SECRET_KEY is set, a token is printed only with --token. relay jwt makes tokens too, and relay check
needs none on this machine. The log goes to standard error. Ctrl-C finishes the requests in progress
and stops. Ctrl-C again stops immediately.

With --production, GET /healthz and GET /watchdog report that the process is alive. docs/Container.md
has the rest.
` + flags.ClaimHelp
}

// loadSettings reads the settings. Only a Lambda reads keys from parameters.
func loadSettings() (config.Relay, error) {
	settings, err := config.Load()
	if err != nil {
		return settings, err
	}
	return settings, settings.ReadKeys(func(string) (string, error) {
		return "", errors.New("only a Lambda reads it: remove it, and set the key itself from the secret store of your host")
	})
}

// Run serves until the context ends.
func (s *Command) Run(ctx context.Context, c console.Console, extensions Extensions) error {
	if s.Production {
		return s.runProduction(ctx, c, extensions)
	}
	settings, err := loadSettings()
	if err != nil {
		return err
	}
	ownKey := settings.SecretKey == ""
	if ownKey {
		if settings.SecretKey, err = localkey.LoadOrCreate(); err != nil {
			return fmt.Errorf("%w (or set SECRET_KEY)", err)
		}
	}
	claims, err := flags.ReadClaims(ctx, c, s.Claim)
	if err != nil {
		return err
	}
	listener, err := s.listen()
	if err != nil {
		return err
	}
	defer func() { _ = listener.Close() }()
	home := homeURL(listener.Addr())
	if settings.URL == "" {
		settings.URL = home // a client chooses its Host header
	}
	modules, err := providers.Open(settings, logging.New(c.Err, settings.LogLevel))
	if err != nil {
		return err
	}
	var question ctim.Observable
	for i, module := range modules {
		about, known := "", ctim.Observable{}
		if extension := extensions[module.Declaration.Name]; extension != nil {
			if about, known, err = extension.Introduce(ctx, module.Service, !s.NoSample); err != nil {
				return err
			}
		}
		if i == 0 {
			question = known
			fmt.Fprintf(c.Out, "relay %s with the provider %s on %s%s\n", relay.Version, module.Declaration.Name, home, about)
		} else {
			fmt.Fprintf(c.Out, "and the provider %[1]s on %[2]s/%[1]s%[3]s\n", module.Declaration.Name, home, about)
		}
	}
	if ownKey {
		fmt.Fprintf(c.Out, "SECRET_KEY is not set: the key is in %s\n", localkey.Path())
	}
	token, fragment := "", "" // browsers send no fragment, so the tokens in it reach no log
	if s.Token || ownKey && console.IsTerminal(c.Out) {
		var tokens []string
		for _, m := range modules {
			signed, err := localkey.Sign(settings, m.Declaration.Name, tokenLifetime, claims)
			if err != nil {
				return err
			}
			tokens = append(tokens, signed)
		}
		token, fragment = tokens[0], "#token="+strings.Join(tokens, ",")
	}
	var handler http.Handler = modules.Routes((*server.Server).Routes)
	if s.showsPage(listener.Addr()) {
		handler = page.Handler(modules, auth.New(auth.Options{ // the token of any module will do
			SecretKey:         settings.SecretKey,
			SecretKeyPrevious: settings.SecretKeyPrevious,
			AllowFrom:         settings.AllowFrom,
			Stage:             settings.Stage,
		}), handler)
		fmt.Fprintf(c.Out, "\nOpen %s/%s\n", home, fragment)
	}
	if err := printRequest(c.Out, home, token, modules[0].Declaration, claims, question); err != nil {
		return err
	}
	return serve(ctx, listener, newServer(handler))
}

// showsPage reports whether the page is served: by default, if only this machine can
// reach it.
func (s *Command) showsPage(address net.Addr) bool {
	if s.Page != nil {
		return *s.Page
	}
	tcp, ok := address.(*net.TCPAddr)
	return ok && tcp.IP.IsLoopback()
}
