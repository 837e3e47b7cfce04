package auth_test

import (
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/serverless-relay/relay/shared/auth"
	"github.com/serverless-relay/relay/shared/relay"
)

// reasons are all the reasons for a refusal. A message that is one of them contains
// nothing of a token.
func reasons() []string {
	return []string{
		"Authorization header is missing", "Wrong authorization type", "Wrong JWT structure", wrongKey, wrongTime,
		"Wrong JWT payload structure", "<SECRET_KEY> is missing", wrongAud, unknownKid, missingHost, wrongHost, wrongOrg, wrongRelay,
	}
}

// Each header is refused for one of the reasons or has exactly the token that was
// signed. No claim of a verified token changes that.
func FuzzAuthenticate(f *testing.F) {
	good := hs256(secret, hsHeader, `{"key":"value","exp":99999999999}`)
	for _, header := range []string{
		"", "Bearer", "Bearer ", "Basic eA==", "Bearer a.b.c", "Bearer " + good, "bearer\t" + good, "Bearer " + good + ".",
		"Bearer " + hs256("other", hsHeader, `{}`), "Bearer " + hs256(secret, `{"alg":"none"}`, `{}`),
		"Bearer " + segment(rsHeader) + "." + segment(rsPayload) + ".AAAA",
		"Bearer " + segment(rsHeader) + "." + segment(`{"jwks_host":"attacker.example"}`) + ".AAAA",
	} {
		f.Add(header, hsHeader, `{"key":"value"}`)
	}
	f.Add("", `{"alg":"HS256","alg":"none"}`, `{"key":"value","nbf":1e999}`)
	f.Add("", rsHeader, rsPayload)
	f.Add("", hsHeader, `{"key":[{"key":"value"}],"":{},"exp":-0}`)
	f.Add("", hsHeader, `{"key":"value","relay_provider":"some","relay_stage":["dev"]}`)
	f.Add("", rsHeader, strings.Replace(rsPayload, "{", `{"`+orgClaim+`":"`+foreignOrg+`",`, 1))

	body := keySet(rsaJWK(f, "1", firstKey(), nil))
	authenticator := auth.New(auth.Options{
		SecretKey: secret, SecretKeyPrevious: previous, Credentials: []string{"key"},
		Provider: "some", Stage: "dev", Organizations: []string{ownOrg},
		JWKSHosts: []string{platformUS}, Client: &http.Client{Transport: &hosts{body: body}},
	})
	f.Fuzz(func(t *testing.T, header, head, payload string) {
		r := request(t, "")
		r.Header["Authorization"] = []string{header}
		claims, err := authenticator.Authenticate(r)
		check(t, claims, err)
		if err == nil {
			token := strings.Fields(header)[1]
			signed := token[:strings.LastIndexByte(token, '.')]
			if token != sealed(secret, signed) && token != sealed(previous, signed) {
				t.Errorf("accepted %q", token)
			}
		}

		claims, err = authenticator.Authenticate(request(t, hs256(secret, head, payload)))
		check(t, claims, err)
	})
}

var details = regexp.MustCompile(`^: (the claim key is missing or blank|its claim relay_(provider is not "some"|stage is not "dev")|` +
	`RELAY_ORGANIZATIONS does not contain [0-9a-f-]{36}|the token has no claim ` + orgClaim + ` that is a UUID)$`)

func check(t *testing.T, claims relay.Claims, err error) {
	t.Helper()
	if err == nil {
		if claims.Get("key") == "" {
			t.Error("accepted a token without its credential")
		}
		return
	}
	refusal, ok := errors.AsType[*relay.Error](err)
	if !ok {
		t.Fatalf("got error %v, want a refusal", err)
	}
	// The platform gets the message. The rest is for the log, and may contain the id of
	// an organization from the token.
	reason, ok := strings.CutPrefix(refusal.Message, "Authorization failed: ")
	detail := strings.TrimPrefix(err.Error(), refusal.Error())
	if !ok || !slices.Contains(reasons(), reason) || detail != "" && !details.MatchString(detail) {
		t.Errorf("got error %q", err)
	}
	if text := fmt.Sprintf("%+v", claims); text != "[claims]" || claims.Get("key") != "" {
		t.Error("a refusal came with claims")
	}
}
