package main

import (
	"strings"
	"testing"
)

func TestCheckUsage(t *testing.T) {
	c := newCLI(t)
	for _, tt := range []struct {
		args  []string
		code  int
		tells string
	}{
		{[]string{"check", "https://relay.example.com"}, exitUsage, "set RELAY_JWT, or pass --jwt"},
		{[]string{"check", "https://relay.example.com", "--jwt", "s3cret"}, exitUsage, "not a JWT"},
		{[]string{"check", "https://relay.example.com", "--jwt", "-"}, exitUsage, "the JWT is empty"},
		{[]string{"check", "http://relay.example.com", "--jwt", "a.b.c"}, exitUsage, "is https"},
		{[]string{"check", "relay.example.com", "--jwt", "a.b.c"}, exitUsage, "https://relay.example.com"},
		{[]string{"check", "https://ann:s3cret@relay.example.com", "--jwt", "a.b.c"}, exitUsage, "has no user"},
		{[]string{"check", "https://relay.example.com?a=b", "--jwt", "a.b.c"}, exitUsage, "no query"},
		{[]string{"check", "https://relay.example.com", "--observable", "evil.example"}, exitUsage, "TYPE=VALUE"},
		{[]string{"check", "https://relay.example.com", "--repeat", "1"}, exitUsage, "from 2 to 100"},
		{[]string{"check", "http://127.0.0.1:1", "--jwt", "e30.e30.e30"}, exitFailed, "can't be reached"},
	} {
		_, err := c.run(tt.code, tt.args...)
		want(t, err, tt.tells)
		if strings.Contains(err, "s3cret") {
			t.Errorf("%q: a secret is told: %s", tt.args, err)
		}
	}
}
