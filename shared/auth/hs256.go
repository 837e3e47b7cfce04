package auth

import (
	"slices"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// verifyHS256 verifies a token with the relay's secret keys. An expired token gets the
// message of a wrong key, the closest one that the platform has.
func (a *Authenticator) verifyHS256(t Unverified) error {
	if len(a.secrets) == 0 {
		return refuse(missingKey)
	}
	signed := slices.ContainsFunc(a.secrets, func(secret []byte) bool {
		return jwt.SigningMethodHS256.Verify(t.Signed, t.Signature, secret) == nil
	})
	if !signed || !t.Timely(time.Now()) {
		return refuse(wrongSignature)
	}
	return nil
}
