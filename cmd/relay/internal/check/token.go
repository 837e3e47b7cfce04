package check

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/base64"
	"regexp"
	"strings"

	"github.com/serverless-relay/relay/shared/auth"
	"github.com/serverless-relay/relay/shared/redact"
	"github.com/serverless-relay/relay/shared/relay"
)

// token is the token that the relay accepts. payload and signature are two of its
// segments.
type token struct {
	auth.Unverified
	payload, signature string
}

// parseToken parses a token. Only the relay can verify it.
func parseToken(encoded string) (token, error) {
	t, err := auth.Parse(encoded)
	if err != nil {
		return token{}, err
	}
	segments := strings.Split(encoded, ".")
	return token{t, segments[1], segments[2]}, nil
}

// minSegment is the number of characters by which a segment is recognised. Fewer may
// be part of other words.
const minSegment = 16

// words may contain segments of a token.
var words = regexp.MustCompile(`[\w.-]{16,}`)

// redact returns a text without the token's payload and signature, even if they are cut
// off, and without the claims, which may be credentials.
func (t token) redact(text string) string {
	text = words.ReplaceAllStringFunc(text, func(word string) string {
		for _, secret := range []string{t.payload, t.signature} {
			if len(secret) >= minSegment && strings.Contains(word, secret[:minSegment]) {
				return "[redacted]"
			}
		}
		return word
	})
	return redact.New(relay.NewClaims(t.Claims).Texts()...).Text(text)
}

// isIn reports whether a body contains the token's signature.
func (t token) isIn(body []byte) bool {
	return len(t.signature) >= minSegment && bytes.Contains(body, []byte(t.signature))
}

// isRS256 reports whether the platform signed the token.
func (t token) isRS256() bool { return t.Header["alg"] == "RS256" }

// forged returns the claims of the token with another signature.
func (t token) forged() string {
	if t.isRS256() {
		keyID, _ := t.Header["kid"].(string)
		return forge("RS256", keyID, t.payload)
	}
	return forge("HS256", "", t.payload)
}

// forge returns a token with random bytes as its signature, as many as the algorithm
// has. With the algorithm none, the signature is empty.
func forge(alg, keyID, payload string) string {
	header := map[string]string{"alg": alg, "typ": "JWT"}
	if keyID != "" {
		header["kid"] = keyID
	}
	signature := make([]byte, map[string]int{"HS256": 32, "RS256": 256}[alg])
	_, _ = rand.Read(signature) // never fails
	return segment(encode(header)) + "." + payload + "." + segment(string(signature))
}

// segment returns a text as a segment of a token.
func segment(text string) string { return base64.RawURLEncoding.EncodeToString([]byte(text)) }

// wrongToken is an Authorization header that a relay must refuse. credential
// describes it.
type wrongToken struct {
	name, authorization, credential string
	message                         message
}

// denied is the beginning of messages about the token.
const denied = "Authorization failed: "

// wrongTokens returns the headers that a relay at a URL must refuse. Only an alg of
// none has no documented message. A relay may know only one of the two kinds of
// tokens, so its message about the other kind may differ.
func (t token) wrongTokens(url string) []wrongToken {
	const keyID = "relay-check"
	hostless := forge("RS256", keyID, segment(encode(map[string]string{"aud": url})))
	foreign := forge("RS256", keyID, segment(encode(map[string]string{"aud": url, "jwks_host": "jwks.relay-check.invalid"})))
	noHost := exactly(denied + "jwks_host is missing in JWT payload. Make sure custom_jwks_host field is present in module_type")
	wrongHost := exactly(denied + "Wrong jwks_host in JWT payload. Make sure domain follows the visibility.<region>.cisco.com structure")
	badSignature := exactly(denied + "Failed to decode JWT with provided key")
	badSignature.loose = t.isRS256()
	noHost.loose, wrongHost.loose = !t.isRS256(), !t.isRS256()
	wrongStructure := exactly(denied + "Wrong JWT structure")
	return []wrongToken{
		{"no header", "", "", exactly(denied + "Authorization header is missing")},
		{"another type of authorization", "Basic cmVsYXk6Y2hlY2s=", "Basic authorization", exactly(denied + "Wrong authorization type")},
		{"not a token", "Bearer relay-check", "a word as the token", wrongStructure},
		{"a token without its signature", "Bearer " + t.Signed, "the token without its signature", wrongStructure},
		{"a forged token", "Bearer " + t.forged(), "the token signed with another key", badSignature},
		{"a token with alg none", "Bearer " + forge("none", "", t.payload), "the token with alg none", anything()},
		{"a forged RS256 token without jwks_host", "Bearer " + hostless, "a forged RS256 token without jwks_host", noHost},
		{"a forged RS256 token with another jwks_host", "Bearer " + foreign, "a forged RS256 token with another jwks_host", wrongHost},
	}
}

// refusesTokens checks that a route refuses wrong tokens. The body must have no
// effect if the relay accepts them.
func (r *runner) refusesTokens(ctx context.Context, path, body string) {
	for _, w := range r.wrong {
		q := request{path: path, authorization: w.authorization, credential: w.credential, body: body}
		r.check(ctx, w.name, q, refused(relay.CodeAuthorization, w.message))
	}
}
