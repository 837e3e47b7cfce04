package check

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"strings"

	"github.com/golang-jwt/jwt/v5"

	"github.com/serverless-relay/relay/shared/auth"
	"github.com/serverless-relay/relay/shared/redact"
	"github.com/serverless-relay/relay/shared/relay"
)

// token is the token that the relay accepts.
type token struct {
	auth.Unverified
	// encoded is the whole token. payload and signature are two of its segments.
	encoded, payload, signature string
}

// parseToken parses a token. Only the relay can verify it.
func parseToken(encoded string) (token, error) {
	t, err := auth.Parse(encoded)
	if err != nil {
		return token{}, err
	}
	segments := strings.Split(encoded, ".")
	return token{t, encoded, segments[1], segments[2]}, nil
}

// minSegment is the number of characters by which a part of the token is recognised.
// Fewer may be part of other words.
const minSegment = 16

// redact returns a text without the token, the beginnings of its parts, and the
// claims, which may be credentials.
func (t token) redact(text string) string {
	for _, part := range []string{t.encoded, t.payload, t.signature} {
		if len(part) < minSegment {
			continue
		}
		var b strings.Builder
		for {
			before, after, found := strings.Cut(text, part[:minSegment])
			b.WriteString(before)
			if !found {
				break
			}
			b.WriteString("[redacted]")
			n := 0
			for n < min(len(after), len(part)-minSegment) && after[n] == part[minSegment+n] {
				n++
			}
			text = after[n:]
		}
		text = b.String()
	}
	return redact.New(relay.NewClaims(t.Claims).Texts()...).Text(text)
}

// isIn reports whether a body contains the token's signature.
func (t token) isIn(body []byte) bool {
	return len(t.signature) >= minSegment && bytes.Contains(body, []byte(t.signature))
}

// isRS256 reports whether the platform signed the token.
func (t token) isRS256() bool { return t.Header["alg"] == jwt.SigningMethodRS256.Name }

// forged returns the claims of the token with the signature of another key.
func (t token) forged() string {
	if t.isRS256() {
		keyID, _ := t.Header["kid"].(string)
		return forgedRS256(keyID, t.payload)
	}
	content := segment(map[string]string{"alg": jwt.SigningMethodHS256.Name, "typ": "JWT"}) + "." + t.payload
	signature, _ := jwt.SigningMethodHS256.Sign(content, random(sha256.Size)) // any bytes are a key
	return content + "." + base64.RawURLEncoding.EncodeToString(signature)
}

// unsigned returns the claims of the token with alg none.
func (t token) unsigned() string {
	return segment(map[string]string{"alg": "none", "typ": "JWT"}) + "." + t.payload + "."
}

// forgedRS256 returns a token like the platform's. Its signature is random bytes, of
// the length that a key of 2,048 bits makes.
func forgedRS256(keyID, payload string) string {
	return segment(map[string]string{"alg": jwt.SigningMethodRS256.Name, "typ": "JWT", "kid": keyID}) + "." + payload + "." + base64.RawURLEncoding.EncodeToString(random(256))
}

// segment returns an object as a part of a token.
func segment(object map[string]string) string {
	return base64.RawURLEncoding.EncodeToString([]byte(encode(object)))
}

func random(n int) []byte {
	b := make([]byte, n)
	_, _ = rand.Read(b) // never fails
	return b
}

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
	hostless := forgedRS256(keyID, segment(map[string]string{"aud": url}))
	foreign := forgedRS256(keyID, segment(map[string]string{"aud": url, "jwks_host": "jwks.relay-check.invalid"}))
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
		{"a token with alg none", "Bearer " + t.unsigned(), "the token with alg none", anything()},
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
