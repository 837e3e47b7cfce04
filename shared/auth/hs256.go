package auth

import (
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// verifyHS256 verifies a token that was made with one of the relay's own
// secret keys. Where exp or nbf rule the token out, the message is the one for
// a wrong key: the platform knows none that is closer.
func (a *Authenticator) verifyHS256(t *token) error {
	if len(a.secrets) == 0 {
		return refuse(missingKey)
	}
	for _, secret := range a.secrets {
		if jwt.SigningMethodHS256.Verify(t.Signed, t.Signature, secret) != nil {
			continue
		}
		if !t.Timely(time.Now()) {
			return refuse(wrongSignature)
		}
		return nil
	}
	return refuse(wrongSignature)
}
