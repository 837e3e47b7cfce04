package serve

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"

	"github.com/serverless-relay/relay/cmd/relay/internal/localkey"
	"github.com/serverless-relay/relay/cmd/relay/internal/page"
	"github.com/serverless-relay/relay/shared/auth"
	"github.com/serverless-relay/relay/shared/config"
	"github.com/serverless-relay/relay/shared/server"
	"github.com/serverless-relay/relay/web"
)

// showsPage reports whether the page is served: by default, if only this machine can
// reach it.
func (s *Command) showsPage(address net.Addr) bool {
	if s.Page != nil {
		return *s.Page
	}
	tcp, ok := address.(*net.TCPAddr)
	return ok && tcp.IP.IsLoopback()
}

// withPage serves the page beside the relay's routes.
func withPage(routes http.Handler, settings config.Relay, served server.Modules) http.Handler {
	var modules []page.Module
	for i, m := range served {
		module := page.Module{Declaration: m.Declaration}
		if i > 0 {
			module.Path = "/" + m.Declaration.Name
		}
		modules = append(modules, module)
	}
	return page.Handler(page.Options{
		Files:   web.Files(),
		Modules: modules,
		// The token of any module will do.
		Authenticator: auth.New(auth.Options{
			SecretKey:         settings.SecretKey,
			SecretKeyPrevious: settings.SecretKeyPrevious,
			AllowFrom:         settings.AllowFrom,
			Stage:             settings.Stage,
		}),
	}, routes)
}

// printPage prints the page's URL, with a token for each module if signed is set.
// Browsers send no fragment, so the tokens in it reach no log.
func printPage(w io.Writer, home string, settings config.Relay, modules server.Modules, claims map[string]any, signed bool) error {
	fragment := ""
	if signed {
		var tokens []string
		for _, m := range modules {
			token, err := localkey.Sign(settings, m.Declaration.Name, tokenLifetime, claims)
			if err != nil {
				return err
			}
			tokens = append(tokens, token)
		}
		fragment = "#token=" + strings.Join(tokens, ",")
	}
	_, err := fmt.Fprintf(w, "\nOpen %s/%s\n", home, fragment)
	return err
}
