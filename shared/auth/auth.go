// Package auth turns the Authorization header of a request into verified
// claims.
//
// There are two kinds of token. The relay's operator signs HS256 tokens with its
// SECRET_KEY. The platform signs RS256 tokens with keys that the relay fetches
// from it. All others are refused. The message of a refusal never repeats any
// part of the token.
package auth

import (
	"fmt"
	"io"
	"net/http"
	"net/netip"
	"strings"

	"github.com/serverless-relay/relay/shared/relay"
)

// Options describe the requests that a relay accepts. The zero value accepts
// none. Options print as "[auth options]", because they contain secret keys.
type Options struct {
	// SecretKey verifies HS256 tokens. If it is blank, every HS256 token is
	// refused, even if SecretKeyPrevious is set.
	SecretKey string `json:"-"`
	// SecretKeyPrevious is the key before the last rotation. Tokens that it
	// signed are accepted too. Blank means that there is none.
	SecretKeyPrevious string `json:"-"`
	// JWKSHosts are the hosts that RS256 keys may be fetched from, each a host
	// name with an optional port. If it is empty, every RS256 token is refused.
	JWKSHosts []string
	// Organizations are the ids of the organizations whose RS256 tokens are
	// accepted. If it is empty, any organization's are, provided that there are
	// Credentials: without them every RS256 token is refused, because every
	// customer of the platform can get one.
	Organizations []string
	// URL is the relay's base URL, the required audience of RS256 tokens. If it
	// is blank, the URL of each request is used. That is only safe if clients
	// can't choose the Host header, as behind API Gateway.
	URL string
	// AllowFrom are the networks that requests may come from. If it is empty,
	// they may come from anywhere.
	AllowFrom []netip.Prefix
	// Provider and Stage name this relay. A token with the claim relay.ProviderClaim
	// or relay.StageClaim is only accepted if it names the same. A relay without one
	// of these names doesn't check its claim.
	Provider, Stage string
	// NotFirst is set for the providers after the first in a relay with several.
	// HS256 tokens must then have relay.ProviderClaim, and RS256 tokens an audience
	// that ends in the provider's name: a token that names no provider may
	// contain another one's credentials.
	NotFirst bool
	// Credentials are the claims that a token needs, each a string that is not
	// blank.
	Credentials []string
	// Client fetches the keys of RS256 tokens. Its redirect policy is not used:
	// redirects are never followed. Nil is a client with Go's default transport.
	Client *http.Client
}

// Format keeps the secret keys out of every fmt verb.
func (Options) Format(s fmt.State, _ rune) { _, _ = io.WriteString(s, "[auth options]") }

// Authenticator verifies the tokens of requests. It is safe for concurrent
// use, and prints as "[authenticator]". The zero value refuses every request.
type Authenticator struct {
	options   Options
	secrets   [][]byte
	jwksHosts map[string]bool
	keys      *keyCache
}

// New returns an Authenticator. It opens no connection: RS256 keys are fetched
// when the first token needs them.
func New(o Options) *Authenticator {
	o.URL = strings.TrimSpace(o.URL)
	a := &Authenticator{options: o, jwksHosts: make(map[string]bool, len(o.JWKSHosts)), keys: newKeyCache(o.Client)}
	if !isBlank(o.SecretKey) {
		a.secrets = append(a.secrets, []byte(o.SecretKey))
		if !isBlank(o.SecretKeyPrevious) {
			a.secrets = append(a.secrets, []byte(o.SecretKeyPrevious))
		}
	}
	for _, host := range o.JWKSHosts {
		a.jwksHosts[lowerASCII(strings.TrimSpace(host))] = true
	}
	return a
}

// Format keeps the secret keys out of every fmt verb.
func (*Authenticator) Format(s fmt.State, _ rune) { _, _ = io.WriteString(s, "[authenticator]") }

// Authenticate verifies the address and the token of a request and returns the
// token's claims. If the key of an RS256 token is unknown, it is fetched, which
// takes 5 seconds at most.
//
// A refusal is or wraps a *relay.Error with relay.CodeAuthorization. Any other
// error means that the request's context ended first, and wraps that context's
// error.
func (a *Authenticator) Authenticate(r *http.Request) (relay.Claims, error) {
	if err := a.checkAddress(r); err != nil {
		return relay.Claims{}, err
	}
	encoded, err := bearerToken(r.Header)
	if err != nil {
		return relay.Claims{}, err
	}
	t, err := Parse(encoded)
	// A token with an extension that its "crit" names and its reader doesn't know
	// must be refused (RFC 7515, section 4.1.11). The relay knows none.
	if _, critical := t.Header["crit"]; err != nil || critical {
		return relay.Claims{}, refuse(wrongStructure)
	}
	switch t.Header["alg"] {
	case algHS256:
		err = a.verifyHS256(t)
	case algRS256:
		err = a.verifyRS256(r, t)
	default:
		// A message about keys would mislead, because no key was tried.
		err = refuse(wrongStructure)
	}
	if err == nil {
		err = a.checkPurpose(t)
	}
	if err != nil {
		return relay.Claims{}, err
	}
	for _, name := range a.options.Credentials {
		if value, ok := t.Claims[name].(string); !ok || isBlank(value) {
			// The platform has one message for all. The log names the claim.
			return relay.Claims{}, refuseBecause(wrongPayload, "the claim %s is missing or blank", name)
		}
	}
	return relay.NewClaims(t.Claims), nil
}

// bearerToken returns the token in the Authorization header. Two such headers are
// refused, because a proxy in front of the relay may have checked the other one.
func bearerToken(header http.Header) (string, error) {
	values := header.Values("Authorization")
	if len(values) == 0 {
		return "", refuse(missingHeader)
	}
	parts := strings.Fields(values[0])
	if len(values) != 1 || len(parts) != 2 || lowerASCII(parts[0]) != "bearer" {
		return "", refuse(wrongType)
	}
	return parts[1], nil
}

func isBlank(s string) bool { return strings.TrimSpace(s) == "" }

// lowerASCII lower-cases A to Z only. Letters outside ASCII, such as the Kelvin
// sign, can have an ASCII letter as their lower case, but a name with one is
// another host.
func lowerASCII(s string) string {
	b := []byte(s)
	for i, c := range b {
		if 'A' <= c && c <= 'Z' {
			b[i] = c + 'a' - 'A'
		}
	}
	return string(b)
}
