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
	// Serve fails, whatever the request is.
	Serve http.HandlerFunc
	// Code is the code of the error that the platform must receive.
	Code relay.Code
}

// Timeout returns a time limit for a client in a test of the fault. It is short if
// the third party hangs, and otherwise long enough for a busy machine.
func (f Fault) Timeout() time.Duration {
	if f.Code == relay.CodeTimeout {
		return 100 * time.Millisecond
	}
	return time.Minute
}

// Faults returns the ways in which any third party may fail.
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
	send := func(contentType, body string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", contentType)
			_, _ = io.WriteString(w, body)
		}
	}
	hang := func(r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body) // otherwise a server doesn't notice that the client is gone
		<-r.Context().Done()
	}
	return []Fault{
		{"refuses the credential", status(http.StatusUnauthorized), relay.CodeAuthorization},
		{"forbids the request", status(http.StatusForbidden), relay.CodeAuthorization},
		{"limits the rate", status(http.StatusTooManyRequests, "Retry-After", "3600"), relay.CodeTooManyRequests},
		{"has an internal error", status(http.StatusInternalServerError), relay.CodeServiceUnavailable},
		{"is down", status(http.StatusServiceUnavailable, "Retry-After", "3600"), relay.CodeServiceUnavailable},
		{"redirects to another host", status(http.StatusFound, "Location", "https://elsewhere.invalid/"), relay.CodeConnection},
		{"redirects in a circle", status(http.StatusFound, "Location", "/"), relay.CodeConnection},
		{"sends a web page", send("text/html", "<!DOCTYPE html><title>Log in</title>"), relay.CodeServiceUnavailable},
		{"sends nothing", send("application/json", ""), relay.CodeServiceUnavailable},
		{"sends text", send("text/plain", "OK"), relay.CodeServiceUnavailable},
		{"sends JSON of another form", send("application/json", `"OK"`), relay.CodeServiceUnavailable},
		{"sends truncated JSON", send("application/json", `{"data":{"list":[{"a":1},{"`), relay.CodeConnection},
		{"hangs", func(_ http.ResponseWriter, r *http.Request) { hang(r) }, relay.CodeTimeout},
		{"closes the connection", func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, relay.CodeConnection},
		{"closes the connection during the body", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "1000")
			_, _ = io.WriteString(w, `{"data":`)
			_ = http.NewResponseController(w).Flush()
			panic(http.ErrAbortHandler)
		}, relay.CodeConnection},
		{"hangs during the body", func(w http.ResponseWriter, r *http.Request) {
			_, _ = io.WriteString(w, `{"data":`)
			_ = http.NewResponseController(w).Flush()
			hang(r)
		}, relay.CodeTimeout},
		{"sends an endless body", func(w http.ResponseWriter, _ *http.Request) {
			chunk := strings.Repeat(" ", 64<<10)
			for {
				if _, err := io.WriteString(w, chunk); err != nil {
					return
				}
			}
		}, relay.CodeServiceUnavailable},
	}
}
