package serve

import (
	"encoding/json"
	"net/http"
	"strings"
	"sync/atomic"
	"unicode/utf8"

	"github.com/serverless-relay/relay/shared/relay"
)

// maxWatchdog is the size of the largest value that /watchdog repeats, in bytes.
const maxWatchdog = 256

// probes answers the requests by which a host checks that the process is alive, and
// passes all others on. They need no token, call no third party and are not logged.
type probes struct {
	routes http.Handler
	// stopping is set after the signal to stop. The host then sends no
	// new requests, and clients open new connections, which reach another process.
	stopping atomic.Bool
}

// ServeHTTP implements http.Handler.
func (p *probes) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	stopping := p.stopping.Load()
	if stopping {
		w.Header().Set("Connection", "close")
	}
	path := strings.TrimSuffix(r.URL.Path, "/")
	switch isGet := r.Method == http.MethodGet || r.Method == http.MethodHead; {
	case isGet && path == "/healthz" && stopping:
		writeJSON(w, http.StatusServiceUnavailable, map[string]string{"status": "stopping"})
	case isGet && path == "/healthz":
		writeJSON(w, http.StatusOK, map[string]string{"status": "ok"})
	case isGet && path == "/watchdog":
		writeJSON(w, http.StatusOK, watchdog(r.Header))
	default:
		p.routes.ServeHTTP(w, r)
	}
}

// watchdog returns the body that Cisco's hosting expects: the value of the header
// Health-Check as data.
func watchdog(header http.Header) any {
	values := header.Values("Health-Check")
	if len(values) != 1 || values[0] == "" || len(values[0]) > maxWatchdog || !utf8.ValidString(values[0]) {
		failed := relay.Errorf(relay.CodeHealthCheck, "Send one header Health-Check with 1 to %d bytes of UTF-8.", maxWatchdog)
		failed.Type = relay.Fatal
		return map[string]any{"errors": []*relay.Error{failed}}
	}
	return map[string]string{"data": values[0]}
}

func writeJSON(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body) // fails if the client is gone
}
