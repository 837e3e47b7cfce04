package jwtcmd

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/serverless-relay/relay/cmd/relay/internal/console"
	"github.com/serverless-relay/relay/shared/auth"
)

// inspection is the report of `relay jwt inspect`. It contains no credential.
type inspection struct {
	Algorithm string `json:"algorithm,omitempty"`
	KeyID     string `json:"key_id,omitempty"`
	// The times are in UTC, and zero if the claim is absent or not a valid time.
	IssuedAt     time.Time `json:"issued_at,omitzero"`
	NotBefore    time.Time `json:"not_before,omitzero"`
	Expires      time.Time `json:"expires,omitzero"`
	Provider     string    `json:"provider,omitempty"`
	Stage        string    `json:"stage,omitempty"`
	Audience     string    `json:"audience,omitempty"`
	Organization string    `json:"organization,omitempty"`
	KeysHost     string    `json:"keys_host,omitempty"`
	// Header and Claims are the names of all header fields and claims, sorted.
	Header []string `json:"header"`
	Claims []string `json:"claims"`
	// Signature is empty if it was not checked.
	Signature string `json:"signature,omitempty"`
}

func newInspection(t auth.Unverified, signature string) inspection {
	return inspection{
		Algorithm: texts(t.Header["alg"]), KeyID: texts(t.Header["kid"]),
		IssuedAt: date(t, "iat"), NotBefore: date(t, "nbf"), Expires: date(t, "exp"),
		Provider: texts(t.Claims[auth.ProviderClaim]), Stage: texts(t.Claims[auth.StageClaim]),
		Audience: texts(t.Claims["aud"]), Organization: texts(t.Claims[auth.OrganizationClaim]), KeysHost: texts(t.Claims["jwks_host"]),
		Header: names(t.Header), Claims: names(t.Claims), Signature: signature,
	}
}

// text returns the inspection for people, one line for each property that is set.
func (i inspection) text(now time.Time) string {
	when := func(claim string, at time.Time) string {
		switch {
		case !slices.Contains(i.Claims, claim):
			return ""
		case at.IsZero():
			return "not a valid time"
		}
		return console.When(at, now)
	}
	var b strings.Builder
	for _, line := range [][2]string{
		{"algorithm", i.Algorithm},
		{"key id", i.KeyID},
		{"made", when("iat", i.IssuedAt)},
		{"valid from", when("nbf", i.NotBefore)},
		{"expires", cmp.Or(when("exp", i.Expires), "never")},
		{"provider", i.Provider},
		{"stage", i.Stage},
		{"audience", i.Audience},
		{"org id", i.Organization},
		{"keys at", i.KeysHost},
		{"header", strings.Join(i.Header, ", ")},
		{"claims", strings.Join(i.Claims, ", ")},
		{"signature", i.Signature},
	} {
		if line[1] != "" {
			fmt.Fprintf(&b, "%-10s %s\n", line[0], console.Printable(line[1]))
		}
	}
	return b.String()
}

// names returns the names of an object's members, sorted.
func names(object map[string]any) []string {
	return append([]string{}, slices.Sorted(maps.Keys(object))...) // [] in JSON, not null
}

// texts returns a value that is a string or a list of strings. Others are empty.
func texts(value any) string {
	switch value := value.(type) {
	case string:
		return value
	case []any:
		var all []string
		for _, part := range value {
			if text, ok := part.(string); ok {
				all = append(all, text)
			}
		}
		return strings.Join(all, ", ")
	}
	return ""
}

// date returns the time in a claim. It is zero unless it is in the years 1 to 9999,
// which JSON's times can have.
func date(t auth.Unverified, claim string) time.Time {
	const firstSecond, lastSecond = -62135596800, 253402300799 // since 1970
	seconds, ok := t.Date(claim)
	if !ok || seconds < firstSecond || seconds > lastSecond {
		return time.Time{}
	}
	return time.Unix(int64(seconds), 0).UTC()
}
