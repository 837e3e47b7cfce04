package check

import (
	"crypto/rand"
	"crypto/rsa"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/golang-jwt/jwt/v5"
)

// ErrToken says that what was given as a token is none.
var ErrToken = errors.New("the token is not a JWT: three parts of base64, by dots")

// token is the token that the relay accepts.
type token struct {
	encoded string
	alg     string
	keyID   string
	claims  map[string]any
	// payload and signature are two of its parts as they are sent.
	payload, signature string
}

// parseToken takes a token apart. Nothing is verified: only the relay can.
func parseToken(encoded string) (token, error) {
	parts := strings.Split(encoded, ".")
	if len(parts) != 3 {
		return token{}, ErrToken
	}
	var header struct{ Alg, Kid string }
	t := token{encoded: encoded, payload: parts[1], signature: parts[2]}
	for i, into := range []any{&header, &t.claims} {
		raw, err := base64.RawURLEncoding.DecodeString(parts[i])
		if err != nil || json.Unmarshal(raw, into) != nil {
			return token{}, ErrToken
		}
	}
	t.alg, t.keyID = header.Alg, header.Kid
	return t, nil
}

// claims are the claims of a token that is made up.
type claims map[string]any

// rsaBits is the size of the keys that tokens are forged with: the least that
// RS256 allows.
const rsaBits = 2048

// forge makes tokens that a relay must refuse.
type forge struct {
	own token
	rsa *rsa.PrivateKey
}

func newForge(own token) (forge, error) {
	key, err := rsa.GenerateKey(rand.Reader, rsaBits)
	if err != nil {
		return forge{}, fmt.Errorf("make a key to forge tokens with: %w", err)
	}
	return forge{own, key}, nil
}

// resigned has the claims of the real token and is signed with another key.
func (f forge) resigned() (string, error) {
	if f.own.alg == jwt.SigningMethodRS256.Alg() {
		return f.signed(jwt.SigningMethodRS256, f.rsa, f.own.keyID, f.own.payload)
	}
	return f.signed(jwt.SigningMethodHS256, []byte(rand.Text()+rand.Text()), "", f.own.payload)
}

// unsigned has the claims of the real token, and says that it needs no
// signature.
func (f forge) unsigned() string {
	return segment(map[string]any{"alg": "none", "typ": "JWT"}) + "." + f.own.payload + "."
}

// cut is the real token without its signature.
func (f forge) cut() string { return strings.TrimSuffix(f.own.encoded, "."+f.own.signature) }

// platform is a token as the platform signs them, but with our own key.
func (f forge) platform(c claims) (string, error) {
	return f.signed(jwt.SigningMethodRS256, f.rsa, "relay-check", segment(c))
}

func (f forge) signed(method jwt.SigningMethod, key any, keyID, payload string) (string, error) {
	header := map[string]any{"alg": method.Alg(), "typ": "JWT"}
	if keyID != "" {
		header["kid"] = keyID
	}
	content := segment(header) + "." + payload
	signature, err := method.Sign(content, key)
	if err != nil {
		return "", fmt.Errorf("forge a token: %w", err)
	}
	return content + "." + base64.RawURLEncoding.EncodeToString(signature), nil
}

// segment is an object as a part of a token.
func segment(object any) string {
	raw, _ := json.Marshal(object) // maps of strings can be written
	return base64.RawURLEncoding.EncodeToString(raw)
}
