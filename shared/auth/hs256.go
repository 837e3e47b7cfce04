package auth

import (
	"slices"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// verifyHS256 verifies a token that one of the relay's secret keys signed. An
// expired token has the message of a wrong key: the platform knows none that is
// closer.
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
