package serve

import (
	"fmt"
	"io"
	"net"
	"net/http"

	"github.com/serverless-relay/relay/cmd/relay/internal/page"
	"github.com/serverless-relay/relay/shared/auth"
	"github.com/serverless-relay/relay/shared/config"
	"github.com/serverless-relay/relay/shared/relay"
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

// withPage serves the page beside a relay's routes.
func withPage(routes http.Handler, settings config.Relay, d relay.Declaration) http.Handler {
	return page.Handler(page.Options{
		Files:   web.Files(),
		Modules: []page.Module{{Declaration: d}},
		Authenticator: auth.New(auth.Options{
			SecretKey:         settings.SecretKey,
			SecretKeyPrevious: settings.SecretKeyPrevious,
			AllowFrom:         settings.AllowFrom,
			Provider:          d.Name,
			Stage:             settings.Stage,
		}),
	}, routes)
}

// printPage prints the page's URL. Browsers send no fragment, so the token in it
// reaches no log.
func printPage(w io.Writer, home, token string) error {
	fragment := ""
	if token != "" {
		fragment = "#token=" + token
	}
	_, err := fmt.Fprintf(w, "\nOpen %s/%s\n", home, fragment)
	return err
}
