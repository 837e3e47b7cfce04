package jwtcmd

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/serverless-relay/relay/shared/auth"
	"github.com/serverless-relay/relay/shared/console"
	"github.com/serverless-relay/relay/shared/relay"
)

const oldKey = "OLDKEY4WQ7ZT2MRX5VB3HJ6NDAFC8GPSUEOLDKEY4WQ7ZT2MRX5VB3HJ6NDAFC8G"

// For any token, no value of a claim that may be a credential is shown, and no
// control character.
func FuzzInspect(f *testing.F) {
	f.Add("key", "s3cr3t-value", "exp", 1e9)
	f.Add("a\x1b[31m", "\u202e", "nbf", -1e300)
	f.Add("exp", "soon", "iat", 0.5)
	f.Fuzz(func(t *testing.T, name, value, date string, at float64) {
		const marker = "5ECRET"
		if slices.Contains([]string{"aud", "jwks_host", relay.ProviderClaim, relay.StageClaim, auth.OrganizationClaim}, name) || !utf8.ValidString(name) || !utf8.ValidString(date) {
			return // these are shown; JSON has no such names
		}
		token, err := auth.Sign(oldKey, map[string]any{name: marker + value, date: at})
		if err != nil || strings.Contains(name+date, marker) {
			return
		}
		parsed, err := auth.Parse(token)
		if err != nil {
			t.Fatalf("made a token that can't be parsed: %v", err)
		}
		report := newInspection(parsed, "").text(time.Unix(1e9, 0))
		if strings.Contains(report, marker) {
			t.Errorf("a value is shown: %s", report)
		}
		for _, line := range strings.Split(strings.TrimSuffix(report, "\n"), "\n") {
			if console.Printable(line) != line {
				t.Errorf("not printable: %q", line)
			}
		}
		if fmt.Sprint(parsed) != "[unverified token]" {
			t.Error("the token prints itself")
		}
	})
}

// Any text is a token, or an error that doesn't quote it.
func FuzzInspectGarbage(f *testing.F) {
	for _, text := range []string{"", "a.b.c", "e30.e30.", "eyJhIjoxfQ.eyJleHAiOjFlOTk5fQ.AAAA", "..", "Bearer e30.e30.AA"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		parsed, err := auth.Parse(text)
		if err != nil {
			if !strings.HasPrefix(err.Error(), "not a JWT: ") || len(err.Error()) > 100 {
				t.Errorf("%q: %v", text, err)
			}
			return
		}
		if report := newInspection(parsed, "").text(time.Unix(1e9, 0)); !strings.Contains(report, "expires") {
			t.Errorf("%q: %s", text, report)
		}
	})
}
