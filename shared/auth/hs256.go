package auth

import (
	"slices"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// verifyHS256 verifies a token with the relay's secret keys.
func (a *Authenticator) verifyHS256(t Unverified) error {
	if len(a.secrets) == 0 {
		return refuse(missingKey)
	}
	signed := slices.ContainsFunc(a.secrets, func(secret []byte) bool {
		return jwt.SigningMethodHS256.Verify(t.Signed, t.Signature, secret) == nil
	})
	switch {
	case !signed:
		return refuse(wrongSignature)
	case !t.Timely(time.Now()):
		return refuse(wrongTime)
	default:
		return nil
	}
}
