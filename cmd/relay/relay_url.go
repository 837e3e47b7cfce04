package main

import (
	"errors"
	"net"
	"net/url"
	"strings"
)

// relayURL is the base URL of a relay: https, for a token goes there, or http
// on this machine. It loses the slash at its end. It implements
// encoding.TextUnmarshaler.
type relayURL string

// UnmarshalText implements encoding.TextUnmarshaler.
func (u *relayURL) UnmarshalText(text []byte) error {
	parsed, err := url.Parse(strings.TrimSpace(string(text)))
	switch {
	case err != nil || parsed.Host == "" || parsed.Scheme != "https" && parsed.Scheme != "http":
		return errors.New("a relay's URL is like https://relay.example.com/dev")
	case parsed.User != nil || parsed.RawQuery != "" || parsed.ForceQuery || strings.Contains(string(text), "#"):
		return errors.New("a relay's URL has no user, no query and no fragment: routes are appended to it")
	case parsed.Scheme == "http" && !loopback(parsed.Hostname()):
		return errors.New("a relay's URL is https, for a token is sent there; http is for this machine only")
	}
	*u = relayURL(strings.TrimRight(parsed.String(), "/"))
	return nil
}

// loopback says whether a host is this machine.
func loopback(host string) bool {
	ip := net.ParseIP(host)
	return strings.EqualFold(host, "localhost") || ip != nil && ip.IsLoopback()
}
