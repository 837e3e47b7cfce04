package server

import (
	"maps"
	"net/http"
	"slices"
	"strings"
)

// Routes are handlers by path. Every route is POST, and a trailing slash makes
// no difference. Other paths and methods are answered as API Gateway does.
type Routes map[string]http.Handler

// ServeHTTP implements http.Handler.
func (rs Routes) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	handler, ok := rs[strings.TrimSuffix(r.URL.Path, "/")]
	switch {
	case !ok:
		writeJSON(w, http.StatusNotFound, []byte(`{"message":"Not Found"}`))
	case r.Method != http.MethodPost:
		w.Header().Set("Allow", http.MethodPost)
		writeJSON(w, http.StatusMethodNotAllowed, []byte(`{"message":"Method Not Allowed"}`))
	default:
		handler.ServeHTTP(w, r)
	}
}

// First is the path of the first of the routes: what a function that serves
// them answers when nobody says which. There is at least one.
func (rs Routes) First() string {
	return slices.Min(slices.Collect(maps.Keys(rs)))
}
