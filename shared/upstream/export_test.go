package upstream

import (
	"net/http"

	"github.com/serverless-relay/relay/shared/relay"
)

// Headers sends these headers and ignores the claims.
func Headers(h http.Header) Auth {
	return func(relay.Claims) credential {
		c := credential{header: h}
		for _, values := range h {
			c.secrets = append(c.secrets, values...)
		}
		return c
	}
}
