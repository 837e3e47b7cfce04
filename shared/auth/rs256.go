package auth

import (
	"errors"
	"net/http"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// verifyRS256 verifies a token that the platform made. The token itself names
// the host that has its key. Anyone can write such a token, so the host must
// be one that the relay was told to trust, and that is settled before any
// connection is made.
func (a *Authenticator) verifyRS256(r *http.Request, t *token) error {
	host, err := a.jwksHost(t)
	if err != nil {
		return err
	}
	if t.keyID == "" {
		return refuse(unknownKeyID)
	}
	key, err := a.keys.find(r.Context(), host, t.keyID)
	switch {
	case errors.Is(err, errKeyUnknown):
		return refuse(unknownKeyID)
	case errors.Is(err, errHostFailed):
		return refuseBecause(wrongJWKSHost, err)
	case err != nil:
		return err
	}
	if jwt.SigningMethodRS256.Verify(t.Signed, t.Signature, key) != nil || !t.Timely(time.Now()) {
		return refuse(wrongSignature)
	}
	if !a.isAudience(r, t.Claims["aud"]) {
		return refuse(wrongAudience)
	}
	return nil
}

// jwksHost gives the host that has the token's key, in lower case.
func (a *Authenticator) jwksHost(t *token) (string, error) {
	claim := t.Claims["jwks_host"]
	host, ok := claim.(string)
	if claim == nil || ok && isBlank(host) {
		return "", refuse(missingJWKSHost)
	}
	if host = lowerASCII(host); !a.jwksHosts[host] {
		return "", refuse(wrongJWKSHost)
	}
	return host, nil
}
