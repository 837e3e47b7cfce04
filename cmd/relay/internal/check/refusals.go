package check

import (
	"context"

	"github.com/serverless-relay/relay/shared/relay"
)

// wrongToken is an Authorization header that a relay must refuse.
type wrongToken struct {
	name          string
	authorization string
	with          string
	message       message
}

// denial is how messages about the token begin.
const denial = "Authorization failed: "

// denied is a message about the token.
func denied(reason string) message { return exactly(denial + reason) }

// wrongTokens are all of them. The protocol tells the message for each but for
// tokens without a signature. A relay may know only one of the two kinds of
// tokens; what it says of the other kind is its own affair.
func (r *runner) wrongTokens() []wrongToken {
	const stranger = "relay-check"
	hostless := forgedRS256(stranger, segment(map[string]string{"aud": r.URL}))
	foreign := forgedRS256(stranger, segment(map[string]string{"aud": r.URL, "jwks_host": "jwks.relay-check.invalid"}))
	noHost := denied("jwks_host is missing in JWT payload. Make sure custom_jwks_host field is present in module_type")
	wrongHost := denied("Wrong jwks_host in JWT payload. Make sure domain follows the visibility.<region>.cisco.com structure")
	badSignature := denied("Failed to decode JWT with provided key")
	if r.token.alg == rs256 {
		badSignature = badSignature.warnOnly()
	} else {
		noHost, wrongHost = noHost.warnOnly(), wrongHost.warnOnly()
	}
	return []wrongToken{
		{"no header", "", "", denied("Authorization header is missing")},
		{"another type of authorization", "Basic cmVsYXk6Y2hlY2s=", "Basic authorization", denied("Wrong authorization type")},
		{"not a token", "Bearer relay-check", "a word as the token", denied("Wrong JWT structure")},
		{"a token without its signature", "Bearer " + r.token.cut(), "the token cut off", denied("Wrong JWT structure")},
		{"a forged token", "Bearer " + r.token.resigned(), "the token signed with another key", badSignature},
		{"a token that says it needs no signature", "Bearer " + r.token.unsigned(), "the token with alg none", anything()},
		{"a platform's token without jwks_host", "Bearer " + hostless, "an RS256 token of our own, without jwks_host", noHost},
		{"a platform's token with a foreign jwks_host", "Bearer " + foreign, "an RS256 token of our own, with a jwks_host of our own", wrongHost},
	}
}

// refuses checks that a route refuses wrong tokens. The body is one that asks
// for nothing, should the relay not refuse.
func (r *runner) refuses(ctx context.Context, path, body string, wrong []wrongToken) {
	for _, w := range wrong {
		q := question{path: path, authorization: w.authorization, with: w.with, body: body}
		r.check(ctx, w.name, q, refused(relay.CodeAuthorization, w.message))
	}
}

// refusesFirst checks that the token is looked at before the body.
func (r *runner) refusesFirst(ctx context.Context, path string) {
	q := question{path: path, body: "{"}
	r.check(ctx, "no header, and a body that isn't JSON", q, refused(relay.CodeAuthorization, denied("Authorization header is missing")))
}
