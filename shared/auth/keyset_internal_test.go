package auth

import (
	"crypto/rand"
	"crypto/rsa"
	"encoding/base64"
	"fmt"
	"io"
	"math/big"
	"net/http"
	"strings"
	"testing"

	"github.com/golang-jwt/jwt/v5"
)

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// A caller that saw an empty cache may start its fetch just after another's has ended.
// It must use the keys of that one.
func TestLateCallerDoesNotFetchAgain(t *testing.T) {
	fetches := 0
	cache := newKeyCache(&http.Client{Transport: roundTripper(func(*http.Request) (*http.Response, error) {
		fetches++
		return &http.Response{StatusCode: http.StatusOK, Body: io.NopCloser(strings.NewReader(`{"keys":[]}`))}, nil
	})})
	const host = "keys.example"
	seen := cache.known(host).attempts
	for range 2 {
		if err := cache.await(t.Context(), host, seen); err != nil {
			t.Fatal(err)
		}
	}
	if fetches != 1 {
		t.Errorf("the host was asked %d times", fetches)
	}
}

// jwkOf describes a public key with a modulus of some length and an exponent in
// base64url. Nobody has its private key.
func jwkOf(bits int, exponent string) string {
	n := new(big.Int).SetBit(big.NewInt(1), bits-1, 1)
	return fmt.Sprintf(`{"kty":"RSA","kid":"1","n":%q,"e":%q}`, base64.RawURLEncoding.EncodeToString(n.Bytes()), exponent)
}

func TestSizesOfKeys(t *testing.T) {
	tests := map[string]struct {
		bits     int
		exponent string
		usable   bool
	}{
		"shortest":             {2048, "AQAB", true},
		"longest":              {8192, "AQAB", true},
		"smallest exponent":    {2048, "Aw", true},
		"largest exponent":     {2048, "f____w", true},
		"padded":               {2048, "Aw==", true},
		"a bit too short":      {2047, "AQAB", false},
		"a byte too short":     {2040, "AQAB", false},
		"a bit too long":       {8193, "AQAB", false},
		"millions of bits":     {6_000_000, "AQAB", false},
		"no exponent":          {2048, "", false},
		"exponent zero":        {2048, "AA", false},
		"exponent one":         {2048, "AQ", false},
		"exponent even":        {2048, "BA", false},
		"exponent of 32 bits":  {2048, "_____w", false},
		"exponent of 128 bits": {2048, "_____________________w", false},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			id, key := parseKey([]byte(jwkOf(test.bits, test.exponent)))
			if (key != nil) != test.usable || key != nil && (id != "1" || key.N.BitLen() != test.bits) {
				t.Errorf("got %q, %v", id, key)
			}
		})
	}
}

// With any key from a host, a signature can be verified in bounded time.
func FuzzParseKeySet(f *testing.F) {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		f.Fatal(err)
	}
	for _, jwk := range []string{
		jwkOf(2048, "AQAB"), jwkOf(8192, "AQAB"), jwkOf(8193, "AQAB"), jwkOf(1024, "AQAB"), `{"kty":"oct","k":"AA"}`, `7`,
		fmt.Sprintf(`{"kty":"RSA","use":"sig","alg":"RS256","key_ops":["verify"],"n":%q,"e":"AQAB"}`, base64.RawURLEncoding.EncodeToString(key.N.Bytes())),
	} {
		f.Add([]byte(`{"keys":[` + jwk + `]}`))
	}
	f.Add([]byte(`{"keys":null}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		keys, err := parseKeySet(data)
		if err != nil && keys != nil {
			t.Error("keys beside an error")
		}
		for _, key := range keys {
			if bits := key.N.BitLen(); bits < minKeyBits || bits > maxKeyBits {
				t.Errorf("a key of %d bits", bits)
			}
			if jwt.SigningMethodRS256.Verify("signed", make([]byte, key.Size()), key) == nil {
				t.Error("a signature of zeros is valid")
			}
		}
	})
}
