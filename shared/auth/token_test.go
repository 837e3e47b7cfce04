package auth_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/serverless-relay/relay/shared/auth"
)

func TestParse(t *testing.T) {
	encoded := hs256(secret, hsHeader, `{"key":"v4lue","exp":1}`)
	got, err := auth.Parse(encoded)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(map[string]any{"alg": "HS256", "typ": "JWT"}, got.Header); diff != "" {
		t.Errorf("header: %s", diff)
	}
	if diff := cmp.Diff(map[string]any{"key": "v4lue", "exp": json.Number("1")}, got.Claims); diff != "" {
		t.Errorf("claims: %s", diff)
	}
	if sealed(secret, got.Signed) != encoded || len(got.Signature) != 32 {
		t.Errorf("signed %q, signature of %d bytes", got.Signed, len(got.Signature))
	}
	raw, _ := json.Marshal(got)
	for _, text := range []string{fmt.Sprintf("%v %+v %#v %s", got, &got, got, got), string(raw)} {
		if strings.Contains(text, "v4lue") || strings.Contains(text, "HS256") {
			t.Errorf("it prints as %s", text)
		}
	}
}

func TestParseSaysWhichPartIsWrong(t *testing.T) {
	tests := map[string]struct{ token, want string }{
		"nothing":           {"", "this text has 0"},
		"two parts":         {segment(hsHeader) + "." + segment(`{}`), "this text has 1"},
		"four parts":        {"s3cr3t.s3cr3t.s3cr3t.s3cr3t", "this text has 3"},
		"header":            {"s3cr3t!." + segment(`{}`) + ".", "header is not base64url"},
		"padding":           {segment(hsHeader) + ".e30=.", "payload is not base64url"},
		"signature":         {segment(hsHeader) + "." + segment(`{}`) + ".s3cr3t+", "signature is not base64url"},
		"header no JSON":    {segment("s3cr3t") + "." + segment(`{}`) + ".", "header is not a JSON object"},
		"payload no object": {segment(hsHeader) + "." + segment(`["s3cr3t"]`) + ".", "payload is not a JSON object"},
		"name twice":        {segment(hsHeader) + "." + segment(`{"a":"s3cr3t","a":"b"}`) + ".", "payload is not a JSON object with different names"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := auth.Parse(test.token)
			if err == nil || !strings.Contains(err.Error(), test.want) || strings.Contains(err.Error(), "s3cr3t") {
				t.Errorf("got error %v, want one with %q", err, test.want)
			}
			if got.Header != nil || got.Claims != nil {
				t.Error("got parts of it beside the error")
			}
		})
	}
}

func TestDate(t *testing.T) {
	token, err := auth.Parse(hs256(secret, hsHeader, `{"exp":1.5,"nbf":"1","iat":1e999}`))
	if err != nil {
		t.Fatal(err)
	}
	if got, ok := token.Date("exp"); !ok || got != 1.5 {
		t.Errorf("exp: got %v, %v", got, ok)
	}
	for _, claim := range []string{"nbf", "iat", "absent"} {
		if got, ok := token.Date(claim); ok {
			t.Errorf("%s: got %v", claim, got)
		}
	}
}
