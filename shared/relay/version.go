package relay

import "net/http"

// Version is the relay's own version, which /version answers. It is the one
// in package.json; a test holds the two together.
const Version = "1.0.0"

// VersionRoutes are the routes of the function "version". It needs neither a
// provider nor a token.
func VersionRoutes() Routes {
	return Routes{"/version": http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		writeJSON(w, http.StatusOK, []byte(`{"version":"`+Version+`"}`))
	})}
}
