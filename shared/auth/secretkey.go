package auth

import (
	"crypto/rand"
	"errors"
	"fmt"

	"github.com/golang-jwt/jwt/v5"
)

// secretKeyLength is the length of a new secret key in characters.
const secretKeyLength = 64

// NewSecretKey makes a secret key for HS256 tokens: 64 characters, capital
// letters and digits, 5 random bits in each. The error is always nil today:
// package crypto/rand ends the process where it finds no randomness.
func NewSecretKey() (string, error) {
	var key string
	for len(key) < secretKeyLength {
		key += rand.Text()
	}
	return key[:secretKeyLength], nil
}

// Sign makes an HS256 token with the claims as its payload. It never expires
// unless the claims say so. A blank key and claims that JSON cannot hold are
// errors.
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
