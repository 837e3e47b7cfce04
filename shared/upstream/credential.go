package upstream

import (
	"crypto/sha256"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"golang.org/x/oauth2/clientcredentials"

	"github.com/serverless-relay/relay/shared/redact"
	"github.com/serverless-relay/relay/shared/relay"
)

// credential is a caller's credential as it is sent.
type credential struct {
	header http.Header
	query  url.Values
	oauth2 *clientcredentials.Config
	// tokenFromUser is true if claims are a part of the token's URL.
	tokenFromUser bool
	sign          func(r *http.Request, body []byte) error
	// fromUser is true if the address comes from the caller's claims.
	fromUser bool
	address  string
	// domain is that of the third party, below which the address must be, or "".
	domain string
	// secrets must never be shown.
	secrets []string
}

// identity is the hash of a credential and the address that it is for. It is kept
// instead of the credential.
type identity [sha256.Size]byte

// check refuses credentials that can't be sent, before any call. net/http refuses
// control characters only when it sends them. Servers decode bytes beyond ASCII in
// different ways.
func (c credential) check(title string) error {
	for _, secret := range c.secrets {
		if strings.TrimSpace(secret) == "" {
			return relay.Errorf(relay.CodeAuthorization, "The credential for %s is blank. Copy it into the module's settings again.", title)
		}
	}
	for _, values := range c.header {
		for _, value := range values {
			if strings.TrimSpace(value) == "" || strings.IndexFunc(value, func(r rune) bool { return r < ' ' || r > '~' }) >= 0 {
				return relay.Errorf(relay.CodeAuthorization,
					"The credential for %s is blank or has characters that can't be sent in a header. Copy it into the module's settings again.", title)
			}
		}
	}
	return nil
}

// identify hashes the credential with the address.
func (c credential) identify(address Address) identity {
	h := sha256.New()
	fmt.Fprintf(h, "%q%q%q%q", address, c.header, c.query, c.secrets)
	if c.oauth2 != nil {
		fmt.Fprintf(h, "%q%q%q", c.oauth2.ClientID, c.oauth2.TokenURL, c.oauth2.Scopes)
	}
	return identity(h.Sum(nil))
}

// redact removes the secrets and a caller's address from a third party's text.
func (c credential) redact(text string) string {
	return redact.New(append(slices.Clip(c.secrets), c.address)...).Text(text)
}
