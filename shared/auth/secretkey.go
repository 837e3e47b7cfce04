package auth

import (
	"crypto/rand"
	"errors"
	"fmt"

	"github.com/golang-jwt/jwt/v5"
)

// NewSecretKey returns a new secret key for HS256 tokens: 64 capital letters and
// digits with 5 random bits each.
func NewSecretKey() string { return (rand.Text() + rand.Text() + rand.Text())[:64] }

// Sign returns an HS256 token with the claims as its payload. It only expires if
// the claims contain exp. A blank key is an error, and so are claims that JSON
// can't represent.
func Sign(secretKey string, claims map[string]any) (string, error) {
	if isBlank(secretKey) {
		return "", errors.New("auth: sign token: the secret key is blank")
	}
	if claims == nil {
		claims = map[string]any{}
	}
	signed, err := jwt.NewWithClaims(jwt.SigningMethodHS256, jwt.MapClaims(claims)).SignedString([]byte(secretKey))
	if err != nil {
		return "", fmt.Errorf("auth: sign token: %w", err)
	}
	return signed, nil
}
