package upstreamtest

import (
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/serverless-relay/relay/shared/relay"
)

// Fault is a way in which a third party fails.
type Fault struct {
	Name string
	// Serve fails so, whatever is asked. It is for a server on the network:
	// some faults are the connection's.
	Serve http.HandlerFunc
	// Code is what the platform must be told.
	Code relay.Code
}

// Timeout is a time limit for a client that meets the fault: short for one that
// hangs, so that the test doesn't, and long for the others on a busy machine.
func (f Fault) Timeout() time.Duration {
	if f.Code == relay.CodeTimeout {
		return 100 * time.Millisecond
	}
	return time.Minute
}

// Faults are the ways in which every third party fails now and then.
func Faults() []Fault {
	status := func(status int, header ...string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			for i := 0; i < len(header); i += 2 {
				w.Header().Set(header[i], header[i+1])
			}
			w.WriteHeader(status)
			_, _ = io.WriteString(w, `{"message":"no"}`)
		}
	}
	says := func(kind, body string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", kind)
			_, _ = io.WriteString(w, body)
		}
	}
	hang := func(r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body) // a server notices that the client is gone only after that
		<-r.Context().Done()
	}
	return []Fault{
		{"refuses the credential", status(http.StatusUnauthorized), relay.CodeAuthorization},
		{"forbids it", status(http.StatusForbidden), relay.CodeAuthorization},
		{"has too much to do", status(http.StatusTooManyRequests, "Retry-After", "3600"), relay.CodeTooManyRequests},
		{"is broken", status(http.StatusInternalServerError), relay.CodeServiceUnavailable},
		{"is down", status(http.StatusServiceUnavailable, "Retry-After", "3600"), relay.CodeServiceUnavailable},
		{"sends to another host", status(http.StatusFound, "Location", "https://elsewhere.invalid/"), relay.CodeConnection},
		{"sends in circles", status(http.StatusFound, "Location", "/"), relay.CodeConnection},
		{"shows a web page", says("text/html", "<!DOCTYPE html><title>Log in</title>"), relay.CodeServiceUnavailable},
		{"says nothing", says("application/json", ""), relay.CodeServiceUnavailable},
		{"says something else", says("text/plain", "OK"), relay.CodeServiceUnavailable},
		{"answers in another form", says("application/json", `"OK"`), relay.CodeServiceUnavailable},
		{"cuts its JSON off", says("application/json", `{"data":{"list":[{"a":1},{"`), relay.CodeConnection},
		{"hangs", func(_ http.ResponseWriter, r *http.Request) { hang(r) }, relay.CodeTimeout},
		{"hangs up", func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, relay.CodeConnection},
		{"hangs up in the middle", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "1000")
			_, _ = io.WriteString(w, `{"data":`)
			_ = http.NewResponseController(w).Flush()
			panic(http.ErrAbortHandler)
		}, relay.CodeConnection},
		{"hangs in the middle", func(w http.ResponseWriter, r *http.Request) {
			_, _ = io.WriteString(w, `{"data":`)
			_ = http.NewResponseController(w).Flush()
			hang(r)
		}, relay.CodeTimeout},
		{"never ends", func(w http.ResponseWriter, _ *http.Request) {
			chunk := strings.Repeat(" ", 64<<10)
			for {
				if _, err := io.WriteString(w, chunk); err != nil {
					return
				}
			}
		}, relay.CodeServiceUnavailable},
	}
}
