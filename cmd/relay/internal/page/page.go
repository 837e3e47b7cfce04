// Package page serves the page that shows a relay as an analyst sees it, and the
// routes that the page needs beside the protocol's. docs/Page.md describes them.
package page

import (
	"encoding/json"
	"net/http"

	"github.com/serverless-relay/relay/shared/auth"
	"github.com/serverless-relay/relay/shared/relay"
	"github.com/serverless-relay/relay/shared/server"
	"github.com/serverless-relay/relay/web"
)

// Handler returns a handler that serves the page of the modules, and passes all other
// requests to next. The authenticator verifies the token of requests to the page's own
// routes. It should require no credentials: the page shows which are missing.
func Handler(modules server.Modules, authenticator *auth.Authenticator, next http.Handler) http.Handler {
	own := http.NewServeMux()
	files := http.FileServerFS(web.Files())
	own.Handle("GET /{$}", files)
	for _, name := range []string{"app.js", "app.css", "icon.svg", "sample.json"} {
		own.Handle("GET /"+name, files)
	}
	own.Handle("POST /page/extract", authenticated(authenticator, serveExtract))
	own.Handle("GET /page/modules", authenticated(authenticator, modulesRoute(modules)))
	guarded := guard(own)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if _, pattern := own.Handler(r); pattern != "" {
			guarded.ServeHTTP(w, r)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// envelope is the body of responses, as in the protocol.
type envelope struct {
	Data   any           `json:"data,omitempty"`
	Errors []relay.Error `json:"errors,omitempty"`
}

func answer(w http.ResponseWriter, data any) { write(w, http.StatusOK, envelope{Data: data}) }

func refuse(w http.ResponseWriter, status int, code relay.Code, message string) {
	write(w, status, envelope{Errors: []relay.Error{{Type: relay.Fatal, Code: code, Message: message}}})
}

func write(w http.ResponseWriter, status int, body envelope) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body) // fails if the client is gone
}
