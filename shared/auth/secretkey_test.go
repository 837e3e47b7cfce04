package auth_test

import (
	"regexp"
	"strings"
	"testing"

	"github.com/serverless-relay/relay/shared/auth"
)

func TestNewSecretKey(t *testing.T) {
	pattern := regexp.MustCompile(`^[A-Za-z0-9]{64}$`)
	seen := make(map[string]bool)
	counts := make(map[rune]int)
	for range 1000 {
		key := auth.NewSecretKey()
		if !pattern.MatchString(key) {
			t.Fatalf("got %q", key)
		}
		if seen[key] {
			t.Fatalf("got %q twice", key)
		}
		seen[key] = true
		for _, c := range key {
			counts[c]++
		}
	}
	// 64,000 characters of 32 kinds: 2,000 of each, with a standard deviation
	// of 44. A difference of ten deviations is no chance.
	if len(counts) != 32 {
		t.Errorf("got %d kinds of characters", len(counts))
	}
	for c, n := range counts {
		if n < 1560 || n > 2440 {
			t.Errorf("%q is there %d times", c, n)
		}
	}
}

func TestSign(t *testing.T) {
	token, err := auth.Sign(secret, map[string]any{"key": "value"})
	if err != nil {
		t.Fatal(err)
	}
	// Header and payload with their members in alphabetical order.
	if want := hs256(secret, hsHeader, `{"key":"value"}`); token != want {
		t.Errorf("got %s, want %s", token, want)
	}
}

func TestSignWithoutClaims(t *testing.T) {
	token, err := auth.Sign(secret, nil)
	if err != nil {
		t.Fatal(err)
	}
	if want := hs256(secret, hsHeader, `{}`); token != want {
		t.Errorf("got %s, want %s", token, want)
	}
}

func TestSignRefuses(t *testing.T) {
	tests := map[string]struct {
		key    string
		claims map[string]any
	}{
		"empty key":          {claims: map[string]any{"key": "v4lue"}},
		"blank key":          {key: " \n", claims: map[string]any{"key": "v4lue"}},
		"claim not for JSON": {key: secret, claims: map[string]any{"key": "v4lue", "f": func() {}}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			token, err := auth.Sign(test.key, test.claims)
			if err == nil || token != "" {
				t.Fatalf("got %q, %v", token, err)
			}
			if strings.Contains(err.Error(), "v4lue") || strings.Contains(err.Error(), secret) {
				t.Errorf("the error %q holds a secret", err)
			}
		})
	}
}
