package check

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"strings"
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

// The algorithms that relays take.
const (
	hs256 = "HS256"
	rs256 = "RS256"
)

// rsaSignature is how long a signature is that RS256 makes with a key of 2,048
// bits, in bytes.
const rsaSignature = 256

// resigned has the claims of the token and the signature of another key.
func (t token) resigned() string {
	if t.alg == rs256 {
		return forgedRS256(t.keyID, t.payload)
	}
	content := segment(map[string]string{"alg": hs256, "typ": "JWT"}) + "." + t.payload
	mac := hmac.New(sha256.New, random(sha256.Size))
	mac.Write([]byte(content))
	return content + "." + encodeSegment(mac.Sum(nil))
}

// unsigned has the claims of the token, and says that it needs no signature.
func (t token) unsigned() string {
	return segment(map[string]string{"alg": "none", "typ": "JWT"}) + "." + t.payload + "."
}

// cut is the token without its signature.
func (t token) cut() string { return strings.TrimSuffix(t.encoded, "."+t.signature) }

// forgedRS256 is a token as the platform makes them, signed with a key that
// nobody has: to whoever looks for the key, that is like any random bytes.
func forgedRS256(keyID, payload string) string {
	return segment(map[string]string{"alg": rs256, "typ": "JWT", "kid": keyID}) + "." + payload + "." + encodeSegment(random(rsaSignature))
}

// segment is an object as a part of a token.
func segment(object map[string]string) string {
	raw, _ := json.Marshal(object) // strings can be written
	return encodeSegment(raw)
}

func encodeSegment(raw []byte) string { return base64.RawURLEncoding.EncodeToString(raw) }

// random are so many random bytes.
func random(n int) []byte {
	b := make([]byte, n)
	_, _ = rand.Read(b) // it never fails: it ends the process instead
	return b
}
