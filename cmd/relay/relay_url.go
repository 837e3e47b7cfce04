package main

import (
	"fmt"
	"net"
	"net/url"
	"os"
	"strings"
)

// relayURL is the base URL of a relay.
type relayURL string

// UnmarshalText implements encoding.TextUnmarshaler.
func (u *relayURL) UnmarshalText(text []byte) error {
	address, err := secureURL(string(text), "a relay's URL", "https://relay.example.com")
	*u = relayURL(address)
	return err
}

// orEnvironment is the URL, or else the one in RELAY_URL, if that is set.
func (u relayURL) orEnvironment() (relayURL, error) {
	text := strings.TrimSpace(os.Getenv("RELAY_URL"))
	if u != "" || text == "" {
		return u, nil
	}
	if err := u.UnmarshalText([]byte(text)); err != nil {
		return "", usageError{fmt.Errorf("setting RELAY_URL: %w", err)}
	}
	return u, nil
}

// platformURL is where the platform's API is. Without a scheme it is https.
type platformURL string

// UnmarshalText implements encoding.TextUnmarshaler.
func (u *platformURL) UnmarshalText(text []byte) error {
	address := string(text)
	if !strings.Contains(address, "://") {
		address = "https://" + address
	}
	address, err := secureURL(address, "the platform's host", "visibility.amp.cisco.com")
	*u = platformURL(address)
	return err
}

// secureURL reads a base URL to which secrets are sent: https, or http on this
// machine. It loses the slash at its end. An error doesn't repeat the text: a
// password may be in it.
func secureURL(text, what, example string) (string, error) {
	u, err := url.Parse(strings.TrimSpace(text))
	switch {
	case err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http":
		return "", fmt.Errorf("%s is like %s", what, example)
	case u.User != nil || u.RawQuery != "" || u.ForceQuery || strings.Contains(text, "#"):
		return "", fmt.Errorf("%s has no user, no query and no fragment: paths are appended to it", what)
	case u.Scheme == "http" && !loopback(u.Hostname()):
		return "", fmt.Errorf("%s is https, for secrets are sent there; http is for this machine only", what)
	}
	return strings.TrimRight(u.String(), "/"), nil
}

// loopback says whether a host is this machine.
func loopback(host string) bool {
	ip := net.ParseIP(host)
	return strings.EqualFold(host, "localhost") || ip != nil && ip.IsLoopback()
}
