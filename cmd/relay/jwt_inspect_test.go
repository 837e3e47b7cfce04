package main

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/serverless-relay/relay/shared/auth"
)

// sign returns a token with any claims.
func sign(t testing.TB, key string, claims map[string]any) string {
	t.Helper()
	token, err := auth.Sign(key, claims)
	if err != nil {
		t.Fatal(err)
	}
	return token
}

func TestInspect(t *testing.T) {
	c := newProject(t, moduleOfTwo)
	token := sign(t, oldKey, map[string]any{
		"AuthKey": "s3cr3t", "CTR\x1b[31m": "s3cr3t", "list": []string{"s3cr3t"}, "deep": map[string]any{"s3cr3t": 1},
		"iat": 1767225600, "nbf": 1767225600.5, "exp": 253402300799, "aud": []any{"https://relay.example", 7}, "jwks_host": "visibility.amp.cisco.com",
	})
	out, _ := c.run(0, "jwt", "inspect", token)
	want(t, out, "algorithm  HS256\n", "header     alg, typ\n", "made       2026-01-01 00:00:00 UTC (", "valid from 2026-01-01 00:00:00 UTC (", "expires    9999-12-31 23:59:59 UTC (in 7,",
		"audience   https://relay.example\n", "keys at    visibility.amp.cisco.com\n", "claims     AuthKey, CTR\ufffd[31m, aud, deep, exp, iat, jwks_host, list, nbf\n")
	if strings.Contains(out, "s3cr3t") || strings.Contains(out, "signature") {
		t.Errorf("got %s", out)
	}
	for _, other := range []string{token + "\n", "Bearer " + token, " authorization:  bearer\t" + token + "\r\n"} {
		for _, args := range [][]string{{"jwt", "inspect"}, {"jwt", "inspect", "-"}} {
			if got, _ := c.runWith(t.Context(), other, 0, args...); got != out {
				t.Errorf("%q: got %s", other, got)
			}
		}
	}
	if got, _ := c.run(0, "jwt", "inspect", "Bearer", token); got != out {
		t.Errorf("in two words: got %s", got)
	}
	platform := "eyJhbGciOiJSUzI1NiIsImtpZCI6IjAyQjFBIn0.eyJhdWQiOiJodHRwczovL3IuZXhhbXBsZSJ9.AAAA"
	out, _ = c.run(0, "jwt", "inspect", platform)
	want(t, out, "algorithm  RS256\n", "key id     02B1A\n", "audience   https://r.example\n", "expires    never\n")
}

func TestInspectAsJSON(t *testing.T) {
	c := newProject(t, moduleOfTwo)
	t.Setenv("SECRET_KEY", oldKey)
	token := sign(t, oldKey, map[string]any{"AuthKey": "s3cr3t", "exp": 1767225600, "iat": 1e300, "nbf": "soon", "relay_stage": "dev"})
	out, _ := c.run(exitFailed, "jwt", "inspect", "--json", "--verify", token)
	want(t, out, `"algorithm": "HS256"`, `"expires": "2026-01-01T00:00:00Z"`, `"stage": "dev"`, `"AuthKey",`, `"signature": "valid, with SECRET_KEY"`)
	if strings.Contains(out, "s3cr3t") || strings.Contains(out, "issued_at") || strings.Contains(out, "not_before") || !json.Valid([]byte(out)) {
		t.Errorf("got %s", out)
	}
}

func TestInspectOfInvalidTimes(t *testing.T) {
	c := newProject(t, moduleOfTwo)
	for claim, wanted := range map[any]string{"soon": "not a valid time", 1e300: "not a valid time", -1e300: "not a valid time", 1000: "1970-01-01 00:16:40 UTC (5"} {
		out, _ := c.run(0, "jwt", "inspect", sign(t, oldKey, map[string]any{"exp": claim}))
		want(t, out, "expires    "+wanted)
	}
}

