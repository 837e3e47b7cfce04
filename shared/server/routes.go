package server

import (
	"maps"
	"net/http"
	"slices"
	"strings"
)

// Routes are handlers by path, for POST requests. A trailing slash is ignored. Other
// paths, among them those with an encoded slash, and other methods get the same
// response as from API Gateway.
type Routes map[string]http.Handler

// ServeHTTP implements http.Handler.
func (rs Routes) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	handler, ok := rs[strings.TrimSuffix(r.URL.Path, "/")]
	switch {
	case !ok || r.URL.RawPath != "":
		writeJSON(w, http.StatusNotFound, []byte(`{"message":"Not Found"}`))
	case r.Method != http.MethodPost:
		w.Header().Set("Allow", http.MethodPost)
		writeJSON(w, http.StatusMethodNotAllowed, []byte(`{"message":"Method Not Allowed"}`))
	default:
		handler.ServeHTTP(w, r)
	}
}

// First returns the alphabetically first path. A function that is invoked without a
// path serves it. Routes must not be empty.
func (rs Routes) First() string {
	return slices.Min(slices.Collect(maps.Keys(rs)))
}
