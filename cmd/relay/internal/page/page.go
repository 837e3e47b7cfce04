// Package page serves the page that shows a relay as an analyst sees it, and the
// routes that the page needs beside the protocol's. docs/Page.md describes them.
package page

import (
	"io/fs"
	"net/http"

	"github.com/serverless-relay/relay/shared/relay"
)

// Module is a provider that the page asks.
type Module struct {
	Declaration relay.Declaration
	// Path precedes the provider's routes, such as "/misp". It is empty if they
	// are at the root.
	Path string
}

// Options configure the page. All are required.
type Options struct {
	// Files are index.html and what it loads.
	Files fs.FS
	// Modules are the providers in the order of the page.
	Modules []Module
	// Authenticator verifies the token of requests to the page's own routes. It
	// should require no credentials: the page says which are missing.
	Authenticator interface {
		Authenticate(*http.Request) (relay.Claims, error)
	}
}

// Handler returns a handler that serves the page and passes all other requests to
// next.
func Handler(o Options, next http.Handler) http.Handler {
	own := http.NewServeMux()
	files := http.FileServerFS(o.Files)
	own.Handle("GET /{$}", files)
	for _, name := range []string{"app.js", "app.css", "icon.svg", "sample.json"} {
		own.Handle("GET /"+name, files)
	}
	own.Handle("POST /page/extract", authenticated(o, serveExtract))
	own.Handle("GET /page/modules", authenticated(o, modulesRoute(o.Modules)))
	guarded := guard(own)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if _, pattern := own.Handler(r); pattern != "" {
			guarded.ServeHTTP(w, r)
			return
		}
		next.ServeHTTP(w, r)
	})
}
