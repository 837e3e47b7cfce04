package auth

import (
	"errors"
	"net/http"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// verifyRS256 verifies a token that the platform signed. The token itself names the
// host that has its key. Anyone can write such a token, so all checks that need no key
// come before the connection: the host must be trusted, and a token that would be
// refused anyway doesn't cause a fetch.
func (a *Authenticator) verifyRS256(r *http.Request, t Unverified) error {
	host, err := a.jwksHost(t)
	keyID, _ := t.Header["kid"].(string)
	switch {
	case err != nil:
		return err
	case keyID == "":
		return refuse(unknownKeyID)
	case !t.Timely(time.Now()):
		return refuse(wrongTime)
	case !a.isAudience(r, t.Claims["aud"]):
		return refuse(wrongAudience)
	}
	if err := a.checkOrganization(t); err != nil {
		return err
	}
	key, err := a.keys.find(r.Context(), host, keyID)
	switch {
	case errors.Is(err, errKeyUnknown):
		return refuse(unknownKeyID)
	case errors.Is(err, errHostFailed):
		return refuseBecause(wrongJWKSHost, "%v", err)
	case err != nil:
		return err
	}
	if jwt.SigningMethodRS256.Verify(t.Signed, t.Signature, key) != nil {
		return refuse(wrongSignature)
	}
	return nil
}

// jwksHost returns the host that has the token's key, in lower case.
func (a *Authenticator) jwksHost(t Unverified) (string, error) {
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
