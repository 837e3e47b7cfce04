package upstream

import (
	"crypto/sha256"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/serverless-relay/relay/shared/relay"
)

// identity is the hash of a credential and of where it is used: what may be
// kept in place of it.
type identity [sha256.Size]byte

// sendable is the credential with its headers' names as they are sent. It is an
// error, found before any call, where a value is blank or not printable ASCII:
// net/http refuses control characters only when it sends them, and servers read
// bytes beyond ASCII in ways of their own.
func sendable(title string, credential http.Header) (http.Header, error) {
	out := http.Header{}
	for name, values := range credential {
		for _, value := range values {
			if strings.TrimSpace(value) == "" || strings.IndexFunc(value, func(r rune) bool { return r < ' ' || r > '~' }) >= 0 {
				return nil, relay.Errorf(relay.CodeAuthorization,
					"The credential for %s is blank or has characters that can't be sent in a header. Copy it into the module's settings again.", title)
			}
			out.Add(name, value)
		}
	}
	return out, nil
}

// identify hashes a credential with its address.
func identify(credential http.Header, address Address) identity {
	h := sha256.New()
	h.Write([]byte(address.String()))
	for _, name := range slices.Sorted(maps.Keys(credential)) {
		for _, value := range credential[name] {
			h.Write([]byte("\x00" + strconv.Quote(name) + strconv.Quote(value)))
		}
	}
	return identity(h.Sum(nil))
}

// redact takes the credential out of a text that came from outside. Words of up
// to three characters stay: they are no secrets, and likely to be part of others.
func redact(text string, credential http.Header) string {
	for _, values := range credential {
		for _, value := range values {
			words := strings.Fields(value)
			if secret := words[len(words)-1]; len(secret) > 3 { // without "Bearer" and the like
				text = strings.ReplaceAll(text, secret, "[redacted]")
			}
		}
	}
	return text
}
