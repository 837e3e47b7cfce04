package relay

import "net/http"

// Authenticator turns a request's Authorization header into claims. A refusal
// is an *Error with CodeAuthorization. Package auth has the one that relays use.
type Authenticator interface {
	Authenticate(r *http.Request) (Claims, error)
}
