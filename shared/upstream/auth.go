package upstream

import (
	"encoding/base64"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"sync"

	"golang.org/x/oauth2/clientcredentials"

	"github.com/serverless-relay/relay/shared/relay"
)

// Auth makes the credential that is sent to a third party from the claims of a
// caller's token: Header, Bearer, Query, Basic, OAuth2, Signer or None, optionally
// wrapped in AddressFrom or AddressBelow. A claim that is absent or blank is not sent.
type Auth func(claims relay.Claims) credential

// None sends no credential.
func None() Auth { return func(relay.Claims) credential { return credential{} } }

// Header sends a claim as the value of a header, such as "X-Api-Key".
func Header(name, claim string) Auth { return header(name, "", claim) }

// Bearer sends a claim as "Authorization: Bearer ...".
func Bearer(claim string) Auth { return header("Authorization", "Bearer ", claim) }

func header(name, prefix, claim string) Auth {
	return func(claims relay.Claims) credential {
		value := claims.Get(claim)
		if value == "" {
			return credential{}
		}
		return credential{header: http.Header{http.CanonicalHeaderKey(name): {prefix + value}}, secrets: []string{value}}
	}
}

// Query sends a claim as a parameter of the URL, such as "key". URLs are neither
// logged nor part of an error.
func Query(parameter, claim string) Auth {
	return func(claims relay.Claims) credential {
		value := claims.Get(claim)
		if value == "" {
			return credential{}
		}
		return credential{query: url.Values{parameter: {value}}, secrets: []string{value}}
	}
}

// Basic sends two claims as user and password with HTTP Basic authentication.
func Basic(user, password string) Auth {
	return func(claims relay.Claims) credential {
		name, secret := claims.Get(user), claims.Get(password)
		if name == "" && secret == "" {
			return credential{}
		}
		encoded := base64.StdEncoding.EncodeToString([]byte(name + ":" + secret))
		return credential{header: http.Header{"Authorization": {"Basic " + encoded}}, secrets: []string{secret, encoded}}
	}
}

// OAuth2 sends a bearer token that tokenURL issues for two claims, the client's id
// and secret, by the client credentials grant (RFC 6749, section 4.4). A claim in
// braces in tokenURL, such as {tenant}, is replaced by its value. If it is a part
// of the host, the URL must lead to the public internet, as with AddressFrom. A
// tokenURL that begins with "/" is below the third party's address. Tokens are
// cached per credential. They are renewed before they expire, and once after a 401.
func OAuth2(tokenURL, id, secret string, scopes ...string) Auth {
	return func(claims relay.Claims) credential {
		config := &clientcredentials.Config{ClientID: claims.Get(id), ClientSecret: claims.Get(secret), Scopes: scopes}
		config.TokenURL = inBraces().ReplaceAllStringFunc(tokenURL, func(claim string) string {
			return url.PathEscape(claims.Get(strings.Trim(claim, "{}")))
		})
		return credential{oauth2: config, tokenFromUser: claimInHost().MatchString(tokenURL), secrets: []string{config.ClientSecret}}
	}
}

// Compiled when they are first needed, because most relays have no token URL.
var (
	inBraces    = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`\{[^{}]+\}`) })
	claimInHost = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^([a-z]+://)?[^/{]*\{`) })
)

// Signer calls sign to sign each request with the credentials in the claims, for
// example with AWS's Signature Version 4. body is the request's body. sign may set
// headers, and must not keep the claims. secrets are the names of the claims that
// must never be shown.
func Signer(sign func(r *http.Request, body []byte, claims relay.Claims) error, secrets ...string) Auth {
	return func(claims relay.Claims) credential {
		c := credential{sign: func(r *http.Request, body []byte) error { return sign(r, body, claims) }}
		for _, name := range secrets {
			if secret := claims.Get(name); secret != "" {
				c.secrets = append(c.secrets, secret)
			}
		}
		return c
	}
}

// AddressFrom takes the third party's address from a claim, for services that
// callers host themselves. It must begin with https:// or with the host, and be on
// the public internet. Otherwise the author of a token could explore the relay's
// network. UPSTREAM_ALLOW_LOCAL allows other addresses.
func AddressFrom(claim string, auth Auth) Auth {
	return func(claims relay.Claims) credential {
		c := auth(claims)
		c.fromUser, c.address = true, claims.Get(claim)
		return c
	}
}

// AddressBelow takes the third party's address from a claim, for services that have a
// host for each customer below one domain, such as "example.net". As with AddressFrom,
// it must be on the public internet, and UPSTREAM_ALLOW_LOCAL allows other addresses.
func AddressBelow(domain, claim string, auth Auth) Auth {
	from := AddressFrom(claim, auth)
	return func(claims relay.Claims) credential {
		c := from(claims)
		c.domain = domain
		return c
	}
}
