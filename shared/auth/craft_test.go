package auth_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/hmac"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"math/big"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/serverless-relay/relay/shared/relay"
)

// The tests make their tokens without Sign, so that they can be wrong in every way.

const (
	secret   = "k3yK3Yk3yK3Yk3yK3Yk3yK3Yk3yK3Yk3yK3Yk3yK3Yk3yK3Yk3yK3Yk3yK3Yk3yK"
	previous = "0ldK3Y0ldK3Y0ldK3Y0ldK3Y0ldK3Y0ldK3Y0ldK3Y0ldK3Y0ldK3Y0ldK3Y0ldK"
	hsHeader = `{"alg":"HS256","typ":"JWT"}`
)

// segment encodes text as one segment of a token.
func segment(text string) string { return base64.RawURLEncoding.EncodeToString([]byte(text)) }

// sealed appends the HMAC with SHA-256 of the signed part.
func sealed(key, signed string) string {
	mac := hmac.New(sha256.New, []byte(key))
	mac.Write([]byte(signed))
	return signed + "." + base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

// hs256 makes a token from the texts of its header and payload.
func hs256(key, header, payload string) string {
	return sealed(key, segment(header)+"."+segment(payload))
}

// rs256 makes a token signed with PKCS #1 v1.5 and the given hash.
func rs256(t testing.TB, key *rsa.PrivateKey, hash crypto.Hash, header, payload string) string {
	t.Helper()
	signed := segment(header) + "." + segment(payload)
	h := hash.New()
	h.Write([]byte(signed))
	signature, err := rsa.SignPKCS1v15(rand.Reader, key, hash, h.Sum(nil))
	if err != nil {
		t.Fatal(err)
	}
	return signed + "." + base64.RawURLEncoding.EncodeToString(signature)
}

// Making an RSA key takes long, so the tests share a few.
var (
	firstKey  = rsaKey(2048)
	secondKey = rsaKey(2048)
	shortKey  = rsaKey(1024)
)

func rsaKey(bits int) func() *rsa.PrivateKey {
	return sync.OnceValue(func() *rsa.PrivateKey {
		key, err := rsa.GenerateKey(rand.Reader, bits)
		if err != nil {
			panic(err)
		}
		return key
	})
}

// rsaJWK describes a public key. The extra members may replace the usual ones.
func rsaJWK(t testing.TB, id string, key *rsa.PrivateKey, extra map[string]any) string {
	t.Helper()
	members := map[string]any{
		"kty": "RSA", "use": "sig", "alg": "RS256", "kid": id,
		"n": base64.RawURLEncoding.EncodeToString(key.N.Bytes()),
		"e": base64.RawURLEncoding.EncodeToString(big.NewInt(int64(key.E)).Bytes()),
	}
	for name, value := range extra {
		members[name] = value
	}
	return encode(t, members)
}

// ecJWK describes a new key for ES256.
func ecJWK(t testing.TB, id string) string {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	point, err := key.PublicKey.Bytes() // 4, then 32 bytes of x and of y
	if err != nil {
		t.Fatal(err)
	}
	return encode(t, map[string]any{
		"kty": "EC", "crv": "P-256", "use": "sig", "kid": id,
		"x": base64.RawURLEncoding.EncodeToString(point[1:33]),
		"y": base64.RawURLEncoding.EncodeToString(point[33:]),
	})
}

func keySet(jwks ...string) string {
	return fmt.Sprintf(`{"keys":[%s]}`, strings.Join(jwks, ","))
}

func encode(t testing.TB, v any) string {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// request returns a request as the gateway builds it, not one read from a socket.
func request(t testing.TB, token string) *http.Request {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/health", nil)
	r.Host = "relay.example.org"
	r.Header.Set("Authorization", "Bearer "+token)
	return r
}

// checkRefused fails the test unless err refuses with just that reason, and
// contains none of the given secrets.
func checkRefused(t testing.TB, err error, reason string, secrets ...string) {
	t.Helper()
	refusal, ok := errors.AsType[*relay.Error](err)
	if !ok {
		t.Fatalf("got error %v, want a refusal", err)
	}
	if refusal.Code != "authorization error" {
		t.Errorf("got code %q", refusal.Code)
	}
	if want := "Authorization failed: " + reason; refusal.Message != want {
		t.Errorf("got message %q, want %q", refusal.Message, want)
	}
	for _, text := range []string{err.Error(), fmt.Sprintf("%+v %#v", err, refusal)} {
		for _, s := range secrets {
			if strings.Contains(text, s) {
				t.Errorf("the error %q holds %q", text, s)
			}
		}
	}
}
