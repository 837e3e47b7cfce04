package entry_test

import (
	"testing"

	"github.com/serverless-relay/relay/providers/watchlist/entry"
	"github.com/serverless-relay/relay/shared/ctim"
)

func TestTooBroad(t *testing.T) {
	for o, want := range map[ctim.Observable]bool{
		{Type: ctim.TypeIP, Value: "192.168.1.1"}:              true,
		{Type: ctim.TypeIP, Value: "10.0.0.0/8"}:               true,
		{Type: ctim.TypeIP, Value: "127.0.0.1"}:                true,
		{Type: ctim.TypeIPv6, Value: "fe80::1"}:                true,
		{Type: ctim.TypeIP, Value: "8.8.8.8"}:                  true,
		{Type: ctim.TypeIPv6, Value: "2620:fe::fe"}:            true,
		{Type: ctim.TypeIP, Value: "64.0.0.0/3"}:               true,
		{Type: ctim.TypeIPv6, Value: "2000::/3"}:               true,
		{Type: ctim.TypeIP, Value: "198.51.100.0/24"}:          false,
		{Type: ctim.TypeIPv6, Value: "2001:db8::/32"}:          false,
		{Type: ctim.TypeDomain, Value: "com"}:                  true,
		{Type: ctim.TypeDomain, Value: "co.uk"}:                true,
		{Type: ctim.TypeDomain, Value: "google.com"}:           true,
		{Type: ctim.TypeHostname, Value: "www.microsoft.com"}:  true,
		{Type: ctim.TypeDomain, Value: "evil.google.com"}:      false,
		{Type: ctim.TypeDomain, Value: "evil.example"}:         false,
		{Type: ctim.TypeDomain, Value: "evil.blogspot.com"}:    false,
		{Type: ctim.TypeURL, Value: "https://google.com/evil"}: false,
	} {
		if got := entry.TooBroad(entry.Entry{Observable: o}); (got != "") != want {
			t.Errorf("%v: %q", o, got)
		}
	}
	if got := entry.TooBroad(entry.Entry{Observable: ctim.Observable{Type: ctim.TypeIP, Value: "8.8.8.8"}, Disposition: ctim.Clean}); got != "" {
		t.Errorf("clean: %q", got)
	}
	if got := entry.TooBroad(entry.Entry{Observable: ctim.Observable{Type: ctim.TypeIP, Value: "8.8.8.8"}, With: []ctim.Observable{{}}}); got != "" {
		t.Errorf("half of a group: %q", got)
	}
}
