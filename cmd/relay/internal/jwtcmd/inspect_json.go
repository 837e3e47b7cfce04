package jwtcmd

import (
	"maps"
	"slices"
	"time"

	"github.com/serverless-relay/relay/shared/auth"
)

// inspection is what `relay jwt inspect --json` prints. It contains no credential.
type inspection struct {
	Algorithm string `json:"algorithm,omitempty"`
	KeyID     string `json:"key_id,omitempty"`
	// The times are in UTC, and zero if the claim is absent or not a time.
	IssuedAt     time.Time `json:"issued_at,omitzero"`
	NotBefore    time.Time `json:"not_before,omitzero"`
	Expires      time.Time `json:"expires,omitzero"`
	Provider     string    `json:"provider,omitempty"`
	Stage        string    `json:"stage,omitempty"`
	Audience     string    `json:"audience,omitempty"`
	Organization string    `json:"organization,omitempty"`
	KeysHost     string    `json:"keys_host,omitempty"`
	// Claims are the names of all claims, sorted.
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
		Claims: append([]string{}, slices.Sorted(maps.Keys(t.Claims))...), Signature: signature,
	}
}

// date returns the time in a claim. It is zero outside of the years that JSON's
// times can have.
func date(t auth.Unverified, claim string) time.Time {
	seconds, ok := t.Date(claim)
	if !ok || seconds < firstSecond || seconds > lastSecond {
		return time.Time{}
	}
	return time.Unix(int64(seconds), 0).UTC()
}
