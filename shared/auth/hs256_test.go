package auth_test

import (
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/serverless-relay/relay/shared/auth"
)

const (
	wrongKey  = "Failed to decode JWT with provided key"
	wrongTime = "The token has expired or is not valid yet. Make a new one with `relay jwt STAGE`, or check the relay's clock if Cisco XDR signed it"
)

func TestHS256Key(t *testing.T) {
	tests := map[string]struct {
		current, previous string
		key               string // that the token is signed with
		refused           string
	}{
		"current key":                    {current: secret, key: secret},
		"current key in rotation":        {current: secret, previous: previous, key: secret},
		"previous key in rotation":       {current: secret, previous: previous, key: previous},
		"previous key after rotation":    {current: secret, key: previous, refused: wrongKey},
		"another key":                    {current: secret, previous: previous, key: "another", refused: wrongKey},
		"empty key":                      {current: secret, key: "", refused: wrongKey},
		"empty previous key":             {current: secret, previous: "", key: "", refused: wrongKey},
		"blank previous key":             {current: secret, previous: "  ", key: "  ", refused: wrongKey},
		"key in another case":            {current: secret, key: strings.ToUpper(secret), refused: wrongKey},
		"relay without key":              {key: secret, refused: "<SECRET_KEY> is missing"},
		"relay without key, empty key":   {key: "", refused: "<SECRET_KEY> is missing"},
		"relay with blank key":           {current: " \t", key: " \t", refused: "<SECRET_KEY> is missing"},
		"relay with a previous key only": {previous: previous, key: previous, refused: "<SECRET_KEY> is missing"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			authenticator := auth.New(auth.Options{SecretKey: test.current, SecretKeyPrevious: test.previous})
			token := hs256(test.key, hsHeader, `{"key":"v4lue"}`)
			_, err := authenticator.Authenticate(request(t, token))
			if test.refused == "" {
				if err != nil {
					t.Fatal(err)
				}
				return
			}
			checkRefused(t, err, test.refused, "v4lue", token, secret, previous)
		})
	}
}

func TestHS256Tampering(t *testing.T) {
	good := hs256(secret, hsHeader, `{"key":"value"}`)
	other := hs256(secret, hsHeader, `{"key":"other"}`)
	part := func(token string, i int) string { return strings.Split(token, ".")[i] }

	tests := map[string]string{
		"payload replaced":           part(good, 0) + "." + part(other, 1) + "." + part(good, 2),
		"signature of another token": part(good, 0) + "." + part(good, 1) + "." + part(other, 2),
		"header replaced":            segment(`{"alg":"HS256"}`) + "." + part(good, 1) + "." + part(good, 2),
		"signature removed":          part(good, 0) + "." + part(good, 1) + ".",
		"signature cut":              part(good, 0) + "." + part(good, 1) + "." + part(good, 2)[:40],
		"signature longer":           good + "AAAA",
		"signed again":               hs256("attacker", hsHeader, `{"key":"value"}`),
	}
	authenticator := auth.New(auth.Options{SecretKey: secret, SecretKeyPrevious: previous})
	for name, token := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := authenticator.Authenticate(request(t, token))
			checkRefused(t, err, wrongKey, token)
		})
	}
}

// A public key is not a secret. A verifier that lets the token choose the algorithm
// would use it as one.
func TestHS256WithPublicKeyAsSecret(t *testing.T) {
	platform := startPlatform(t)
	platform.serve(keySet(rsaJWK(t, "1", firstKey(), nil)))
	authenticator := platform.authenticator(auth.Options{SecretKey: secret})
	accept(t, authenticator, rs256(t, firstKey(), rs256Hash, rsHeader, rsPayload))

	der, err := x509.MarshalPKIXPublicKey(&firstKey().PublicKey)
	if err != nil {
		t.Fatal(err)
	}
	pkcs1 := x509.MarshalPKCS1PublicKey(&firstKey().PublicKey)
	keys := map[string][]byte{
		"PKIX DER":    der,
		"PKIX PEM":    pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der}),
		"PKCS #1 DER": pkcs1,
		"PKCS #1 PEM": pem.EncodeToMemory(&pem.Block{Type: "RSA PUBLIC KEY", Bytes: pkcs1}),
		"modulus":     firstKey().N.Bytes(),
		"JWK":         []byte(rsaJWK(t, "1", firstKey(), nil)),
	}
	for name, key := range keys {
		t.Run(name, func(t *testing.T) {
			_, err := authenticator.Authenticate(request(t, hs256(string(key), `{"alg":"HS256","kid":"1"}`, rsPayload)))
			checkRefused(t, err, wrongKey)
		})
	}
}

func TestHS256Times(t *testing.T) {
	const leeway = 30 * time.Second
	tests := map[string]struct {
		claims  string // %d: seconds since 1970 of now, moved by shift
		shift   time.Duration
		refused bool
	}{
		"none":                       {claims: `{}`},
		"exp in a minute":            {claims: `{"exp":%d}`, shift: time.Minute},
		"exp within leeway":          {claims: `{"exp":%d}`, shift: -leeway + time.Second},
		"exp at the end of leeway":   {claims: `{"exp":%d}`, shift: -leeway, refused: true},
		"exp a year ago":             {claims: `{"exp":%d}`, shift: -365 * 24 * time.Hour, refused: true},
		"exp with fraction":          {claims: `{"exp":%d.5}`, shift: -leeway},
		"exp zero":                   {claims: `{"exp":0}`, refused: true},
		"exp negative":               {claims: `{"exp":-1}`, refused: true},
		"exp very far":               {claims: `{"exp":1e300}`},
		"exp beyond numbers":         {claims: `{"exp":1e999}`, refused: true},
		"exp a string":               {claims: `{"exp":"%d"}`, shift: time.Hour, refused: true},
		"exp null":                   {claims: `{"exp":null}`, refused: true},
		"nbf a minute ago":           {claims: `{"nbf":%d}`, shift: -time.Minute},
		"nbf at the start of leeway": {claims: `{"nbf":%d}`, shift: leeway},
		"nbf before leeway":          {claims: `{"nbf":%d}`, shift: leeway + time.Second, refused: true},
		"nbf very far":               {claims: `{"nbf":1e300}`, refused: true},
		"nbf beyond numbers":         {claims: `{"nbf":1e999}`, refused: true},
		"nbf a string":               {claims: `{"nbf":"%d"}`, shift: -time.Hour, refused: true},
		"iat does not count":         {claims: `{"iat":%d}`, shift: time.Hour},
		"exp beside iat":             {claims: `{"iat":1,"exp":%d}`, shift: time.Minute},
		"exp beside a later iat":     {claims: `{"exp":1,"iat":%d}`, shift: time.Hour, refused: true},
		"nbf beside an earlier iat":  {claims: `{"iat":1,"nbf":%d}`, shift: time.Hour, refused: true},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				payload := test.claims
				if strings.Contains(payload, "%d") {
					payload = fmt.Sprintf(payload, time.Now().Add(test.shift).Unix())
				}
				authenticator := auth.New(auth.Options{SecretKey: secret, SecretKeyPrevious: previous})
				for _, key := range []string{secret, previous} {
					_, err := authenticator.Authenticate(request(t, hs256(key, hsHeader, payload)))
					if test.refused {
						checkRefused(t, err, wrongTime)
					} else if err != nil {
						t.Fatal(err)
					}
				}
			})
		})
	}
}