func TestInspectVerifies(t *testing.T) {
	hour := time.Now().Add(time.Hour).Unix()
	expired := time.Now().Add(-time.Hour).Unix()
	file := "SECRET_KEY=" + otherKey + "\nSECRET_KEY_PREVIOUS=" + oldKey + "\n"
	none, inFile := map[string]any{}, []string{"--stage", "dev"}
	tests := map[string]struct {
		token, key string
		args       []string
		code       int
		want       string
	}{
		"environment":          {token: sign(t, oldKey, none), key: oldKey, args: []string{"--verify"}, want: "signature  valid, with SECRET_KEY\n"},
		"file":                 {token: sign(t, otherKey, map[string]any{"exp": hour}), args: inFile, want: "valid, with SECRET_KEY\n"},
		"previous key":         {token: sign(t, oldKey, none), args: inFile, want: "valid, with SECRET_KEY_PREVIOUS\n"},
		"another key":          {token: sign(t, oldKey, none), key: otherKey, args: []string{"--verify"}, code: exitFailed, want: "signature  invalid\n"},
		"no key":               {token: sign(t, oldKey, none), args: []string{"--verify"}, code: exitFailed, want: "no SECRET_KEY to verify with"},
		"no key for the stage": {token: sign(t, oldKey, none), args: []string{"--stage", "prod"}, code: exitFailed, want: "no SECRET_KEY to verify with"},
		"no stage":             {token: sign(t, oldKey, none), args: []string{"--stage", "test"}, code: exitFailed, want: "no such stage"},
		"of this relay":        {token: sign(t, otherKey, map[string]any{"relay_provider": "some", "relay_stage": "dev"}), args: inFile, want: "stage      dev\n"},
		"of another stage":     {token: sign(t, otherKey, map[string]any{"relay_stage": "prod"}), args: inFile, code: exitFailed, want: "its claim relay_stage is not dev"},
		"of another provider":  {token: sign(t, otherKey, map[string]any{"relay_provider": "misp"}), args: inFile, code: exitFailed, want: "its claim relay_provider is not some"},
		"of any stage":         {token: sign(t, oldKey, map[string]any{"relay_stage": "prod"}), key: oldKey, args: []string{"--verify"}, want: "valid, with SECRET_KEY\n"},
		"expired":              {token: sign(t, oldKey, map[string]any{"exp": expired}), args: inFile, code: exitFailed, want: "not valid at this time"},
		"not yet":              {token: sign(t, oldKey, map[string]any{"nbf": hour}), args: inFile, code: exitFailed, want: "not valid at this time"},
		"of the platform":      {token: "eyJhbGciOiJSUzI1NiJ9.e30.AAAA", args: inFile, code: exitFailed, want: "XDR signed"},
		"unsigned":             {token: "eyJhbGciOiJub25lIn0.e30.", args: inFile, code: exitFailed, want: "no algorithm except"},
		"extended":             {token: "eyJhbGciOiJIUzI1NiIsImNyaXQiOlsiYjY0Il19.e30.AAAA", args: inFile, code: exitFailed, want: "crit"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			c := newProject(t, moduleOfTwo)
			c.put(".env.dev", file)
			t.Setenv("SECRET_KEY", test.key)
			out, text := c.run(test.code, append([]string{"jwt", "inspect", test.token}, test.args...)...)
			want(t, out+text, test.want, "algorithm  ")
			if strings.Contains(out+text, oldKey) || strings.Contains(out+text, otherKey) || strings.Contains(out+text, test.token) {
				t.Errorf("a secret is in %s%s", out, text)
			}
		})
	}
}

func TestInspectRefusesGarbage(t *testing.T) {
	c := newProject(t, moduleOfTwo)
	for input, wanted := range map[string]string{
		"":                               "no token: the input is empty",
		"Bearer":                         "no token: the input is empty",
		"s3cr3t s3cr3t":                  "not a JWT: a JWT is one word, and the input has 2",
		"s3cr3t":                         "not a JWT: a JWT has 2 dots, and this text has 0",
		"eyJhbGciOiJub25lIn0.e30":        "not a JWT: a JWT has 2 dots, and this text has 1",
		"s3cr3t\x1b.e30.":                "not a JWT: its header is not base64url",
		"e30.czNjcjN0.":                  "not a JWT: its payload is not a JSON object",
		"e30.e30.s3cr3t==":               "not a JWT: its signature is not base64url",
		strings.Repeat("s3cr3t.", 1<<20): "more than 1,048,576 bytes",
	} {
		out, text := c.runWith(t.Context(), input, exitFailed, "jwt", "inspect")
		want(t, text, wanted)
		if out != "" || strings.Contains(text, "s3cr3t") {
			t.Errorf("%.40q: %s%s", input, out, text)
		}
	}
}
