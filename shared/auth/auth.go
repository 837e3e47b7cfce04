// Package auth turns the Authorization header of a request into verified
// claims.
//
// Two kinds of token exist. A token signed with HS256 was made by whoever runs
// the relay, with its SECRET_KEY. A token signed with RS256 was made by the
// platform, and its key is fetched from the platform. Everything else is
// refused, and a refusal never repeats any part of the token.
package auth

import (
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/serverless-relay/relay/shared/relay"
)

// Options say which tokens a relay accepts. The zero value accepts none. They
// print as "[auth options]", because they hold the secret keys.
type Options struct {
	// SecretKey signs HS256 tokens. Where it is blank, every HS256 token is
	// refused, whatever SecretKeyPrevious is.
	SecretKey string `json:"-"`
	// SecretKeyPrevious is the secret key before the last rotation. It is
	// tried second. Blank means that there is none.
	SecretKeyPrevious string `json:"-"`
	// JWKSHosts are the hosts that RS256 keys may be fetched from, each a host
	// name with an optional port. Where it is empty, every RS256 token is refused.
	JWKSHosts []string
	// URL is the relay's own base URL, which RS256 tokens must be made for.
	// Where it is blank, the URL is taken from each request. That is safe only
	// where the Host header can be trusted, as it can behind API Gateway.
	URL string
	// Credentials are the claims that a token must have, each as a string that
	// is not blank.
	Credentials []string
	// Client fetches the keys of RS256 tokens. Its redirect policy is not used:
	// redirects are never followed. Nil means a client with Go's default transport.
	Client *http.Client
}

// Format keeps the secret keys out of every fmt verb.
func (Options) Format(s fmt.State, _ rune) { _, _ = io.WriteString(s, "[auth options]") }

// Authenticator verifies the tokens of requests. It is safe for concurrent
// use, and prints as "[authenticator]". The zero value refuses every request.
type Authenticator struct {
	secrets     [][]byte
	jwksHosts   map[string]bool
	keys        *keyCache
	url         string
	credentials []string
}

// New makes an Authenticator. It neither opens a connection nor starts a
// goroutine: RS256 keys are fetched when the first token needs them.
func New(o Options) *Authenticator {
	a := &Authenticator{
		jwksHosts:   make(map[string]bool, len(o.JWKSHosts)),
		keys:        newKeyCache(o.Client),
		url:         strings.TrimSpace(o.URL),
		credentials: append([]string(nil), o.Credentials...),
	}
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

// Authenticate verifies the token of a request and gives its claims. It
// fetches keys for an RS256 token where it does not have them, for 5 seconds
// at most.
//
// A refusal is, or wraps, a *relay.Error with relay.CodeAuthorization. Any
// other error means that the request's context ended first, and wraps that
// context's error.
func (a *Authenticator) Authenticate(r *http.Request) (relay.Claims, error) {
	encoded, err := bearerToken(r.Header)
	if err != nil {
		return relay.Claims{}, err
	}
	t, err := parseToken(encoded)
	if err != nil {
		return relay.Claims{}, err
	}
	switch t.alg {
	case algHS256:
		err = a.verifyHS256(t)
	case algRS256:
		err = a.verifyRS256(r, t)
	default:
		// No key was tried, so a message about keys would send people looking
		// in the wrong place: this is no token of the form that relays accept.
		err = refuse(wrongStructure)
	}
	if err != nil {
		return relay.Claims{}, err
	}
	for _, name := range a.credentials {
		if value, ok := t.Claims[name].(string); !ok || isBlank(value) {
			// The log tells what the message can't.
			return relay.Claims{}, fmt.Errorf("%w: the claim %s is missing or blank", refuse(wrongPayload), name)
		}
	}
	return relay.NewClaims(t.Claims), nil
}

// bearerToken takes the token out of the Authorization header. Two headers are
// refused: which of them a proxy in front of the relay has seen is unknown.
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

// lowerASCII lower-cases A to Z and nothing else. Unicode has letters outside
// ASCII, such as the Kelvin sign, whose lower case is an ASCII letter. Names
// that differ by them are different hosts.
func lowerASCII(s string) string {
	b := []byte(s)
	for i, c := range b {
		if 'A' <= c && c <= 'Z' {
			b[i] = c + 'a' - 'A'
		}
	}
	return string(b)
}
